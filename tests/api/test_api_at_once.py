"""Pages that are read on the event loop: the same as those that threads read, and no fault of theirs is a client's."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from api import about_one, ranked_pages
from api import at_once as module
from api import lines as lines_module
from api.direct import Prepared
from api.formats import routes
from api.lines import Lines
from api.standing import Standing
from api.statistics.freshness import Sights
from inventory.engine import database_url
from inventory.settings import Settings
from tests.api.stock import T0, Stock, stock_of

ROWS = 30
ASKED = [
    "limit=7",
    "limit=7&sort=-price&fields=id",
    "limit=7&sort=hours,-year&status=active",
    "limit=7&count=none&shape=array",
    "limit=7&dedup=unit&strict=1",
    "limit=7&category=excavators&price__gte=1&currency=EUR",
    "limit=7&near=50,8&within_km=500",
]


@pytest.fixture
def at_once(postgres_settings: Settings, client_for: Callable[..., TestClient]) -> TestClient:
    """A client of the API over a few listings that knows already what stands beside them."""
    with stock_of(postgres_settings) as stock:
        _fill(stock)
        _link(stock)
    client = client_for(postgres_settings)
    client.app.state.sights = Sights(clock=lambda: 0.0)  # type: ignore[attr-defined]  # known for as long as a test takes
    for asked in ASKED:
        _walked(client, asked)
    return client


def _fill(stock: Stock) -> None:
    dealer = stock.dealer()
    for number in range(ROWS):
        details = {"price": 1000 + number, "currency": "EUR", "category": "excavators"} if number % 3 else {}
        stock.listing(
            dealer,
            lat=50 + number / 50,
            lon=8.0,
            hours=number // 4 if number % 5 else None,
            year=2000 + number % 9,
            title=f"Boom {number}",
            **details,
        )


def _link(stock: Stock) -> None:
    """Unit 1 has two listings and a pair with one of unit 2; unit 2 is listed and gone 120 times."""
    stock.unit(1, 2)
    stock.unit(3)
    stock.pair(2, 3)
    for number in range(120):
        stock.event(3, "delisted" if number % 2 else "relisted", at=T0 + timedelta(days=number))


def _walked(client: TestClient, asked: str) -> list[Any]:
    """Every page to the end, without what depends on the moment and on who is asked."""
    url: str | None = f"/v1/listings?{asked}"
    pages: list[Any] = []
    while url is not None:
        answer = client.get(url)
        assert answer.status_code == 200
        pages.append(answer.json())
        url = answer.links.get("next", {}).get("url")
    return pages


def _no_thread(*_: Any) -> Any:
    raise AssertionError("a thread was asked")


def _slow(*_: Any) -> Any:
    """In the place of a page's statements: one that takes half a minute."""
    return (Prepared("SELECT pg_sleep(30) LIMIT $1", (None,), ("most_rows",)),), {}


@pytest.mark.parametrize("asked", ["limit=7&count=none", "limit=7&count=estimated&sort=-year"])
def test_what_stands_beside_the_rows_is_known_and_no_thread_is_asked(
    at_once: TestClient, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    by_threads = _walked(at_once, asked)
    monkeypatch.setattr(routes, "formatted_answer", _no_thread)
    assert _walked(at_once, asked) == by_threads
    assert sum(len(page["data"]) for page in by_threads) == ROWS


@pytest.mark.parametrize("asked", ASKED[:-1])  # what is behind the first page around a place is for threads
def test_what_was_counted_exactly_is_not_counted_again_while_nobody_writes(
    at_once: TestClient, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    by_threads = _walked(at_once, asked)
    monkeypatch.setattr(routes, "formatted_answer", _no_thread)
    assert _walked(at_once, asked) == by_threads


def test_after_a_write_the_next_page_counts_what_is_there_now(at_once: TestClient, postgres_settings: Settings) -> None:
    asked = "/v1/listings?limit=7&currency=EUR&sort=-price"
    engine = create_engine(database_url(postgres_settings.write_url))
    there = at_once.get(asked).json()["count"]
    for sold in range(1, 4):
        assert [at_once.get(asked).json()["count"] for _ in range(3)] == [there - sold + 1] * 3
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM listings WHERE price = :price"), {"price": 1000 + sold + sold // 3})
        found = at_once.get(asked).json()
        assert (found["count"], found["status"]["active"]) == (there - sold, there - sold)
    engine.dispose()


def test_what_was_ranked_is_ranked_again_only_after_a_write(
    at_once: TestClient, monkeypatch: pytest.MonkeyPatch, postgres_settings: Settings
) -> None:
    asked = "q=boom&limit=7"
    found = _walked(at_once, asked)
    with monkeypatch.context() as here:
        here.setattr(ranked_pages, "_ranked", _no_thread)
        assert _walked(at_once, asked) == found
    engine = create_engine(database_url(postgres_settings.write_url))
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM listings WHERE title = 'Boom 4'"))
    engine.dispose()
    pages = _walked(at_once, asked)
    assert [page["count"] for page in pages] == [ROWS - 1] * len(pages)
    assert sum(len(page["data"]) for page in pages) == ROWS - 1


def test_rows_of_another_version_than_the_counts_are_read_anew() -> None:
    standing = Standing()
    standing.saw("1")
    assert standing.version is None
    standing.saw("1")
    assert standing.version == "1"
    assert standing.hold([("a", "1"), ("b", "1")], "1")
    assert not standing.hold([], "1")
    assert not standing.hold([("a", "1"), ("b", "2")], "1")
    assert standing.version is None
    assert standing.hold([("a", "3")], None)


@pytest.mark.parametrize("about", ["listings/1", "units/1"])
def test_one_thing_is_told_without_a_thread_as_a_thread_tells_it(
    at_once: TestClient, monkeypatch: pytest.MonkeyPatch, about: str
) -> None:
    with monkeypatch.context() as here:
        here.setattr(about_one, "run_in_threadpool", _no_thread)
        found = at_once.get(f"/v1/{about}").json()
    at_once.app.state.lines = None  # type: ignore[attr-defined]
    assert found == at_once.get(f"/v1/{about}").json()
    assert about == "listings/1" or len(found["data"]["pairs"][0]["listings"]) == 2


def test_of_what_has_much_to_tell_a_thread_tells_all(at_once: TestClient) -> None:
    assert len(at_once.get("/v1/listings/3").json()["data"]["events"]) == 120
    assert at_once.get("/v1/units/2").json()["data"]["days_on_market"] is not None
    assert at_once.get("/v1/units/99").status_code == at_once.get("/v1/listings/99").status_code == 404


@pytest.mark.parametrize("asked", ASKED)
def test_every_page_is_what_a_thread_reads(at_once: TestClient, asked: str) -> None:
    found = _walked(at_once, asked)
    at_once.app.state.lines = None  # type: ignore[attr-defined]
    assert found == _walked(at_once, asked)


def test_a_lost_line_costs_no_answer(at_once: TestClient, postgres_settings: Settings) -> None:
    asked = "/v1/listings?limit=7&count=none"
    lines: Lines = at_once.app.state.lines  # type: ignore[attr-defined]
    assert at_once.get(asked).status_code == 200
    assert lines.free == 1
    engine = create_engine(database_url(postgres_settings.write_url))
    with engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()
    assert [at_once.get(asked).status_code for _ in range(3)] == [200, 200, 200]


def test_where_all_lines_are_in_use_a_thread_is_asked(at_once: TestClient) -> None:
    app: Any = at_once.app
    app.state.lines = Lines(app.state.database, app.state.settings, most=0)
    assert at_once.get("/v1/listings?limit=7&count=none").json()["data"]


def test_a_statement_that_takes_too_long_is_a_problem_and_not_asked_twice(
    at_once: TestClient, monkeypatch: pytest.MonkeyPatch, postgres_settings: Settings
) -> None:
    app: Any = at_once.app
    app.state.lines = Lines(app.state.database, postgres_settings.model_copy(update={"statement_timeout_ms": 100}))
    monkeypatch.setattr(module, "page_prepared", _slow)
    monkeypatch.setattr(routes, "formatted_answer", _no_thread)
    answer = at_once.get("/v1/listings?limit=7&count=none")
    assert answer.status_code == 503
    assert answer.json()["type"].endswith("query-timeout")


@pytest.mark.parametrize(
    "asked",
    [
        "limit=2&title=" + "x" * 2000,
        "limit=2&" + "&".join(f"title__contains=q{number}" for number in range(40)),
        "limit=2&make=" + ",".join(f"m{number}" for number in range(40)),
        "limit=2&near=Tulsa,+OK&within_km=30",
    ],
)
def test_what_costs_more_than_a_moment_before_anything_is_asked_is_left_to_threads(
    at_once: TestClient, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    async def not_on_the_loop(*_: Any) -> Any:
        raise AssertionError("the event loop read it")

    monkeypatch.setattr(routes, "page_at_once", not_on_the_loop)
    assert at_once.get(f"/v1/listings?{asked}").status_code == 200


def test_pages_behind_the_first_around_a_place_are_left_to_threads(
    at_once: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    around = "/v1/listings?limit=7&near=50,8&within_km=500&count=none"
    first = at_once.get(around)
    monkeypatch.setattr(routes, "formatted_answer", _no_thread)
    assert at_once.get(around).json()["data"] == first.json()["data"]
    with pytest.raises(AssertionError, match="a thread was asked"):
        at_once.get(first.links["next"]["url"])


def test_all_rows_on_a_page_are_counted_by_what_is_there(at_once: TestClient) -> None:
    found = at_once.get("/v1/listings?title__contains=nobody&sort=hours").json()
    assert (found["data"], found["count"], found["count_kind"]) == ([], 0, "exact")


def test_a_server_that_says_nothing_is_waited_for_no_longer_than_a_statement_may_take(
    at_once: TestClient, monkeypatch: pytest.MonkeyPatch, postgres_settings: Settings
) -> None:
    app: Any = at_once.app
    monkeypatch.setattr(lines_module, "GRACE_S", -14.8)  # the server's own limit of 15 s is not the one that is tried
    app.state.lines = Lines(app.state.database, postgres_settings)
    monkeypatch.setattr(module, "page_prepared", _slow)
    started = time.monotonic()
    assert at_once.get("/v1/listings?limit=7&count=none").json()["data"]  # by a thread
    assert time.monotonic() - started < 5


def test_what_fails_before_a_server_is_reached_is_no_fault_of_ours(
    at_once: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    app: Any = at_once.app
    app.state.lines = None
    read, tries = app.state.database.read, []

    def starting_up() -> Any:
        tries.append(1)
        raise OperationalError("", {}, psycopg.OperationalError("the database system is starting up"))

    monkeypatch.setattr(app.state.database, "read", starting_up)
    answer = at_once.get("/v1/listings/1")
    assert (answer.status_code, answer.headers["Retry-After"], len(tries)) == (503, "1", 2)
    monkeypatch.setattr(app.state.database, "read", read)
    assert at_once.get("/v1/listings/1").status_code == 200

"""What must not be kept, nor waited for: exports, answers to HEAD, and what was counted of other data."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient

from api import pages
from api.formats import routes
from api.formats.answering import formatted_answer
from api.serving.answers import Answers
from api.serving.in_turn import InTurn
from api.serving.near import Near
from api.serving.redis_link import RedisLink
from inventory.settings import Settings
from tests.api.stock import Stock, stock_of
from tests.servers.redis import RedisServer

ClientFor = Callable[..., TestClient]


def _with(settings: Settings, server: RedisServer) -> Settings:
    return Settings(database_url=settings.database_url, redis_url=server.url)


@pytest.mark.parametrize("path", ["listings?shape=array", "units?shape=array", "listings?limit=2", "listings.csv"])
def test_a_head_leaves_nothing_behind_for_a_get(
    any_settings: Settings, redis_server: RedisServer, client_for: ClientFor, path: str
) -> None:
    with stock_of(any_settings) as stock:
        stock.unit(*stock.many(stock.dealer(), [{} for _ in range(5)]))
    client = client_for(_with(any_settings, redis_server))
    for _ in range(2):
        assert client.head(f"/v1/{path}").content == b""
        assert len(client.get(f"/v1/{path}").content) > 2


def test_who_waits_long_for_what_another_makes_makes_it_himself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.serving.answers.WAITED_FOR_S", 0.05)

    class Nothing:
        async def get(self, _key: str) -> None:
            return None

    async def run() -> None:
        answers = Answers(Near(1000), cast(RedisLink, Nothing()), ttl_s=1, largest=1000)
        assert await answers.get("a") is None
        assert await answers.get("a") is None

    asyncio.run(asyncio.wait_for(run(), 5))


def test_a_place_is_given_back_once_even_where_the_timer_has_just_given_it() -> None:
    places = asyncio.Semaphore(1)

    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        await asyncio.sleep(0.02)

    async def run() -> None:
        in_turn = InTurn(app, moment_s=0.01)
        in_turn._places = places
        await asyncio.gather(*(in_turn({"type": "http", "path": "/v1/x"}, _never, _none) for _ in range(5)))

    asyncio.run(run())
    assert places._value == 1


async def _never() -> Any:
    raise AssertionError


async def _none(_message: Any) -> None:
    return None


def test_a_strict_query_is_answered_by_what_is_there_now(
    any_settings: Settings, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages._GROUPS, "_worth", lambda _groups: True)
    with stock_of(any_settings) as stock:
        dealer = stock.dealer()
        stock.many(dealer, [{"price": 100, "currency": "EUR"} for _ in range(3)])
        client = client_for(any_settings)
        asked = "/v1/listings?sort=price"
        first = client.get(f"{asked}&limit=1").json()
        assert first["warnings"] == []
        assert client.get(f"{asked}&strict=1").status_code == 200
        stock.listing(dealer, price=200, currency="JPY")
        assert client.get(f"{asked}&strict=1").status_code == 422
        assert client.get(f"{asked}&strict=1&cursor={first['next_cursor']}").status_code == 422


def test_an_answer_that_is_kept_has_the_warnings_of_its_data(
    postgres_settings: Settings, redis_server: RedisServer, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages._GROUPS, "_worth", lambda _groups: True)
    with stock_of(postgres_settings) as stock:
        dealer = stock.dealer()
        stock.many(dealer, [{"price": 100, "currency": "EUR"} for _ in range(3)])
        client = client_for(_with(postgres_settings, redis_server))
        assert client.get("/v1/listings?sort=price").json()["warnings"] == []
        stock.listing(dealer, price=200, currency="JPY")
        assert client.get("/v1/listings?sort=price").json()["warnings"] != []


def test_with_redis_too_a_page_is_read_without_a_thread(
    postgres_settings: Settings, redis_server: RedisServer, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stock_of(postgres_settings) as stock:
        stock.many(stock.dealer(), [{} for _ in range(9)])
        client = client_for(_with(postgres_settings, redis_server))
        following = client.get("/v1/listings?limit=3&count=none").json()["next"]
        asked: list[Any] = []

        def by_thread(*given: Any) -> Any:
            asked.append(given)
            return formatted_answer(*given)

        monkeypatch.setattr(routes, "formatted_answer", by_thread)
        # Anybody's transaction on the server is another version, of which a thread asks first.
        for limit in range(1, 9):
            assert client.get(f"{following}&limit={limit}".replace("limit=3&", "")).status_code == 200
        assert len(asked) < 8


def test_counts_of_a_past_day_are_not_those_of_today(client: TestClient, stock: Stock) -> None:
    ids = stock.many(stock.dealer(), [{} for _ in range(4)])
    for listing_id in ids[:3]:
        stock.event(listing_id, "listed")
    for _ in range(2):
        today, past = client.get("/v1/listings").json(), client.get("/v1/listings?as_of=2026-02-01").json()
        assert (today["count"], past["count"], past["count_kind"]) == (4, len(past["data"]), "exact")
        estimated = client.get("/v1/listings?as_of=2026-02-01&count=estimated").json()
        assert (estimated["count"], estimated["count_kind"]) == (past["count"], "exact")

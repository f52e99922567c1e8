"""The feed of changes: every event once, whoever writes meanwhile; and one listing's history."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, Engine, insert, select, text

from api.formats.choosing import FORMATS
from api.schemas.answers import ChangePage, EventPage
from inventory.engine import writer_engine
from inventory.settings import Settings
from inventory.tables import events
from tests.api.stock import T0, Stock
from tests.inventory.yard import Yard, machine

NDJSON = FORMATS["ndjson"].media_type


@pytest.fixture
def postgres(postgres_settings: Settings) -> Iterator[Engine]:
    engine = writer_engine(postgres_settings)
    yield engine
    engine.dispose()


def _read(client: TestClient, since: str | None = None, **parameters: Any) -> tuple[list[int], str]:
    """The ids of all events from there on, in their order, and the cursor to come back with."""
    found: list[int] = []
    while True:
        page = client.get("/v1/changes", params=parameters | ({"since": since} if since else {})).json()
        found += [row["id"] for row in page["data"]]
        since = str(page["next_cursor"])
        if not page["has_more"]:
            return found, since


def _write(connection: Connection, listing_id: int, **given: Any) -> int:
    row = {"listing_id": listing_id, "kind": "changed", "at": T0, **given}
    return int(connection.execute(insert(events).values(row).returning(events.c.id)).scalar_one())


def test_pages_of_any_length_give_all_events_of_the_store_once(client: TestClient, any_writer: Engine) -> None:
    yard = Yard(any_writer)
    for price in map(Decimal, ("45000.00", "44000.00", "43500.00")):
        yard.crawl(machine("m1", price=price), machine("m2", price=price + 1))
        yard.crawl(machine("b1", dealer="bolt", price=price), dealer="bolt")
    with any_writer.connect() as connection:
        written = sorted(connection.execute(select(events.c.id)).scalars())
    assert len(written) == 9
    for limit in (1, 2, 9, 1000):
        found, last = _read(client, limit=limit)
        assert found == written
        assert _read(client, last, limit=limit) == ([], last)
    yard.crawl(machine("m1", price=Decimal("42000.00")))
    (new,), _ = _read(client, last)
    assert new > max(written)
    page = client.get("/v1/changes", params={"since": last}).json()
    ChangePage.model_validate(page)
    assert page["data"][0]["changes"]["price"] == ["43500.00", "42000.00"]
    assert (page["data"][0]["dealer"], page["data"][0]["external_id"]) == ("acme", "m1")


def test_filters_hold_for_the_whole_feed_and_its_end_is_remembered(client: TestClient, stock: Stock) -> None:
    acme, paws = stock.dealer("acme"), stock.dealer("paws", vertical="dog")
    digger = stock.listing(acme, category="mini-excavators")
    bag = stock.listing(paws, vertical="dog", category="dry-food")
    first = stock.event(digger, "listed")
    drop = stock.event(bag, "price_down")
    stock.event(bag, "delisted")
    assert _read(client, dealer="acme")[0] == _read(client, vertical="equipment")[0] == [first]
    assert _read(client, category="excavators", limit=1)[0] == [first]
    found, last = _read(client, kind="price_down")
    assert found == [drop]
    again = stock.event(bag, "price_down")
    assert _read(client, last, kind="price_down")[0] == [again]
    other = client.get("/v1/changes", params={"since": last, "kind": "price_up"})
    assert (other.status_code, other.json()["errors"][0]["parameter"]) == (400, "since")
    assert client.get("/v1/changes?dealer=nobody").status_code == 422


def test_a_time_begins_with_the_first_event_observed_then_and_leaves_out_none_behind_it(
    client: TestClient, stock: Stock
) -> None:
    listing = stock.listing(stock.dealer())
    days = [0, 3, 1, 5, 2]
    ids = [stock.event(listing, "changed", at=T0 + timedelta(days=day)) for day in days]
    assert _read(client, "2026-01-01")[0] == ids
    assert _read(client, "2026-01-02")[0] == ids[1:]
    assert _read(client, "2026-01-05T00:00:00Z", limit=1)[0] == ids[3:]
    found, last = _read(client, "2027-01-01")
    assert found == []
    late = stock.event(listing, "changed", at=T0 - timedelta(days=400))
    assert _read(client, last)[0] == [late]


@pytest.mark.parametrize(
    ("since", "status"), [("2026-13-01", 422), ("2026-01-01T99", 422), ("yesterday", 400), ("", 400)]
)
def test_what_is_neither_a_time_nor_a_cursor_is_refused(client: TestClient, since: str, status: int) -> None:
    answer = client.get("/v1/changes", params={"since": since})
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (status, "since")


def test_what_the_feed_does_not_have_is_refused(client: TestClient) -> None:
    for query in ("sort=-at", "cursor=x", "count=none", "transaction_id=1", "limit=0"):
        assert client.get(f"/v1/changes?{query}").status_code == 422, query


def test_a_lower_id_that_is_committed_later_is_not_missed(
    postgres: Engine, postgres_settings: Settings, client_for: Any
) -> None:
    listing = Stock(postgres).listing(Stock(postgres).dealer())
    client = client_for(postgres_settings)
    _, last = _read(client)
    with postgres.connect() as slow, postgres.connect() as quick:
        low = _write(slow, listing)
        high = _write(quick, listing)
        quick.commit()
        assert low < high
        # The quick one's event can be seen, but what may still come before it is not settled.
        early, last = _read(client, last)
        by_time, from_now = _read(client, "2025-01-01")
        slow.commit()
    assert early == by_time == []
    assert sorted(_read(client, last)[0]) == sorted(_read(client, from_now)[0]) == [low, high]
    assert _read(client, _read(client, last)[1])[0] == []


def test_what_is_taken_back_leaves_the_feed_free(
    postgres: Engine, postgres_settings: Settings, client_for: Any
) -> None:
    listing = Stock(postgres).listing(Stock(postgres).dealer())
    client = client_for(postgres_settings)
    with postgres.connect() as slow, postgres.begin() as quick:
        _write(slow, listing)
        high = _write(quick, listing)
        slow.rollback()
    assert _read(client)[0] == [high]


def test_four_writers_at_once_and_a_consumer_that_polls_gets_each_event_once(
    postgres: Engine, postgres_settings: Settings, client_for: Any
) -> None:
    listing = Stock(postgres).listing(Stock(postgres).dealer())
    client = client_for(postgres_settings)

    def writer(number: int) -> list[int]:
        rng = random.Random(number)
        written: list[int] = []
        for _ in range(25):
            with postgres.connect() as connection:
                ids = [_write(connection, listing) for _ in range(rng.randint(1, 3))]
                connection.execute(text("SELECT pg_sleep(:s)"), {"s": rng.random() / 100})
                if rng.random() < 0.8:
                    connection.commit()
                    written += ids
        return written

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(writer, number) for number in range(4)]
        found, last = _read(client, limit=5)
        while not all(job.done() for job in jobs):
            more, last = _read(client, last, limit=5)
            found += more
        rest, _ = _read(client, last, limit=5)
    assert len(found) == len(set(found)) > 0
    assert sorted(found + rest) == sorted(id_ for job in jobs for id_ in job.result())


def test_data_of_another_cluster_are_said_to_be_such_with_what_to_run(
    postgres: Engine, postgres_settings: Settings, client_for: Any
) -> None:
    listing = Stock(postgres).listing(Stock(postgres).dealer())
    client = client_for(postgres_settings)
    with postgres.begin() as connection:
        restored = _write(connection, listing, transaction_id=2**50)
    answer = client.get("/v1/changes")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:yardstick:problem:restored")
    with postgres.begin() as connection:
        connection.execute(text("UPDATE events SET transaction_id = 0"))
    assert _read(client)[0] == [restored]


def test_a_listings_history_is_paged_from_either_end(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    listing, other = stock.many(dealer, [{}, {}])
    crawl = stock.crawl(dealer)
    ids = [
        stock.event(listing, kind, at=T0 + timedelta(days=day), crawl_id=crawl, changes={"price": [day, day + 1]})
        for day, kind in enumerate(("listed", "price_up", "price_up", "delisted", "relisted"))
    ]
    stock.event(other, "listed")

    def walk(sort: str) -> list[int]:
        seen: list[int] = []
        url = f"/v1/listings/{listing}/events?limit=2{sort}"
        while url:
            page = client.get(url).json()
            EventPage.model_validate(page)
            assert page["count"] == 5
            seen += [row["id"] for row in page["data"]]
            url = page["next"]
        return seen

    assert walk("") == ids
    assert walk("&sort=-at") == ids[::-1]
    page = client.get(f"/v1/listings/{listing}/events?kind=price_up&limit=1").json()
    assert page["data"] == [
        {
            "id": ids[1],
            "crawl_id": crawl,
            "at": "2026-01-02T12:00:00Z",
            "kind": "price_up",
            "changes": {"price": [1, 2]},
        }
    ]
    assert page["kind"]["price_up"] == page["count"] == 2
    cursor = page["next_cursor"]
    stolen = client.get(f"/v1/listings/{other}/events", params={"kind": "price_up", "cursor": cursor})
    assert stolen.status_code == 400
    assert client.get(f"/v1/listings/{listing}/events?listing_id=1").status_code == 422
    assert client.get("/v1/listings/999/events").status_code == 404


def test_days_on_market_of_a_listing_begin_again_when_it_is_relisted(client: TestClient, stock: Stock) -> None:
    listing, silent = stock.many(stock.dealer(), [{}, {}])
    for day, kind in ((0, "listed"), (10, "delisted"), (30, "relisted"), (36, "sold_marked")):
        stock.event(listing, kind, at=T0 + timedelta(days=day))
    assert client.get(f"/v1/listings/{listing}").json()["data"]["days_on_market"] == 6
    assert client.get(f"/v1/listings/{silent}").json()["data"]["days_on_market"] is None


def test_the_feed_as_a_file_has_the_rows_of_the_pages_and_the_address_to_come_back_with(
    client: TestClient, stock: Stock
) -> None:
    listing = stock.listing(stock.dealer(), title="=1+1", category="excavators")
    ids = [stock.event(listing, "price_down", changes={"price": [number, 1]}) for number in range(5)]
    stock.event(listing, "listed")
    _, after_two = _read_one(client, limit=2, kind="price_down")
    pages = client.get("/v1/changes", params={"since": after_two, "kind": "price_down"}).json()
    asked = {"since": after_two, "kind": "price_down"}
    for path, more, accept in (
        ("/v1/changes.ndjson", {}, "*/*"),
        ("/v1/changes", {"format": "ndjson"}, "*/*"),
        ("/v1/changes", {}, NDJSON),
    ):
        answer = client.get(path, params=asked | more, headers={"Accept": accept})
        assert [json.loads(line) for line in answer.text.splitlines()] == pages["data"]
        assert answer.headers["content-type"] == NDJSON
        assert _since(answer) == pages["next_cursor"]
    table = client.get("/v1/changes.csv", params=asked | {"fields": "id,kind,title"})
    assert table.text.splitlines() == ["id,kind,title", *(f"{id_},price_down,'=1+1" for id_ in ids[2:])]
    assert client.head("/v1/changes.csv", params=asked).headers["link"]
    nothing = client.get(table.links["next"]["url"])
    assert (nothing.text, _since(nothing)) == ("id,kind,title\n", _since(table))
    new = stock.event(listing, "price_down")
    assert client.get(table.links["next"]["url"]).text.splitlines()[1:] == [f"{new},price_down,'=1+1"]
    assert _read(client, _since(table), kind="price_down")[0] == [new]


@pytest.mark.parametrize(
    ("path", "query", "parameter", "status"),
    [
        ("/v1/changes.csv", "limit=5", "limit", 422),
        ("/v1/changes", "format=ndjson&limit=5", "limit", 422),
        ("/v1/changes", "format=xlsx", "format", 422),
        ("/v1/changes", "shape=array", "shape", 422),
        ("/v1/changes.ndjson", "sep=;", "sep", 422),
        ("/v1/changes.csv", "since=yesterday", "since", 400),
        ("/v1/changes.csv", "sort=-at", "sort", 422),
        ("/v1/changes.csv", "dealer=nobody", "dealer", 422),
    ],
)
def test_a_file_of_the_feed_refuses_what_it_does_not_know(
    client: TestClient, path: str, query: str, parameter: str, status: int
) -> None:
    answer = client.get(f"{path}?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (status, parameter)


def test_a_workbook_of_the_feed_is_not_acceptable(client: TestClient) -> None:
    answer = client.get("/v1/changes", headers={"Accept": FORMATS["xlsx"].media_type})
    assert answer.status_code == 406
    assert "xlsx" not in answer.json()["detail"]


def _read_one(client: TestClient, **parameters: Any) -> tuple[list[int], str]:
    page = client.get("/v1/changes", params=parameters).json()
    return [row["id"] for row in page["data"]], str(page["next_cursor"])


def _since(answer: Any) -> str:
    return str(httpx.URL(answer.links["next"]["url"]).params["since"])

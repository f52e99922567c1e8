"""`dedup=unit`: exactly one row of each unit that has a match, whatever the filter, the order and the page."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.app import create_app
from inventory.engine import writer_engine
from inventory.settings import Settings
from tests.api.stock import T0, Stock
from tests.inventory.yard import Yard, machine

RANK = {"active": 0, "sold": 1, "gone": 2}


@pytest.fixture
def yard_of_twins(client: TestClient, stock: Stock) -> TestClient:
    """Sixty listings in units of one to five; some are not linked; few different values, so that much is equal."""
    rng = random.Random(11)
    ids: list[int] = []
    for name in ("acme", "bolt", "zeta"):
        rows = [
            {
                "make": rng.choice(["Caterpillar", "Komatsu", None]),
                "category": rng.choice(["excavators", "mini-excavators", "dozers", None]),
                "price": rng.choice([None, "10.00", "20.00", "30.00"]),
                "currency": "USD",
                "year": rng.choice([None, 2015, 2016]),
                "status": rng.choice(list(RANK)),
                "last_seen": T0 + timedelta(days=rng.choice([0, 1, 2])),
            }
            for _ in range(20)
        ]
        ids += stock.many(stock.dealer(name), rows)
    for listing_id in ids:
        stock.details(listing_id, images=rng.choice([None, ["a"], ["a", "b"]]))
    stock.units_at_random(rng, ids, largest=5, left=4)
    return client


def _walk(client: TestClient, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = client.get("/v1/listings", params=parameters).json()
        found += page["data"]
        if page["next_cursor"] is None:
            assert page["count"] in (None, len(found))
            assert page["status"] is None or sum(page["status"].values()) == len(found)
            return found
        parameters = parameters | {"cursor": page["next_cursor"]}


def _best(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The rule again, in plain words: on offer, sold, gone; with a price; seen last; the lower id."""
    rows = sorted(rows, key=lambda row: row["id"])
    rows = sorted(rows, key=lambda row: row["last_seen"], reverse=True)
    return min(rows, key=lambda row: (RANK[row["status"]], row["price"] is None))


FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "make": st.sampled_from(["Caterpillar", "Komatsu", "Caterpillar,Komatsu"]),
        "make__isnull": st.sampled_from(["true", "false"]),
        "category": st.sampled_from(["excavators", "dozers"]),
        "price__gte": st.sampled_from(["10", "15", "30"]),
        "price__lt": st.sampled_from(["20", "30"]),
        "year": st.sampled_from(["2015", "2016"]),
        "status": st.sampled_from(["active", "gone,sold"]),
        "dealer": st.sampled_from(["acme", "acme,zeta"]),
        "images": st.sampled_from(["a", "b"]),
        "last_seen__gte": st.sampled_from(["2026-01-02", "2026-01-03"]),
        "unit_listings_count__gte": st.sampled_from(["1", "2", "3"]),
        "unit_id__isnull": st.sampled_from(["true", "false"]),
    },
)
SORTS = st.sampled_from(["id", "-id", "price", "-price,year", "year,-last_seen", "dealer,price", "-status", "unit_id"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filters=FILTERS, sort=SORTS, limit=st.integers(1, 30))
def test_any_query_gives_the_best_match_of_each_unit_that_has_one(
    yard_of_twins: TestClient, filters: dict[str, str], sort: str, limit: int
) -> None:
    everything = _walk(yard_of_twins, filters | {"sort": sort, "limit": 1000})
    units: dict[Any, list[dict[str, Any]]] = {}
    for row in everything:
        units.setdefault(row["unit_id"] or ("alone", row["id"]), []).append(row)
    expected = {_best(rows)["id"] for rows in units.values()}
    found = [row["id"] for row in _walk(yard_of_twins, filters | {"sort": sort, "limit": limit, "dedup": "unit"})]
    assert found == [row["id"] for row in everything if row["id"] in expected]


def test_the_export_has_the_rows_of_the_pages(yard_of_twins: TestClient) -> None:
    query = {"dedup": "unit", "status": "active,sold", "sort": "-price"}
    lines = list(csv.DictReader(io.StringIO(yard_of_twins.get("/v1/listings.csv", params=query).text)))
    rows = _walk(yard_of_twins, query)
    assert [line["id"] for line in lines] == [str(row["id"]) for row in rows]
    assert [line["unit_listings_count"] for line in lines] == [str(row["unit_listings_count"] or "") for row in rows]
    assert 0 < len(rows) < len(_walk(yard_of_twins, query | {"dedup": "none"}))


def test_a_row_says_for_how_many_listings_it_stands(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    old, alone = stock.many(dealer, [{"price": 1}, {"price": None}])
    new = stock.listing(dealer, price=2, last_seen=T0 + timedelta(days=1))
    stock.unit(old, new)
    rows = client.get("/v1/listings?dedup=unit&sort=id").json()["data"]
    assert [(row["id"], row["unit_listings_count"]) for row in rows] == [(alone, None), (new, 2)]
    assert "unit_listings_count" not in client.get("/v1/listings").json()["data"][0]
    assert client.get("/v1/listings?unit_listings_count__gte=2").json()["count"] == 2
    chosen = client.get("/v1/listings?dedup=unit&price__lt=2").json()["data"]
    assert [row["id"] for row in chosen] == [old]


def test_warnings_count_what_is_left_of_the_units(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    rows = [{"price": 1, "currency": currency} for currency in ("USD", "USD", "EUR")]
    one, twin, _ = stock.many(dealer, rows)
    stock.unit(one, twin)
    (warning,) = client.get("/v1/listings?dedup=unit&sort=price").json()["warnings"]
    assert warning["counts"] == {"USD": 1, "EUR": 1}


def test_a_cursor_with_and_without_units_is_not_the_same(client: TestClient, stock: Stock) -> None:
    stock.many(stock.dealer(), [{}, {}])
    cursor = client.get("/v1/listings?limit=1&dedup=unit").json()["next_cursor"]
    assert client.get(f"/v1/listings?limit=1&cursor={cursor}").status_code == 400
    assert client.get(f"/v1/listings?limit=1&dedup=unit&cursor={cursor}").status_code == 200


def test_another_word_is_refused_and_other_lists_have_no_units(client: TestClient) -> None:
    answer = client.get("/v1/listings?dedup=units")
    assert (answer.status_code, answer.json()["errors"][0]["did_you_mean"]) == (422, "unit")
    assert client.get("/v1/crawls?dedup=unit").status_code == 422
    assert client.get("/v1/units?dedup=unit").status_code == 422


@pytest.fixture
def stored(any_settings: Settings) -> Iterator[TestClient]:
    engine = writer_engine(any_settings)
    yard = Yard(engine)
    serial = {"serial_number": "CAT0320D-ABC12345"}
    yard.crawl(machine("m1", **serial), machine("m2", model="330", title="2015 Caterpillar 330", price=None))
    yard.crawl(machine("b1", dealer="bolt", **serial), dealer="bolt")
    engine.dispose()
    with TestClient(create_app(any_settings)) as client:
        yield client


def test_every_row_of_an_export_has_its_unit(stored: TestClient) -> None:
    lines = stored.get("/v1/listings.csv?fields=dealer,external_id,unit_id&sort=id").text.splitlines()
    rows = [line.split(",") for line in lines[1:]]
    assert [row[:2] for row in rows] == [["acme", "m1"], ["acme", "m2"], ["bolt", "b1"]]
    assert all(row[2] for row in rows)
    assert rows[0][2] == rows[2][2] != rows[1][2]
    assert stored.get("/v1/listings?dedup=unit").json()["count"] == 2

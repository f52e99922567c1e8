"""Units, and the pairs that may be one."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from api.app import create_app
from api.merged import SAID_BY_BEST, SAID_BY_MOST, SAID_BY_SUREST, merged
from api.schemas.answers import UnitAnswer, UnitPage, UnitPairPage
from inventory.engine import writer_engine
from inventory.settings import Settings
from tests.api.stock import T0, Stock
from tests.inventory.yard import Yard, machine

SERIAL = {"serial_number": "CAT0320D-ABC12345"}


@pytest.fixture
def stored(any_settings: Settings) -> Iterator[TestClient]:
    """One machine at two dealers, with the second cheaper; another machine; all by the store and its rules."""
    engine = writer_engine(any_settings)
    yard = Yard(engine)
    yard.crawl(machine("m1", **SERIAL, hours=5000), machine("m2", model="330", title="2012 Caterpillar 330", year=2012))
    twin = machine("b1", dealer="bolt", **SERIAL, hours=5010, price=Decimal("41000.00"), country="US")
    yard.crawl(twin, dealer="bolt")
    engine.dispose()
    with TestClient(create_app(any_settings)) as client:
        yield client


def test_a_machine_at_two_dealers_is_one_row_with_its_prices(stored: TestClient) -> None:
    body = stored.get("/v1/units?sort=-listings_count").json()
    UnitPage.model_validate(body)
    assert (body["count"], body["status"]) == (2, {"active": 2, "gone": 0, "sold": 0})
    both, one = body["data"]
    assert (both["listings_count"], both["dealers_count"], both["dealers"]) == (2, 2, ["acme", "bolt"])
    assert (both["make"], both["model"], both["year"], both["hours"]) == ("Caterpillar", "320", 2015, 5000)
    price = {"currency": "USD", "offer_type": "sale", "price_period": "once"}
    assert both["prices"] == [price | {"lowest": 41000, "highest": 45000, "listings": 2}]
    assert (one["dealers"], one["prices"][0]["listings"]) == (["acme"], 1)
    started = datetime.fromisoformat(both["first_seen"])
    assert both["days_on_market"] == (datetime.now(UTC) - started).days


def test_units_are_found_by_what_they_are_and_by_who_offers_them(stored: TestClient) -> None:
    def found(query: str) -> list[str]:
        return [row["model"] for row in stored.get(f"/v1/units?sort=model&{query}").json()["data"]]

    assert found("") == ["320", "330"]
    assert found("dealer=bolt") == found("dealers_count__gte=2") == found("listings_count=2") == ["320"]
    assert found("dealer=acme") == found("dealer=acme,bolt") == ["320", "330"]
    assert found("year__gte=2010&year__lt=2015") == found("model=330&vertical=equipment") == ["330"]
    assert found("first_seen__gte=2026-03-01&status=active&make=Caterpillar") == ["320", "330"]
    assert found("status=gone") == found("last_seen__lt=2026-03-01") == []
    refused = stored.get("/v1/units?dealer=blot&fields=dealer&sort=dealer&listing_count=1").json()["errors"]
    assert {error["parameter"] for error in refused} == {"fields", "sort", "listing_count"}
    assert stored.get("/v1/units?dealer=blot").json()["errors"][0]["did_you_mean"] == "bolt"


def test_one_unit_says_why_its_listings_belong_together_and_who_said_what(stored: TestClient) -> None:
    unit = stored.get("/v1/units?dealer=bolt").json()["data"][0]
    body = stored.get(f"/v1/units/{unit['id']}").json()
    UnitAnswer.model_validate(body)
    data = body["data"]
    assert {name: data[name] for name in unit if name != "days_on_market"} == {
        name: value for name, value in unit.items() if name != "days_on_market"
    }
    by_id = {row["external_id"]: row for row in data["listings"]}
    first, twin = by_id["m1"], by_id["b1"]
    assert (first["link"]["method"], first["link"]["with_listing"]) == ("alone", None)
    assert (twin["link"]["method"], twin["link"]["with_listing"]) == ("serial", first["id"])
    assert twin["link"]["score"] > 0.9
    assert "with_listing" not in (twin["link"]["evidence"] or {})
    assert data["merged"]["make"] == {"value": "Caterpillar", "listing_id": twin["id"], "agree": 2, "known": 2}
    assert data["merged"]["hours"] == {"value": 5010, "listing_id": twin["id"], "agree": 1, "known": 2}
    assert data["merged"]["country"] == {"value": "US", "listing_id": twin["id"], "agree": 1, "known": 1}
    assert "brand" not in data["merged"]
    assert (data["pairs"], data["pairs_truncated"], data["listings_truncated"]) == ([], False, False)


def test_units_page_to_their_end_in_every_order(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    for number in range(9):
        facts = {"year": [None, 2015, 2016][number % 3], "make": [None, "Komatsu"][number % 2]}
        stock.unit(*stock.many(dealer, [facts] * (1 + number % 2)))
    for sort in ("id", "-year", "year,-make", "-listings_count,year", "make", "-last_seen", "size_value,-title"):
        seen: list[int] = []
        url: str | None = f"/v1/units?limit=2&sort={sort}"
        while url:
            page = client.get(url).json()
            seen += [row["id"] for row in page["data"]]
            url = page["next"]
        whole = client.get(f"/v1/units?sort={sort}").json()["data"]
        assert seen == [row["id"] for row in whole], sort
        assert len(set(seen)) == 9
    assert client.get("/v1/units?fields=year&limit=1").json()["data"][0].keys() == {
        *("year", "dealers", "days_on_market", "prices")
    }


def test_the_export_of_units_has_a_line_for_each(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    ids = [stock.unit(listing) for listing in stock.many(dealer, [{"title": "=A"}, {"title": "B"}])]
    lines = list(csv.DictReader(io.StringIO(client.get("/v1/units.csv?sort=-id").text)))
    assert [(line["id"], line["title"]) for line in lines] == [(str(ids[1]), "B"), (str(ids[0]), "'=A")]
    assert client.head("/v1/units.csv").headers["content-disposition"] == 'attachment; filename="units.csv"'
    assert client.get("/v1/units.csv?dedup=unit").status_code == 422


def test_a_units_days_go_on_over_its_listings_and_over_a_gap(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    one, late = stock.many(dealer, [{"status": "gone"}] * 2)
    other = stock.listing(dealer, status="sold", first_seen=T0 + timedelta(days=100))
    told = [(one, 0, "listed"), (one, 10, "delisted"), (other, 100, "listed"), (other, 110, "sold_marked")]
    for listing, day, kind in (*told, (late, 0, "listed"), (late, 5, "delisted"), (late, 300, "relisted")):
        stock.event(listing, kind, at=T0 + timedelta(days=day))
    stock.event(late, "delisted", at=T0 + timedelta(days=307))
    gap, long_gap = stock.unit(one, other), stock.unit(late)
    days = {row["id"]: row["days_on_market"] for row in client.get("/v1/units").json()["data"]}
    assert days == {gap: 110, long_gap: 7}
    by_listing = {row["id"]: row["days_on_market"] for row in _unit(client, gap)["listings"]}
    assert by_listing == {one: 10, other: 10}


def _unit(client: TestClient, unit_id: int) -> dict[str, Any]:
    data: dict[str, Any] = client.get(f"/v1/units/{unit_id}").json()["data"]
    return data


def test_prices_of_a_unit_are_of_what_is_on_offer_and_kept_apart(client: TestClient, stock: Stock) -> None:
    usual: dict[str, Any] = {"currency": "USD", "price_period": "once", "status": "active", "offer_type": "sale"}
    rows: list[dict[str, Any]] = [
        usual | {"price": "10.10"},
        usual | {"price": "9.90"},
        usual | {"price": "1.00", "status": "gone"},
        usual | {"price": None},
        usual | {"price": "8.00", "currency": "EUR"},
        usual | {"price": "2.00", "offer_type": "auction"},
    ]
    unit = stock.unit(*stock.many(stock.dealer(), rows))
    prices = client.get(f"/v1/units?id={unit}").json()["data"][0]["prices"]
    assert [(p["currency"], p["offer_type"], p["lowest"], p["highest"], p["listings"]) for p in prices] == [
        ("EUR", "sale", 8.0, 8.0, 1),
        ("USD", "auction", 2.0, 2.0, 1),
        ("USD", "sale", 9.9, 10.1, 2),
    ]


def _pairs(client: TestClient, query: str = "verdict=maybe") -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    url: str | None = f"/v1/pairs?limit=2&{query}"
    while url:
        page = client.get(url).json()
        UnitPairPage.model_validate(page)
        found += [(pair["low_id"], pair["high_id"]) for pair in page["data"]]
        url = page["next"]
    return found


def test_pairs_of_two_units_come_by_score_with_both_listings(client: TestClient, stock: Stock) -> None:
    acme, bolt = stock.dealer("acme"), stock.dealer("bolt")
    a, b, c, d = (stock.listing(dealer, make=make) for dealer in (acme, bolt) for make in ("Komatsu", None))
    alone = [stock.unit(a), stock.unit(b)]
    stock.unit(c, d)
    for low, high, score in ((a, b, 0.7), (a, c, 0.9), (b, d, 0.7), (b, c, 0.8)):
        stock.pair(low, high, score=score)
    stock.pair(c, d, score=1.0)
    stock.pair(a, d, verdict="same", score=0.99)
    assert _pairs(client) == [(a, c), (b, c), (b, d), (a, b)]
    assert _pairs(client, "") == [(a, d), (a, c), (b, c), (b, d), (a, b)]
    assert _pairs(client, "verdict=maybe&sort=score") == [(a, b), (b, d), (b, c), (a, c)]
    assert _pairs(client, "verdict=maybe&dealer=bolt&score__gte=0.75") == [(a, c), (b, c)]
    assert _pairs(client, f"unit_id={alone[0]}&make=Komatsu") == [(a, d), (a, c), (a, b)]
    assert _pairs(client, f"listing_id={d}") == [(a, d), (b, d)]
    page = client.get("/v1/pairs?limit=1&verdict=maybe").json()
    assert (page["count"], page["verdict"]) == (4, {"same": 0, "maybe": 4})
    (pair,) = page["data"]
    assert [(row["id"], row["dealer"]) for row in pair["listings"]] == [(a, "acme"), (c, "bolt")]
    assert (pair["score"], pair["evidence"], pair["vertical"]) == (0.9, {"hours": [5, 6]}, "equipment")
    of_unit = _unit(client, alone[0])["pairs"]
    assert [(found["low_id"], found["high_id"]) for found in of_unit] == [(a, d), (a, c), (a, b)]


def test_a_pair_that_a_person_decided_is_not_asked_again(client: TestClient, stock: Stock) -> None:
    one, other = stock.many(stock.dealer(), [{}, {}])
    unit, _ = stock.unit(one), stock.unit(other)
    stock.pair(one, other, verdict="same", method="correction", score=1.0)
    assert _pairs(client, "") == []
    assert _unit(client, unit)["pairs"] == []


def test_a_unit_that_is_not_there_is_a_problem(client: TestClient) -> None:
    assert client.get("/v1/units/1").status_code == 404
    assert client.get("/v1/units/x").status_code == 422
    assert client.get("/v1/units/1?fields=id").status_code == 422


FIELDS = sorted(
    {
        *SAID_BY_MOST,
        *(name for group in SAID_BY_BEST for name in group),
        *(name for group, sure in SAID_BY_SUREST for name in (*group, sure)),
    }
)
ROWS = st.lists(
    st.fixed_dictionaries({name: st.sampled_from([None, 0.5, 1.0]) for name in FIELDS}), min_size=1, max_size=5
)


@given(ROWS)
def test_each_merged_value_is_what_that_listing_says_and_nothing_known_is_left_out(rows: list[dict[str, Any]]) -> None:
    rows = [row | {"id": number} for number, row in enumerate(rows)]
    found = merged(rows)
    for name, said in found.items():
        assert rows[said["listing_id"]][name] == said["value"] is not None
        assert said["agree"] == sum(row[name] == said["value"] for row in rows)
        assert said["known"] == sum(row[name] is not None for row in rows)
    for name in SAID_BY_MOST:
        counts = [sum(row[name] == value for row in rows) for value in (0.5, 1.0)]
        assert (name in found) == any(counts)
        if name in found:
            assert found[name]["agree"] == max(counts)
    for group in (*SAID_BY_BEST, *(names for names, _ in SAID_BY_SUREST)):
        assert len({found[name]["listing_id"] for name in group if name in found}) <= 1
        assert any(name in found for name in group) == any(row[name] is not None for row in rows for name in group)


def test_a_unit_of_many_listings_is_merged_without_comparing_each_with_each() -> None:
    compared = 0

    class Value(int):
        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return int(self) == other

        __hash__ = int.__hash__

    rows = [dict.fromkeys(FIELDS, Value(number % 7)) | {"id": number} for number in range(300)]
    assert merged(rows)["year"] == {"value": 0, "listing_id": 0, "agree": 43, "known": 300}
    assert compared < 10 * len(FIELDS) * len(rows)

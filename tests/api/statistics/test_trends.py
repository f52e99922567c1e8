"""Trends: what was on offer, came and went, and who could be read then."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from fastapi.testclient import TestClient

from api.problems import ParameterError
from api.statistics.periods import Period, parse_periods
from tests.api.stock import Stock

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
DAY = timedelta(days=1)


def offered(
    stock: Stock, dealer: int, start: datetime, end: datetime | None = None, *, alone: bool = True, **said: Any
) -> int:
    listing = stock.listing(
        dealer,
        first_seen=start,
        status="active" if end is None else "gone",
        gone_at=end,
        **{"category": "excavators", "price": 100, "currency": "USD"} | said,
    )
    stock.event(listing, "listed", at=start, changes={"category": [None, "excavators"]})
    if end is not None:
        stock.event(listing, "delisted", at=end, changes={"status": ["active", "gone"]})
    if alone:
        stock.unit(listing)
    return listing


def trend(client: TestClient, query: str) -> dict[str, Any]:
    answer = client.get(f"/v1/trends?from=2026-03-02&to=2026-03-16&{query}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_each_period_tells_what_was_on_offer_came_and_went(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    offered(stock, dealer, MONDAY)
    offered(stock, dealer, MONDAY + WEEK, category="dozers")
    offered(stock, dealer, MONDAY - WEEK, MONDAY + WEEK + DAY)
    told = trend(client, "")
    assert [(row["start"], row["active"], row["new"], row["gone"]) for row in told["data"]] == [
        ("2026-03-02", 2, 1, 0),
        ("2026-03-09", 2, 1, 1),
        ("2026-03-16", 2, 0, 0),
    ]
    assert told["data"][1]["days_on_market_ended"] == {"n": 1, "n_null": 0, "median": 15}
    assert told["data"][0]["days_on_market_active"] == {"n": 2, "n_null": 0, "median": (6 + 13) / 2}
    grouped = trend(client, "group_by=category")["data"]
    assert [(row["start"], row["category"], row["active"]) for row in grouped][:3] == [
        ("2026-03-02", "excavators", 2),
        ("2026-03-09", "dozers", 1),
        ("2026-03-09", "excavators", 1),
    ]


def test_prices_are_those_of_then_by_currency(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    listing = offered(stock, dealer, MONDAY, price=300)
    stock.event(listing, "price_up", at=MONDAY + WEEK, changes={"price": ["100.00", "200.00"]})
    stock.event(listing, "price_up", at=MONDAY + 2 * WEEK, changes={"price": ["200.00", "300.00"]})
    offered(stock, dealer, MONDAY + WEEK, price=7, currency="EUR")
    asking = [row["asking"] for row in trend(client, "")["data"]]
    assert [[(one["currency"], one["n"], one["median"]) for one in found] for found in asking] == [
        [("USD", 1, 100)],
        [("EUR", 1, 7), ("USD", 1, 200)],
        [("EUR", 1, 7), ("USD", 1, 300)],
    ]


def test_asking_prices_of_rent_beside_sale_warn_until_groups_keep_them_apart(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    offered(stock, dealer, MONDAY, price=100, offer_type="rent", price_period="month")
    offered(stock, dealer, MONDAY + 2 * WEEK, price=9000, offer_type="sale", price_period="once")
    offered(stock, dealer, MONDAY, price=None, offer_type="auction")
    [warned] = trend(client, "")["warnings"]
    assert (warned["code"], warned["parameters"]) == ("mixed_offers", ["asking"])
    assert warned["counts"] == {"rent/month": 3, "sale/once": 1}  # at the end of so many weeks
    assert trend(client, "group_by=offer_type,price_period")["warnings"] == []
    assert trend(client, "offer_type=sale&strict=1")["warnings"] == []
    assert client.get("/v1/trends?from=2026-03-02&to=2026-03-20&strict=1").status_code == 422


def test_a_unit_counts_once_and_goes_when_its_last_listing_does(client: TestClient, stock: Stock) -> None:
    one, other = stock.dealer("a"), stock.dealer("b")
    ids = [
        offered(stock, one, MONDAY, MONDAY + WEEK, alone=False),
        offered(stock, other, MONDAY + DAY, MONDAY + 2 * WEEK, alone=False),
    ]
    stock.unit(*ids)
    rows = trend(client, "")["data"]
    assert [(row["active"], row["active_listings"], row["new"], row["gone"]) for row in rows] == [
        (1, 2, 1, 0),
        (1, 1, 0, 0),
        (0, 0, 0, 1),
    ]


def test_periods_say_which_dealers_could_be_read(client: TestClient, stock: Stock) -> None:
    well, ill = stock.dealer("well"), stock.dealer("ill")
    for week in range(3):
        stock.crawl(well, started_at=MONDAY + week * WEEK, ended_at=MONDAY + week * WEEK)
        outcome = "healthy" if week == 0 else "failed"
        stock.crawl(ill, started_at=MONDAY + week * WEEK, ended_at=MONDAY + week * WEEK, outcome=outcome)
    periods = trend(client, "")["periods"]
    assert [(one["healthy"]["dealers"], one["not_healthy"]["dealers"]) for one in periods] == [
        (["ill", "well"], []),
        (["well"], ["ill"]),
        (["well"], ["ill"]),
    ]


def test_what_is_no_trend_is_refused_by_name(client: TestClient) -> None:
    for query, parameters in (
        ("every=year", ["every"]),
        ("from=2026-03-02T10:00:00Z", ["from"]),
        ("from=2026-03-20&to=2026-03-02", ["from"]),
        ("from=2020-01-01&every=day", ["from"]),
        ("status=active", ["status"]),
        ("group_by=price", ["group_by"]),
        ("as_of=2026-03-01", ["as_of"]),
    ):
        answer = client.get(f"/v1/trends?{query}")
        assert answer.status_code == 422, query
        assert [error["parameter"] for error in answer.json()["errors"]] == parameters


def test_periods_are_whole_weeks_and_months() -> None:
    today = date(2026, 3, 4)
    weeks = parse_periods({}, today)
    assert not isinstance(weeks, list)
    assert (len(weeks), weeks[-1]) == (12, Period(date(2026, 3, 2), date(2026, 3, 9)))
    months = parse_periods({"every": ["month"], "from": ["2025-12-31"], "to": ["2026-02-02"]}, today)
    assert not isinstance(months, list)
    assert [one.start for one in months] == [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
    assert isinstance(parse_periods({"to": ["2026-03-05"]}, today), list)
    [error] = parse_periods({"every": ["hour"]}, today)
    assert isinstance(error, ParameterError)


def test_market_days_supply_is_what_is_on_offer_by_what_ended_in_45_days(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    end = datetime(2026, 3, 9, tzinfo=UTC)  # of the first week
    for days in (1, 20, 45):
        offered(stock, dealer, end - 100 * DAY, end - days * DAY)
    offered(stock, dealer, end - 100 * DAY, end - 45 * DAY - timedelta(seconds=1))
    for _ in range(4):
        offered(stock, dealer, end - 10 * DAY)
    offered(stock, dealer, end - 10 * DAY, category="dozers")
    sold = stock.listing(dealer, first_seen=end - DAY, status="sold", category="excavators")
    stock.event(sold, "listed", at=end - DAY, changes={"price_status": [None, "sold"]})
    stock.unit(sold)
    supply = {row["category"]: row["market_days_supply"] for row in trend(client, "group_by=category")["data"][:2]}
    assert supply == {
        "excavators": {"n": 3, "days": 60.0, "days_observed": 45},  # 4 / (3 / 45)
        "dozers": {"n": 0, "days": None, "days_observed": 45},
    }
    told = [row["market_days_supply"] for row in trend(client, "category=excavators")["data"]]
    assert [(one["n"], one["days"]) for one in told] == [(3, 60.0), (2, 90.0), (2, 90.0)]


def test_a_unit_that_is_offered_again_elsewhere_has_not_ended(client: TestClient, stock: Stock) -> None:
    one, other = stock.dealer("a"), stock.dealer("b")
    ids = [
        offered(stock, one, MONDAY, MONDAY + DAY, alone=False),
        offered(stock, other, MONDAY + DAY, MONDAY + WEEK, alone=False),
    ]
    stock.unit(*ids)
    supply = [row["market_days_supply"] for row in trend(client, "")["data"]]
    assert supply == [{"n": 0, "days": None, "days_observed": 6}, {"n": 1, "days": 0.0, "days_observed": 13}]

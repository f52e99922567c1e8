"""Statistics: both databases give what numpy's rule gives; what must not be mixed is kept apart or said."""

from __future__ import annotations

import statistics
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.stock import Stock

PERCENTILES = {"p10": 0.1, "p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9}
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def stats(client: TestClient, query: str) -> dict[str, Any]:
    answer = client.get(f"/v1/stats?{query}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def percentile(values: list[float], share: float) -> float:
    """Linear between the two nearest values, as numpy.percentile does it."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (at - below) * (ordered[above] - ordered[below])


def numbers_of(values: list[float | None]) -> dict[str, Any]:
    known = [value for value in values if value is not None]
    found: dict[str, Any] = {"n": len(known), "n_null": len(values) - len(known)}
    if not known:
        return found | dict.fromkeys(("mean", "min", "max", *PERCENTILES))
    found |= {"mean": statistics.fmean(known), "min": min(known), "max": max(known)}
    return found | {name: percentile(known, share) for name, share in PERCENTILES.items()}


@pytest.mark.parametrize("seed", range(3))
def test_numbers_are_those_of_the_rows_group_by_group(client: TestClient, stock: Stock, seed: int) -> None:
    rng = Random(seed)
    rows = [
        {
            "make": rng.choice(["Cat", "Deere", None]),
            "year": rng.choice([2015, 2016]),
            "hours": rng.choice([None, 0, rng.randrange(20_000)]),
            "price": rng.choice([None, rng.randrange(1, 10_000_000) / 100]),
            "currency": rng.choice(["USD", "EUR"]),
            "status": rng.choice(["active", "gone"]),
        }
        for _ in range(rng.randrange(1, 60))
    ]
    stock.many(stock.dealer(), rows)
    for value, by in (("hours", ()), ("hours", ("make", "year")), ("price", ("make",))):
        groups: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
        keys = (*by, "currency") if value == "price" else by
        for row in rows:
            if row["status"] == "active":
                groups[tuple(row[name] for name in keys)].append(row[value])
        found = stats(client, f"status=active&value={value}" + (f"&group_by={','.join(by)}" if by else ""))
        assert found["group_by"] == list(keys)
        assert found["count"] == sum(map(len, groups.values()))
        told = {tuple(one.pop(name) for name in keys): one for one in found["data"]}
        assert told.keys() == groups.keys()
        for key, values in groups.items():
            assert told[key] == pytest.approx(numbers_of(values))
        assert (found["truncated"], found["groups"], found["other_count"]) == (False, len(groups), 0)


def test_without_rows_there_is_a_row_of_nothing(client: TestClient) -> None:
    found = stats(client, "status=active&value=hours")
    assert [(one["n"], one["n_null"], one["median"]) for one in found["data"]] in ([], [(0, 0, None)])
    assert found["count"] == 0


def test_rent_beside_sale_warns_until_groups_keep_them_apart(client: TestClient, stock: Stock) -> None:
    rent = {"offer_type": "rent", "price_period": "month"}
    sale = {"offer_type": "sale", "price_period": "once"}
    usd = {"currency": "USD"}
    stock.many(stock.dealer(), [{"price": 100, **rent, **usd}, {"price": 5000, **sale, **usd}, {"price": None, **sale}])
    found = stats(client, "status=active&value=price")
    assert [(w["code"], w["counts"]) for w in found["warnings"]] == [
        ("mixed_offers", {"rent/month": 1, "sale/once": 1})
    ]
    assert client.get("/v1/stats?status=active&value=price&strict=1").status_code == 422
    for query in ("offer_type=sale&strict=1", "group_by=offer_type,price_period&strict=1"):
        assert stats(client, f"status=active&value=price&{query}")["warnings"] == []


def test_sizes_are_kept_apart_by_their_unit(client: TestClient, stock: Stock) -> None:
    rows = [{"size_value": 20.0, "size_unit": "t", "size_basis": "operating weight"}] * 2
    stock.many(stock.dealer(), [*rows, {"size_value": 90.0, "size_unit": "kW", "size_basis": "power"}])
    found = stats(client, "status=active&value=size_value")
    assert [(one["size_unit"], one["n"]) for one in found["data"]] == [("t", 2), ("kW", 1)]
    assert [warned["code"] for warned in found["warnings"]] == ["mixed_size_bases"]


def test_the_smallest_groups_are_cut_and_it_is_said(client: TestClient, stock: Stock) -> None:
    rows: list[dict[str, Any]] = [{"make": "Cat", "hours": 1}] * 3 + [{"make": "Deere", "hours": 2}] * 2
    stock.many(stock.dealer(), [*rows, {"make": "JCB", "hours": None}])
    found = stats(client, "status=active&value=hours&group_by=make&limit=1")
    assert [one["make"] for one in found["data"]] == ["Cat"]
    assert (found["groups"], found["other_count"], found["truncated"]) == (3, 3, True)


def test_units_count_once_by_the_best_of_their_listings(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    stock.unit(*stock.many(dealer, [{"hours": 100, "price": 5, "currency": "USD"}, {"hours": 200}]))
    stock.unit(stock.listing(dealer, hours=300))
    assert stats(client, "status=active&value=hours")["data"][0]["n"] == 3
    found = stats(client, "status=active&value=hours&by=unit")
    assert (found["data"][0]["n"], found["data"][0]["mean"], found["by"]) == (2, 200, "unit")


def test_days_on_market_are_of_the_last_time_on_offer(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    seen = {"first_seen": NOW - 20 * DAY - timedelta(hours=1)}
    active, again, gone, sold, at_once = stock.many(
        dealer,
        [
            {**seen, "status": "active"},
            {**seen, "status": "active"},
            {**seen, "status": "gone", "gone_at": NOW - 5 * DAY},
            {**seen, "status": "sold", "gone_at": None},
            {**seen, "status": "sold", "gone_at": None},
        ],
    )
    for listing in (active, again, gone, sold, at_once):
        stock.event(listing, "listed", at=seen["first_seen"])
    stock.event(again, "delisted", at=NOW - 10 * DAY)
    stock.event(again, "relisted", at=NOW - 4 * DAY - timedelta(hours=1))
    stock.event(gone, "delisted", at=NOW - 5 * DAY)
    stock.event(sold, "sold_marked", at=NOW - 17 * DAY)
    found = stats(client, "status=active&value=days_on_market")
    assert (found["data"][0]["min"], found["data"][0]["max"], found["data"][0]["n"]) == (4, 20, 2)
    assert found["warnings"] == []
    found = stats(client, "status=gone,sold&value=days_on_market&group_by=status")
    assert {one["status"]: (one["min"], one["max"]) for one in found["data"]} == {"gone": (15, 15), "sold": (0, 3)}
    for listing, days in ((active, 20), (again, 4), (gone, 15), (sold, 3)):
        assert client.get(f"/v1/listings/{listing}").json()["data"]["days_on_market"] == days
    mixed = stats(client, "status=active,gone&value=days_on_market")
    assert [warned["code"] for warned in mixed["warnings"]] == ["mixed_statuses"]


def test_what_cannot_be_summarised_is_refused_by_name(client: TestClient) -> None:
    for query, parameters in (
        ("value=price", ["status"]),
        ("status=active", ["value"]),
        ("", ["value", "status"]),
        ("status=active&value=pirce", ["value"]),
        ("status=active&value=price&group_by=price", ["group_by"]),
        ("status=active&value=price&group_by=make,model,year,country", ["group_by"]),
        ("status=active&value=price&group_by=size_class,size_label", ["group_by"]),
        ("status=active&value=price&by=dealer", ["by"]),
        ("status=activ&value=price", ["status"]),
        ("status=active&value=price&limit=0&mkae=Cat", ["mkae", "limit"]),
    ):
        answer = client.get(f"/v1/stats?{query}")
        assert answer.status_code == 422, query
        assert [error["parameter"] for error in answer.json()["errors"]] == parameters, query

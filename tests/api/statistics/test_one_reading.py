"""What statistics get from one reading of the rows is what the slower ways give: counts, percentiles, one a unit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from api.parameters import ListQuery, parse_query
from api.queries.lists import matches
from api.queries.one_a_unit import one_of_each
from api.resources import LISTINGS
from api.statistics.percentiles import split_scope, summary_of
from api.statistics.stats import STATS, StatsQuery, stats_statement
from inventory.tables import listings
from tests.api.stock import T0, Stock

NOW = datetime.now(UTC)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "make": st.sampled_from(["Cat", "Deere", "Cat,Deere"]),
        "make__isnull": st.sampled_from(["true", "false"]),
        "category": st.sampled_from(["excavators", "dozers"]),
        "price__gte": st.sampled_from(["10", "15"]),
        "status": st.sampled_from(["active", "gone,sold", "active,gone,sold"]),
        "dealer": st.sampled_from(["acme", "acme,zeta"]),
        "images": st.just("a"),
        "last_seen__gte": st.sampled_from(["2026-01-02", "2026-01-03"]),
        "unit_listings_count__gte": st.sampled_from(["1", "2"]),
    },
)


@pytest.fixture
def twins(stock: Stock) -> Stock:
    """Sixty listings in units of one to four, some not linked, with few different values."""
    rng = Random(5)
    ids: list[int] = []
    for name in ("acme", "zeta"):
        rows: list[dict[str, Any]] = [
            {
                "make": rng.choice(["Cat", "Deere", None]),
                "category": rng.choice(["excavators", "dozers", None]),
                "price": rng.choice([None, "10.10", "20.20", "30.30", "1000000.01"]),
                "currency": rng.choice(["USD", "EUR", None]),
                "hours": rng.choice([None, 0, 7, 7000]),
                "offer_type": rng.choice(["sale", "rent"]),
                "status": rng.choice(["active", "sold", "gone"]),
                "last_seen": T0 + timedelta(days=rng.choice([0, 1, 2])),
            }
            for _ in range(30)
        ]
        ids += stock.many(stock.dealer(name), rows)
    for listing_id in ids:
        stock.details(listing_id, images=rng.choice([None, ["a"]]))
    stock.units_at_random(rng, ids, largest=4, left=6)
    return stock


def query_of(filters: dict[str, str], **more: str) -> ListQuery:
    return parse_query(LISTINGS, list((filters | more).items()), max_page_size=1000)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filters=FILTERS)
def test_one_of_each_unit_is_the_one_than_which_none_is_better(twins: Stock, filters: dict[str, str]) -> None:
    dialect = twins.engine.dialect.name
    query = query_of(filters)
    tables = LISTINGS.tables_for([filter_.column for filter_ in query.filters])
    rows = select(listings.c.id).select_from(tables)
    with twins.engine.connect() as connection:
        by_condition = rows.where(*matches(LISTINGS, query.filters, dialect, by_unit=True))
        by_sort = one_of_each(rows.where(*matches(LISTINGS, query.filters, dialect, by_unit=False)), dialect)
        assert sorted(connection.execute(by_sort).scalars()) == sorted(connection.execute(by_condition).scalars())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    filters=FILTERS,
    value=st.sampled_from([("price", "currency"), ("hours", None)]),
    by=st.lists(st.sampled_from(["make", "category", "status", "dealer"]), unique=True, max_size=2),
    by_unit=st.booleans(),
)
def test_values_that_are_counted_first_have_the_percentiles_of_the_rows(
    twins: Stock, filters: dict[str, str], value: tuple[str, str | None], by: list[str], by_unit: bool
) -> None:
    dialect = twins.engine.dialect.name
    query = parse_query(STATS, [*filters.items(), ("limit", "1000")], max_page_size=1000)
    query = ListQuery(**{name: getattr(query, name) for name in query.__slots__} | {"by_unit": by_unit})
    stats = StatsQuery(value[0], (*by, *([value[1]] if value[1] else [])), by_unit)
    told, means = [], []
    with twins.engine.connect() as connection:
        for repeat in (False, True):
            statement = stats_statement(query, stats, dialect, values_repeat=repeat)
            rows, scope = split_scope(connection.execute(statement).all())
            keys = len(stats.group_by)
            groups = [(*row[:keys], summary_of(row, keys), int(row[-2]), int(row[-1])) for row in rows]
            # Only how sums of floats are rounded depends on their order.
            means.append([group[keys].pop("mean") or 0.0 for group in groups])
            told.append((groups, sorted(map(repr, scope))))
    assert told[0] == told[1]
    assert means[0] == pytest.approx(means[1], rel=1e-12)


def test_all_statuses_are_no_filter_and_are_counted_with_each_facet(client: TestClient, twins: Stock) -> None:
    del twins
    every = client.get("/v1/facets?field=status,make&status=active,gone,sold").json()
    assert every["data"][0]["values"][0]["selected"] is True
    counts = {one["value"]: one["count"] for one in every["data"][0]["values"]}
    assert counts == {word: count for word, count in every["status"].items() if count}
    without = client.get("/v1/facets?field=status,make").json()
    assert (without["status"], without["count"]) == (every["status"], 60)
    some = client.get("/v1/facets?field=make&status=sold,gone").json()
    assert some["status"] == every["status"] | {"active": 0}


def test_what_was_seen_lately_is_counted_back_from_now_and_is_not_known_of_a_past_day(
    client: TestClient, stock: Stock
) -> None:
    rows = [{"hours": 1, "last_seen": NOW - timedelta(hours=ago)} for ago in (1, 20, 30)]
    stock.many(stock.dealer(), rows)
    for path in ("facets?field=make", "stats?value=hours&status=active"):
        assert client.get(f"/v1/{path}&seen_within=24h").json()["count"] == 2
        answer = client.get(f"/v1/{path}&seen_within=24h&as_of=2026-01-01")
        assert answer.status_code == 422
        assert [error["parameter"] for error in answer.json()["errors"]] == ["seen_within"]

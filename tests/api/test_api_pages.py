"""Pages by keyset: every order walked to its end gives each row once, nulls last, on both databases."""

from __future__ import annotations

import random
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.columns import ApiColumn
from api.database import Database
from api.pages import read_page
from api.parameters import parse_query
from api.resources import CRAWLS, DEALERS, LISTINGS
from inventory.settings import Settings
from inventory.tables import listings
from tests.api.stock import T0, Stock

SORTABLE = [column for column in LISTINGS.columns.values() if column.sortable]
KEPT = ("id", "dealer", "dealer_id", "identity_key", "unit_id", "crawl_id")


def _value(column: ApiColumn, rng: random.Random) -> Any:
    if column.nullable and rng.random() < 0.35:
        return None
    pools: dict[str, list[Any]] = {
        "integer": [0, 1, 2, 7],
        "float": [0.0, 0.1, 1 / 3, 1e-12, 22.5],
        "money": ["0.00", "0.01", "19.99", "249999999.99"],
        "time": [T0, T0 + timedelta(microseconds=1), T0 + timedelta(days=1)],
        "text": ["", "a", "A", "á", "a b", 'it\'s, "so"'],
        "category": ["excavators", "mini-excavators"],
        "word": list(column.words),
    }
    return rng.choice(pools[column.kind])


@pytest.fixture
def database(any_settings: Settings, stock: Stock) -> Iterator[Database]:
    rng = random.Random(7)
    columns = [column for column in SORTABLE if column.name not in KEPT]
    for name in ("northside", "acme", "zeta"):
        rows = [{column.name: _value(column, rng) for column in columns} for _ in range(8)]
        for number, row in enumerate(rows):
            row |= {"url": f"https://dealer.example/{number}"}
            for length in ((name, listings.c[name].type) for name in row):
                limit = getattr(length[1], "length", None)
                if limit and isinstance(row[length[0]], str) and length[0] not in ("category", *_worded()):
                    row[length[0]] = row[length[0]][:limit]
        stock.many(stock.dealer(name), rows)
    database = Database(any_settings)
    yield database
    database.close()


def _worded() -> set[str]:
    return {column.name for column in SORTABLE if column.words}


def _walk(database: Database, resource: Any, sort: str, limit: int, **filters: str) -> list[dict[str, Any]]:
    """All rows of the order, page by page."""
    found: list[dict[str, Any]] = []
    cursor = None
    with database.read() as connection:
        for _ in range(200):
            fields = ",".join(dict.fromkeys(["id", *sort.replace("-", "").split(",")]))
            parameters = {"sort": sort, "limit": str(limit), "count": "none", "fields": fields, **filters}
            parameters |= {"cursor": cursor} if cursor else {}
            query = parse_query(resource, list(parameters.items()), max_page_size=1000)
            page = read_page(connection, query, database.dialect, "status")
            found += page.rows
            cursor = page.next_cursor
            if cursor is None:
                return found
    raise AssertionError("the walk has no end")


def _nulls_last(rows: list[dict[str, Any]], name: str) -> bool:
    unknown = [row[name] is None for row in rows]
    return unknown == sorted(unknown)


def test_every_order_walked_to_its_end_gives_each_row_once_with_nulls_last(database: Database) -> None:
    for column in SORTABLE:
        for sign in ("", "-"):
            rows = _walk(database, LISTINGS, sign + column.name, 7)
            assert sorted(row["id"] for row in rows) == sorted({row["id"] for row in rows}), column.name
            assert len(rows) == 24, sign + column.name
            assert _nulls_last(rows, column.name), sign + column.name
            known = [row[column.name] for row in rows if row[column.name] is not None]
            if column.ordered and column.kind != "time":
                assert known == sorted(known, reverse=sign == "-"), sign + column.name


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    keys=st.lists(st.sampled_from(SORTABLE), min_size=1, max_size=4, unique_by=lambda column: column.name),
    signs=st.lists(st.sampled_from(("", "-")), min_size=4, max_size=4),
    limit=st.integers(2, 25),
)
def test_orders_of_several_columns_give_what_one_large_page_gives(
    database: Database, keys: list[ApiColumn], signs: list[str], limit: int
) -> None:
    sort = ",".join(sign + key.name for sign, key in zip(signs, keys, strict=False))
    walked = [row["id"] for row in _walk(database, LISTINGS, sort, limit)]
    at_once = [row["id"] for row in _walk(database, LISTINGS, sort, 1000)]
    assert walked == at_once
    assert len(set(walked)) == 24


def test_a_range_on_the_sorted_column_leaves_out_nulls_and_nothing_else(database: Database) -> None:
    rows = _walk(database, LISTINGS, "-price", 3, price__gte="0")
    everything = _walk(database, LISTINGS, "id,price", 1000)
    assert sorted(row["id"] for row in rows) == [row["id"] for row in everything if row["price"] is not None]


def test_an_order_by_the_dealers_name_walks_to_its_end(database: Database) -> None:
    names = [row["dealer"] for row in _walk(database, LISTINGS, "-dealer,price", 5)]
    assert names == ["zeta"] * 8 + ["northside"] * 8 + ["acme"] * 8


def test_crawls_and_dealers_walk_to_their_end(any_settings: Settings, stock: Stock, client: TestClient) -> None:
    for number in range(7):
        dealer = stock.dealer(f"dealer-{number}", title=None if number % 2 else f"Dealer {number}")
        stock.crawl(dealer, ended_at=None if number % 3 else T0, outcome="running" if number % 3 else "healthy")
    for path, sort, rows in (("/v1/crawls", "-ended_at", 7), ("/v1/dealers", "title,-name", 7)):
        seen: list[int] = []
        url: str | None = f"{path}?sort={sort}&limit=2"
        while url:
            page = client.get(url).json()
            seen += [row["id"] for row in page["data"]]
            url = page["next"]
        assert len(seen) == len(set(seen)) == rows
    assert CRAWLS.columns["ended_at"].nullable
    assert DEALERS.columns["title"].nullable


def test_next_is_given_in_the_body_and_as_a_link_until_the_last_page(client: TestClient, stock: Stock) -> None:
    stock.many(stock.dealer(), [{"year": year} for year in (2001, 2002, 2003)])
    first = client.get("/v1/listings", params={"limit": 2, "sort": "-year", "year__gte": 2000})
    body = first.json()
    assert [row["year"] for row in body["data"]] == [2003, 2002]
    assert body["has_more"] is True
    assert first.links["next"]["url"] == body["next"]
    second = client.get(body["next"])
    assert [row["year"] for row in second.json()["data"]] == [2001]
    answer = second.json()
    assert answer.pop("data_as_of") is not None
    assert answer.pop("as_of") is None
    assert answer.pop("stale_dealers")["count"] == 1
    assert answer | {"data": []} == {
        "data": [],
        "limit": 2,
        "has_more": False,
        "next_cursor": None,
        "next": None,
        "count": 3,
        "count_kind": "exact",
        "truncated": False,
        "status": {"active": 3, "gone": 0, "sold": 0},
        "warnings": [],
    }
    assert "link" not in second.headers


def test_a_page_exactly_as_long_as_the_rest_is_the_last(client: TestClient, stock: Stock) -> None:
    stock.many(stock.dealer(), [{}, {}])
    page = client.get("/v1/listings?limit=2").json()
    assert (len(page["data"]), page["has_more"], page["next"]) == (2, False, None)


def test_later_pages_carry_the_first_pages_counts_and_warnings(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    stock.many(dealer, [{"price": 1, "currency": "USD"}, {"price": 2, "currency": "EUR"}])
    first = client.get("/v1/listings?limit=1&sort=price").json()
    stock.listing(dealer, price=3, currency="GBP")
    second = client.get(first["next"]).json()
    assert second["count"] == first["count"] == 2
    assert second["warnings"] == first["warnings"] != []


def test_rows_added_while_walking_do_not_repeat_or_hide_others(client: TestClient, stock: Stock) -> None:
    dealer = stock.dealer()
    before = stock.many(dealer, [{}] * 4)
    first = client.get("/v1/listings?limit=2").json()
    stock.many(dealer, [{}] * 2)
    rest = client.get(f"{first['next']}&limit=1000".replace("limit=2&", "")).json()
    seen = [row["id"] for row in first["data"] + rest["data"]]
    assert seen[:4] == before
    assert len(set(seen)) == 6


def test_a_cursor_of_another_query_is_refused(client: TestClient, stock: Stock, subtests: pytest.Subtests) -> None:
    stock.many(stock.dealer(), [{"price": 10}, {"price": 20}])
    first = {"limit": "1", "sort": "price"}
    cursor = client.get("/v1/listings", params=first | {"price__gte": "5"}).json()["next_cursor"]
    others = [{"sort": "-price", "price__gte": "5"}, {"price__gte": "6"}, {"price__gt": "5"}, {}]
    others += [{"make": "Komatsu", "price__gte": "5"}, {"sort": "price,id,year", "price__gte": "5.01"}]
    for other in others:
        with subtests.test(str(other)):
            answer = client.get("/v1/listings", params=first | other | {"cursor": cursor})
            assert answer.status_code == 400
            assert answer.json()["type"] == "urn:yardstick:problem:invalid-cursor"
            assert answer.json()["errors"][0]["parameter"] == "cursor"


def test_a_cursor_may_go_on_with_another_page_size_and_other_columns(client: TestClient, stock: Stock) -> None:
    ids = stock.many(stock.dealer(), [{"price": 10}, {"price": 20}, {"price": 30}])
    cursor = client.get("/v1/listings?limit=1&sort=price").json()["next_cursor"]
    page = client.get(f"/v1/listings?limit=5&sort=price&fields=id&cursor={cursor}").json()
    assert page["data"] == [{"id": ids[1]}, {"id": ids[2]}]


CHANGED: list[list[Any]] = [
    ["1; DROP TABLE listings", 1],
    [1.5],
    [1, None],
    [None, "x"],
    [True, 1],
    [1e300, 1],
    [1, 2**63],
    [{"a": 1}, 1],
]


def test_a_cursor_that_was_changed_is_refused(client: TestClient, stock: Stock, subtests: pytest.Subtests) -> None:
    stock.many(stock.dealer(), [{"price": 10}, {"price": 20}])
    real = client.get("/v1/listings?limit=1&sort=price").json()["next_cursor"]
    owner = orjson.loads(urlsafe_b64decode(real + "=" * (-len(real) % 4)))[0]
    for values in CHANGED:
        with subtests.test(str(values)):
            forged = urlsafe_b64encode(orjson.dumps([owner, values, None])).decode().rstrip("=")
            answer = client.get("/v1/listings", params={"limit": 1, "sort": "price", "cursor": forged})
            assert answer.status_code == 400


def test_what_is_no_cursor_is_refused(client: TestClient, subtests: pytest.Subtests) -> None:
    for cursor in ("", "x", "ä", "W10", "bnVsbA", "MQ", "%00", "WzEsMiwzXQ", "A" * 5000):
        with subtests.test(cursor[:20]):
            assert client.get("/v1/listings", params={"cursor": cursor}).status_code == 400


def test_a_limit_out_of_bounds_is_refused_and_not_cut(client: TestClient, subtests: pytest.Subtests) -> None:
    for limit in ("0", "-1", "1001", "ten", "", "1.5", "٣", "99999999999999999999"):
        with subtests.test(limit):
            answer = client.get("/v1/listings", params={"limit": limit})
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["parameter"] == "limit"


def test_without_count_nothing_is_counted(client: TestClient, stock: Stock) -> None:
    stock.listing(stock.dealer())
    page = client.get("/v1/listings?count=none").json()
    assert (page["count"], page["status"]) == (None, None)

"""Pages read past SQLAlchemy's execution: the same rows as through it, whatever the columns hold."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import Connection, literal, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from api.columns import BIGINT_MAX
from api.direct import MOST_ROWS, is_plain, nearest_prepared, page_prepared, page_rows, prepared, run
from api.keyset import read_cursor, write_cursor
from api.parameters import ListQuery, parse_query
from api.queries.lists import page_columns, page_statements
from api.replica import Places
from api.resources import LISTINGS
from api.resources_of_units import UNITS
from api.rows import JSON_OPTIONS, fetch
from inventory.engine import reader_engine, writer_engine
from inventory.settings import Settings
from tests.api.stock import Stock, stock_of

ODD: list[dict[str, Any]] = [
    {},
    {
        "title": 'Ünï "quoted" \\ 日本 🐕 \u2028 +00:00',
        "price": Decimal("49999.50"),
        "unit_price_per_kg": Decimal("3.10"),
    },
    {"title": "", "price": Decimal("0.00"), "hours": 2**31 - 1, "lat": -0.0, "lon": 1e-7, "size_value": 1e22},
    {"title": "a\nb\tc\u0001", "price": Decimal("999999999999.99"), "year": 1999, "rating": 0.1 + 0.2},
    {"gone_at": datetime(2026, 2, 3, 4, 5, 6, 120_000, tzinfo=UTC), "status": "gone", "year": 2020},
    {"doubtful": {"price": [None, 1.5, "ä"]}, "missing": {"hours": [1, 2]}, "hours": 7, "year": 2020},
    {
        "id": 2**53 + 1,
        "price": Decimal("10.01"),
        "hours": 7,
        "unit_price_per_kg": Decimal("3.10"),
        "category": "excavators",
    },
]
QUERIES = [
    "",
    "sort=-price",
    "sort=price",
    "sort=hours,-year&limit=2",
    "sort=-last_seen&status=active",
    "sort=title&limit=3&fields=title",
    "sort=gone_at&fields=gone_at,missing,doubtful,images,description,raw,unit_listings_count",
    "category=excavators&price__gte=1&price__lte=50000&sort=price",
    "category=excavators,dozers&first_seen__gte=2026-01-01",
    "dealer=northside&hours__isnull=false&title__contains=%25,ü&sort=-hours",
    "images=a.jpg,b.jpg&fields=images,id",
    "dedup=unit&sort=-price",
    "year=1999,2020,2021&price__isnull=true",
]


def text_of(rows: list[dict[str, Any]]) -> bytes:
    return orjson.dumps(rows, option=JSON_OPTIONS)


@pytest.fixture
def connection(postgres_settings: Settings) -> Any:
    """A connection of the API's to odd listings."""
    with stock_of(postgres_settings) as stock:
        dealer = stock.dealer()
        ids = [stock.listing(dealer, **row) for row in ODD]
        stock.details(ids[1], images=["a.jpg", "ü.jpg"], description="long\n" * 3, raw={"price": "€ 49.999,50"})
        stock.unit(ids[0], ids[3])
        stock.unit(ids[1])
    engine = reader_engine(postgres_settings).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def queried(said: str, resource: Any = LISTINGS) -> ListQuery:
    return parse_query(resource, parse_qsl(said), max_page_size=1000)


def by_sqlalchemy(connection: Connection, query: ListQuery, after: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for statement in page_statements(query, after, "postgresql"):
        wanted = query.limit + 1 - len(rows)
        rows += fetch(connection, statement.limit(wanted), page_columns(query), "postgresql")
    return rows[: query.limit + 1]


def test_every_page_to_the_end_has_the_rows_that_sqlalchemy_reads(connection: Connection) -> None:
    pages = {said: _same_to_the_end(connection, queried(said)) for said in QUERIES}
    assert min(count for said, count in pages.items() if "limit" in said) > 1


def _same_to_the_end(connection: Connection, query: ListQuery) -> int:
    """How many pages there were."""
    after, pages = None, 1
    while True:
        direct = page_rows(connection, query, after)
        assert text_of(direct) == text_of(by_sqlalchemy(connection, query, after))
        if len(direct) <= query.limit:
            return pages
        last = direct[query.limit - 1]
        token = write_cursor(query.fingerprint, [last[key.column.name] for key in query.keys])
        after, _ = read_cursor(token, query.fingerprint, query.keys)
        pages += 1


def test_all_columns_are_written_as_they_are(connection: Connection) -> None:
    every = queried("fields=" + ",".join(LISTINGS.own))
    rows = page_rows(connection, every, None)
    assert text_of(rows) == text_of(by_sqlalchemy(connection, every, None))
    told = {row["title"]: row for row in orjson.loads(text_of(rows))}
    odd = told[ODD[1]["title"]]
    assert odd["price"] == 49999.5
    assert odd["images"] == ["a.jpg", "ü.jpg"]
    assert {row["id"] for row in rows} >= {2**53 + 1}
    assert {row["gone_at"] for row in orjson.loads(text_of(rows))} == {None, "2026-02-03T04:05:06.120000Z"}


def test_units_are_read_alike(connection: Connection) -> None:
    query = queried("sort=-last_seen&limit=1&dealer=northside", UNITS)
    assert page_rows(connection, query, None) == by_sqlalchemy(connection, query, None)


def test_what_looks_back_from_now_is_not_kept() -> None:
    assert is_plain(queried("sort=-price&price__gte=5"))
    assert not is_plain(queried("seen_within=24h"))


def test_a_failing_statement_fails_as_through_sqlalchemy(connection: Connection) -> None:
    query = queried("limit=1")
    statement = prepared(next(iter(page_statements(query, None, "postgresql"))))
    connection.execute(text("SET statement_timeout = 1"))
    slow = type(statement)("SELECT pg_sleep(5), $1::int", statement.values[:1], statement.names[:1])
    with pytest.raises(DBAPIError) as refused:
        run(connection, slow, {"most_rows": 1})
    assert not refused.value.connection_invalidated


def test_a_lost_connection_is_given_up(connection: Connection, postgres_settings: Settings) -> None:
    query = queried("limit=1")
    pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with stock_of(postgres_settings) as stock, stock.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    with pytest.raises(DBAPIError) as lost:
        page_rows(connection, query, None)
    assert lost.value.connection_invalidated
    connection.rollback()
    assert page_rows(connection, query, None)  # the next one goes over another


def test_pages_answer_over_http(stock: Stock, client: TestClient) -> None:
    dealer = stock.dealer()
    stock.many(dealer, [{"price": Decimal(number)} for number in range(5)])
    first = client.get("/v1/listings?sort=-price&limit=2&price__lte=3.5").json()
    assert [row["price"] for row in first["data"]] == [3.0, 2.0]
    assert [row["price"] for row in client.get(first["next"]).json()["data"]] == [1.0, 0.0]
    assert client.get(f"/v1/listings?id={BIGINT_MAX}").json()["data"] == []


def test_a_lost_connection_costs_the_pool_that_it_came_from_and_that_once(postgres_settings: Settings) -> None:
    elsewhere = postgres_settings.read_url.replace("127.0.0.1", "localhost")
    spared = {"database_read_url": SecretStr(elsewhere), "read_fallback": "primary"}
    places = Places(postgres_settings.model_copy(update=spared))
    replica = places.now
    writer = writer_engine(postgres_settings)
    with ExitStack() as reading, writer.connect() as other:
        late, early, idle = [reading.enter_context(replica.autocommit.connect()) for _ in range(3)]
        idle.close()
        for one in (late, early):
            pid = one.execute(text("SELECT pg_backend_pid()")).scalar_one()
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        assert replica.engine.pool.checkedin() == 1
        _fails(early)
        assert replica.engine.pool.checkedin() == 0
        places.lost(replica, OperationalError("", None, Exception("gone")))
        for place in (places.now, replica):
            place.autocommit.connect().close()
        _fails(late)
        assert [place.engine.pool.checkedin() for place in places.all()] == [1, 1]
    places.close()
    writer.dispose()


def _fails(connection: Connection) -> None:
    with pytest.raises(DBAPIError) as lost:
        run(connection, prepared(select(literal(1))), {MOST_ROWS: 1})
    assert lost.value.connection_invalidated


@pytest.mark.parametrize("values", ["x" * 3000, ",".join(f"m{number:03}" for number in range(900))])
@pytest.mark.parametrize("nearest", ["", "&near=50,8&within_km=9"])
def test_statements_of_queries_with_long_or_many_values_are_not_kept(values: str, nearest: str) -> None:
    def made(asked: str) -> Any:
        query = queried(asked + nearest)
        return next(iter(nearest_prepared(query, None) if nearest else page_prepared(query, None)[0]))

    assert made("make=Komatsu,Caterpillar") is made("make=Komatsu,Caterpillar")
    assert made(f"make={values}") is not made(f"make={values}")
    assert made(f"make={values}") == made(f"make={values}")

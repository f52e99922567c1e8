"""Times and money come back as they went in, from both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.dialects import sqlite

from inventory.columns import JSON_VALUE, Money, Time

kept = Table(
    "kept",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", Time),
    Column("amount", Money),
    Column("said", JSON_VALUE),
)


@pytest.fixture
def connection(any_writer):
    with any_writer.begin() as connection:
        kept.create(connection)
        yield connection


def there_and_back(connection, column, values):
    connection.execute(insert(kept), [{"at": None, "amount": None, "said": None, column: value} for value in values])
    return list(connection.execute(select(kept.c[column]).order_by(kept.c.id)).scalars())


def test_times_amounts_and_json_come_back_and_amounts_are_ordered_as_numbers(connection):
    east = timezone(timedelta(hours=5, minutes=30))
    times = [
        datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC),
        datetime(2026, 7, 1, 5, tzinfo=east),
        datetime(1970, 1, 1, tzinfo=UTC),
        None,
    ]
    back = there_and_back(connection, "at", times)
    assert back == times
    assert all(moment is None or moment.utcoffset() == timedelta(0) for moment in back)

    amounts = [Decimal(text) for text in ("0.01", "0.00", "19.99", "45000.00", "0.10", "99999999999.99", "12345678.91")]
    back = there_and_back(connection, "amount", amounts)[-len(amounts) :]
    assert back == amounts
    assert [str(amount) for amount in back] == [str(amount) for amount in amounts]

    assert there_and_back(connection, "amount", [1.1, 7, None])[-3:] == [Decimal("1.10"), Decimal("7.00"), None]

    said = [{"größe": [1, 2.5, None]}, [], {}, None]
    assert there_and_back(connection, "said", said)[-len(said) :] == said

    query = select(kept.c.amount).where(kept.c.amount > Decimal("19.99")).order_by(kept.c.amount).limit(2)
    assert list(connection.execute(query).scalars()) == [Decimal("45000.00"), Decimal("12345678.91")]


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="a time without a zone"):
        Time().process_bind_param(datetime(2026, 3, 1), sqlite.dialect())

"""How much a statistic has to read, known beforehand: what reads all rows waits its turn, what reads a few does not."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request

from api.answers import refuse_unknown_dealers
from api.columns import ApiColumn
from api.database import database_of
from api.gate import heavy_of
from api.parameters import ListQuery
from api.planner import plan_of
from api.queries.lists import matches

HEAVY_ROWS: Final = 50_000
_ROOM: Final = {"work_mem": "64MB", "parallel_tuple_cost": "0.01", "jit": "off"}
_DISTINCT: Final = text("""
    SELECT CASE WHEN n_distinct < 0 THEN -n_distinct * reltuples ELSE n_distinct END
      FROM pg_stats JOIN pg_class ON oid = to_regclass(quote_ident(schemaname) || '.' || quote_ident(tablename))
     WHERE schemaname = current_schema()
       AND (tablename, attname) IN (SELECT * FROM unnest(CAST(:tables AS text[]), CAST(:columns AS text[])))
""")
"""How many different values columns have."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A connection to read statistics with, and about how many rows they are of (None: of a past day)."""

    connection: Connection
    rows: int | None


@contextmanager
def reading(request: Request, query: ListQuery) -> Iterator[Reading]:
    """A connection to read statistics of the query's rows with; those over very many rows wait at the gate.

    Raises `Problem` 422 for a dealer that is not known, and 503 where too many wait.
    """
    database = database_of(request)
    with ExitStack() as stack:
        with ExitStack() as first:
            connection = first.enter_context(database.read())
            refuse_unknown_dealers(connection, query)
            rows = None if query.as_of is not None else rows_expected(connection, query, database.dialect)
            heavy = rows is None or rows > HEAVY_ROWS
            if not heavy:
                stack.enter_context(first.pop_all())
        if heavy:
            stack.enter_context(heavy_of(request).passing())
            connection = stack.enter_context(database.read())
            stack.enter_context(_room_for_all_rows(connection, database.dialect))
        yield Reading(connection, rows)


@contextmanager
def _room_for_all_rows(connection: Connection, dialect: str) -> Iterator[None]:
    """Memory in which all rows are sorted or counted without the disk, while few do so at a time; several processes,
    where what they hand over is worth it; nothing is compiled, which takes longer than it saves."""
    if dialect != "postgresql":
        yield
        return
    for name, value in _ROOM.items():
        connection.execute(text(f"SET {name} = '{value}'"))
    try:
        yield
    finally:
        # Of a connection that broke meanwhile there is nothing to set back: the pool throws it away.
        with suppress(SQLAlchemyError):
            for name in _ROOM:
                connection.execute(text(f"RESET {name}"))


def values_repeat(reading: Reading, columns: Iterable[ApiColumn], dialect: str) -> bool:
    """Whether counting each combination of the columns' values leaves at most half as many rows, as PostgreSQL knows
    them by its samples. Of few rows it is not asked."""
    if dialect != "postgresql" or reading.rows is None or reading.rows <= HEAVY_ROWS:
        return False
    named = {(column.source.table.name, column.source.name) for column in columns}
    known = reading.connection.execute(_DISTINCT, {"tables": [t for t, _ in named], "columns": [c for _, c in named]})
    numbers = [max(float(number), 1.0) for number in known.scalars()]
    return len(numbers) == len(named) and math.prod(numbers) <= reading.rows / 2


def rows_expected(connection: Connection, query: ListQuery, dialect: str) -> int:
    """About how many rows the query has: PostgreSQL's guess, or SQLite's count up to where they are many."""
    used = [filter_.column for filter_ in query.filters]
    rows = (
        select(query.resource.columns["id"].source)
        .select_from(query.resource.tables_for(used))
        .where(*matches(query.resource, query.filters, dialect, by_unit=False))
    )
    if dialect == "postgresql":
        return int(plan_of(connection, rows)["Plan Rows"])
    some = rows.limit(HEAVY_ROWS + 1).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())

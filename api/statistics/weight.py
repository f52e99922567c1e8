"""How much a statistic has to read, known beforehand: what reads all rows waits its turn, what reads a few does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ClauseElement, Executable
from starlette.requests import Request

from api.answers import refuse_unknown_dealers
from api.database import database_of
from api.gate import heavy_of
from api.parameters import ListQuery
from api.queries.lists import matches

HEAVY_ROWS: Final = 50_000


class Explain(Executable, ClauseElement):
    """The plan of a SELECT, as JSON."""

    inherit_cache = False

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


@compiles(Explain, "postgresql")
def _explain(element: Explain, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.statement, **options)}"


@contextmanager
def reading(request: Request, query: ListQuery) -> Iterator[Connection]:
    """A connection to read statistics of the query's rows with; those over very many rows wait at the gate.

    Raises `Problem` 422 for a dealer that is not known, and 503 where too many wait.
    """
    database = database_of(request)
    with ExitStack() as stack:
        with ExitStack() as first:
            connection = first.enter_context(database.read())
            refuse_unknown_dealers(connection, query)
            heavy = query.as_of is not None or rows_expected(connection, query, database.dialect) > HEAVY_ROWS
            if not heavy:
                stack.enter_context(first.pop_all())
        if heavy:
            stack.enter_context(heavy_of(request).passing())
            connection = stack.enter_context(database.read())
        yield connection


def rows_expected(connection: Connection, query: ListQuery, dialect: str) -> int:
    """About how many rows the query has: PostgreSQL's guess, or SQLite's count up to where they are many."""
    used = [filter_.column for filter_ in query.filters]
    rows = (
        select(query.resource.columns["id"].source)
        .select_from(query.resource.tables_for(used))
        .where(*matches(query.resource, query.filters, dialect, by_unit=False))
    )
    if dialect == "postgresql":
        [plan] = connection.execute(Explain(rows)).scalar_one()
        return int(plan["Plan"]["Plan Rows"])
    some = rows.limit(HEAVY_ROWS + 1).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())

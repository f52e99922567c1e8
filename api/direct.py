"""The hot path on PostgreSQL: SQLAlchemy compiles the statements of a page once, psycopg's own cursor runs them.

Measured on one machine, of 51 rows with 72 columns: SQLAlchemy's execution and rows cost more than twice what psycopg
with values in binary costs, and compiling three times as much again; JSON built by the database (row_to_json, concat)
costs it more than binary values, a dict a row and orjson cost together, because it looks each column's type up anew.
What is kept is the text of a query with its values, and the places where a cursor's values go: walking through pages
compiles nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, wraps
from itertools import count, islice
from typing import Any, Concatenate, Final, ParamSpec, TypeAlias, TypeVar, cast

import psycopg
from psycopg import RawCursor
from psycopg.types.json import Jsonb
from sqlalchemy import ARRAY, BigInteger, Connection, Integer, Select, bindparam, literal_column, select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError

from api.columns import ApiColumn
from api.filters import OPERATORS
from api.parameters import ListQuery
from api.queries.lists import goes_from_place_to_place, page_columns, page_statements, rows_of_numbers
from api.resources import LISTINGS, Resource
from api.resources_of_units import UNITS
from api.rows import as_dicts, fetch, read_as
from api.serving.version import SNAPSHOT
from api.stand_in import Told
from inventory.engine import lose_pool

P = ParamSpec("P")
T = TypeVar("T")
KEPT: Final = 512
LONGEST_KEPT: Final = 2000
"""Characters of a query's values, those that are no texts counted as one, up to which what is made of it is kept."""
_DIALECT: Final = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
_AFTER: Final = re.compile(r"after_[0-9]+")
MOST_ROWS: Final = "most_rows"
"""The parameter of how many rows are read."""
_NUMBER: Final = "row_number"
_NUMBERS: Final = "row_numbers"


def keeping(make: Callable[Concatenate[ListQuery, P], T]) -> Callable[Concatenate[ListQuery, P], T]:
    """`lru_cache` for what is made of a query, but not of one with long or many values: what is kept is bounded by
    number, and who asks for 60 kB each time would fill memory with what nobody asks for again."""
    kept = cast(Callable[Concatenate[ListQuery, P], T], lru_cache(maxsize=KEPT)(make))

    @wraps(make)
    def found(query: ListQuery, /, *arguments: P.args, **named: P.kwargs) -> T:
        lengths = (len(value) if isinstance(value, str) else 1 for one in query.filters for value in one.values)
        return (kept if sum(lengths) <= LONGEST_KEPT else make)(query, *arguments, **named)

    return found


@dataclass(frozen=True, slots=True)
class Prepared:
    """One statement: its text with $1, $2 …, and for each of these a value, or the name of what comes with a page."""

    text: str
    values: tuple[Any, ...]
    names: tuple[str | None, ...]

    def with_values(self, given: dict[str, Any]) -> list[Any]:
        """The values in their order."""
        return [value if name is None else given[name] for value, name in zip(self.values, self.names, strict=True)]


Asked: TypeAlias = tuple[Prepared, dict[str, Any]]
"""A statement, and the values of its names."""


def is_plain(query: ListQuery) -> bool:
    """Whether it is one of the lists that are asked for most, and its statements depend on a cursor by its values alone
    and on no clock."""
    return (
        query.resource in (LISTINGS, UNITS)
        and query.as_of is None
        and not query.ranked
        and all(one.operator in OPERATORS and one.said is None for one in query.filters)
    )


def is_nearest(query: ListQuery) -> bool:
    """Whether it asks for the nearest listings, with filters that depend on no clock."""
    return goes_from_place_to_place(query) and all(
        one.operator in (*OPERATORS, "near") and one.said is None for one in query.filters
    )


def page_rows(connection: Connection, query: ListQuery, after: Sequence[Any] | None) -> list[dict[str, Any]]:
    """Rows of a plain query behind `after`, as `api.rows.fetch` has them; one more than a page holds if there is
    one."""
    statements, given = page_prepared(query, after)
    return _rows(connection, query, statements, given)


def page_prepared(query: ListQuery, after: Sequence[Any] | None) -> tuple[Sequence[Prepared], dict[str, Any]]:
    """The statements of a plain query that are run until a page is full, and the values of its cursor."""
    known = None if after is None else tuple(value is not None for value in after)
    statements = _prepared(replace(query, cursor=None, count="none", limit=1, strict=False), known)
    return statements, {} if after is None else {f"after_{place}": value for place, value in enumerate(after)}


def nearest_rows(connection: Connection, query: ListQuery, after: Sequence[Any] | None) -> list[dict[str, Any]]:
    """The same of a query for the nearest; a ring farther out is prepared only where those within are not enough."""
    return _rows(connection, query, nearest_prepared(query, after), {})


def nearest_prepared(query: ListQuery, after: Sequence[Any] | None) -> Iterator[Prepared]:
    """The statements of a query for the nearest that are run until a page is full."""
    if after is not None:
        return map(prepared, page_statements(query, after, "postgresql", _written_out))
    return _prepared_rings(replace(query, cursor=None, count="none", strict=False))


def _prepared_rings(query: ListQuery) -> Iterator[Prepared]:
    """The statements of a first page from the inside out, each prepared when it is asked for, and kept."""
    for place in count():
        ring = _prepared_ring(query, place)
        if ring is None:
            return
        yield ring


@keeping
def _prepared_ring(query: ListQuery, place: int) -> Prepared | None:
    """The statement of a first page in the ring of that place, from the inside out; None behind the last."""
    ring = next(islice(page_statements(query, None, "postgresql", _written_out), place, None), None)
    return None if ring is None else prepared(ring)


def _rows(
    connection: Connection, query: ListQuery, statements: Iterable[Prepared], given: dict[str, Any]
) -> list[dict[str, Any]]:
    wanted = query.limit + 1
    rows: list[tuple[Any, ...]] = []
    for statement in statements:
        given[MOST_ROWS] = wanted - len(rows)
        rows += run(connection, statement, given)
        if len(rows) >= wanted:
            break
    return as_dicts(rows, page_columns(query), "postgresql", strict=False)


def rows_by_number(
    connection: Connection, resource: Resource, columns: tuple[ApiColumn, ...], numbers: list[int], dialect: str
) -> list[dict[str, Any]]:
    """The rows of these numbers, in no order. On PostgreSQL the statement is compiled once."""
    if dialect != "postgresql":
        return fetch(connection, rows_of_numbers(resource, columns, numbers, dialect), columns, dialect)
    rows = run(connection, _prepared_by_number(resource, columns), {_NUMBERS: numbers, MOST_ROWS: len(numbers)})
    return as_dicts(rows, columns, dialect)


@lru_cache(maxsize=KEPT)
def _prepared_by_number(resource: Resource, columns: tuple[ApiColumn, ...]) -> Prepared:
    numbers = bindparam(_NUMBERS, None, type_=ARRAY(BigInteger))
    return prepared(rows_of_numbers(resource, columns, numbers, "postgresql"))


def rows_about(
    connection: Connection,
    about: Callable[[Any, str], Select[Any]],
    number: int,
    columns: Sequence[ApiColumn],
    dialect: str,
    most: int,
) -> list[dict[str, Any]]:
    """The first rows of a statement about the thing of this number: `about(number, dialect)`, whose first columns are
    `columns`, read with `read_as`. On PostgreSQL it is compiled once."""
    if dialect != "postgresql":
        return fetch(connection, about(number, dialect).limit(most), columns, dialect)
    return as_dicts(run(connection, *asked_about(about, number, most)), columns, dialect)


def asked_about(about: Callable[[Any, str], Select[Any]], number: int, most: int | None = None) -> Asked:
    """What `rows_about` asks on PostgreSQL."""
    return _prepared_about(about), {_NUMBER: number, MOST_ROWS: most}


@lru_cache(maxsize=KEPT)
def _prepared_about(about: Callable[[Any, str], Select[Any]]) -> Prepared:
    return prepared(about(bindparam(_NUMBER, None, type_=BigInteger()), "postgresql"))


def told_about(
    connection: Connection, about: Callable[[Any], Select[Any]], numbers: list[int]
) -> list[tuple[Any, ...]]:
    """All rows of a statement about the things of these numbers, `about(numbers)`, as the driver gives them. On
    PostgreSQL it is compiled once."""
    if connection.dialect.name != "postgresql":
        return [tuple(row) for row in connection.execute(about(numbers))]
    return run(connection, *asked_of(about, numbers))


def asked_of(about: Callable[[Any], Select[Any]], numbers: list[int]) -> Asked:
    """What `told_about` asks on PostgreSQL."""
    return _prepared_told(about), {_NUMBERS: numbers, MOST_ROWS: None}  # LIMIT NULL limits nothing


@lru_cache(maxsize=KEPT)
def _prepared_told(about: Callable[[Any], Select[Any]]) -> Prepared:
    return prepared(about(bindparam(_NUMBERS, None, type_=ARRAY(BigInteger))))


def run(connection: Connection, statement: Prepared, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The statement's rows as psycopg gives them. Raises SQLAlchemy's `DBAPIError`, as an execution by it would."""
    if isinstance(connection, Told):
        return connection.rows((statement, given))
    raw: Any = connection.connection.driver_connection
    try:
        with RawCursor(raw) as cursor:
            cursor.execute(statement.text, statement.with_values(given), binary=True)
            return cursor.fetchall()
    except psycopg.Error as error:
        # A column of another type than when the statement was prepared: so it is on all connections that stand.
        changed = isinstance(error, psycopg.errors.FeatureNotSupported)
        lost = changed or connection.dialect.is_disconnect(error, raw, None)  # type: ignore[arg-type]
        if lost:
            lose_pool(connection)
            connection.invalidate(error)
        raise DBAPIError.instance(
            statement.text, None, error, psycopg.Error, connection_invalidated=lost, dialect=connection.dialect
        ) from error


@keeping
def _prepared(query: ListQuery, known: tuple[bool, ...] | None) -> tuple[Prepared, ...]:
    """The statements of a query. `known`: which of the cursor's values are not null, None where there is no cursor."""
    after = None
    if known is not None:
        after = [
            bindparam(f"after_{place}", None, type_=key.column.source.type) if is_known else None
            for place, (key, is_known) in enumerate(zip(query.keys, known, strict=True))
        ]
    return tuple(prepared(statement) for statement in page_statements(query, after, "postgresql", _written_out))


def _written_out(columns: tuple[ApiColumn, ...], dialect: str) -> Select[Any]:
    """SELECT of the columns as a text: compiling seventy of them costs more than all the rest of a statement. Behind
    them the version of the data (`api.standing`)."""
    texts = [text for text in map(_text_of, columns) if text is not None]
    # What is reckoned from the query's own values stands behind what is stored.
    reckoned = columns[len(texts) :]
    version: Any = literal_column(f"({SNAPSHOT}) AS data_version")
    return select(literal_column(", ".join(texts)), *(read_as(column, dialect) for column in reckoned), version)


@lru_cache(maxsize=1024)
def _text_of(column: ApiColumn) -> str | None:
    """What is selected for a column; None where that has values of the query."""
    compiled = read_as(column, "postgresql").compile(dialect=_DIALECT)
    return None if compiled.params else f"{compiled} AS {_DIALECT.identifier_preparer.quote(column.name)}"


def prepared(statement: Select[Any]) -> Prepared:
    """The statement, of which as many rows are read as `most_rows` says."""
    limited = statement.limit(bindparam(MOST_ROWS, None, type_=Integer()))
    compiled = limited.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    values = compiled.construct_params()
    order = compiled.positiontup or []
    names = tuple(name if name in (MOST_ROWS, _NUMBER, _NUMBERS) or _AFTER.fullmatch(name) else None for name in order)
    arrays = {name for name, bind in compiled.binds.items() if isinstance(bind.type, ARRAY)}
    return Prepared(str(compiled), tuple(_as_given(values[name], name in arrays) for name in order), names)


def _as_given(value: Any, is_array: bool) -> Any:
    """As psycopg takes it: a list that is no array is compared with JSON."""
    return Jsonb(value) if isinstance(value, list) and not is_array else value

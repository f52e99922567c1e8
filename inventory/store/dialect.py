"""What the two databases say differently about writing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Connection, Table, Text, any_, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

Item = TypeVar("Item")

CHUNK: Final = 400
"""Keys in one query: SQLite takes a limited number of parameters."""

REFUSALS: Final = (StatementError, OverflowError, TypeError, UnicodeError)
"""What is raised for a value that no column takes; `is_of_a_row` tells which of them are."""


def is_of_a_row(error: Exception) -> bool:
    """Whether a row is at fault, not the database: PostgreSQL's class 54 (too large for an index) is one as well."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, REFUSALS)
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return isinstance(error, DataError | IntegrityError) or state.startswith("54")


def chunks(items: Sequence[Item]) -> Iterable[Sequence[Item]]:
    """Keys, as many at a time as one query takes."""
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))


def insert_ignoring(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], unique: tuple[str, ...]
) -> dict[tuple[Any, ...], int]:
    """Insert rows and leave out those whose unique key is there already; key → id of the rows that were added."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(table)
        .on_conflict_do_nothing(index_elements=list(unique))
        .returning(table.c.id, *(table.c[name] for name in unique))
    )
    return {tuple(row[1:]): row[0] for row in connection.execute(statement, list(rows))}


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], unique: tuple[str, ...]) -> None:
    """Insert rows; those whose unique key is there already replace what stands there. No key comes twice in `rows`."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    replaced = {name: statement.excluded[name] for name in rows[0] if name not in unique}
    connection.execute(statement.on_conflict_do_update(index_elements=list(unique), set_=replaced), list(rows))


def within(connection: Connection, column: ColumnElement[int], ids: Iterable[int]) -> ColumnElement[bool]:
    """Whether a column of numbers holds one of these: however many they are, they are one parameter."""
    wanted = sorted(ids)
    if connection.dialect.name == "postgresql":
        return column == any_(literal(wanted, postgresql.ARRAY(BigInteger)))
    listed = func.json_each(json.dumps(wanted)).table_valued("value")
    return column.in_(select(listed.c.value))


def within_texts(connection: Connection, column: ColumnElement[str], texts: Iterable[str]) -> ColumnElement[bool]:
    """The same for a column of text."""
    wanted = sorted(texts)
    if connection.dialect.name == "postgresql":
        return column == any_(literal(wanted, postgresql.ARRAY(Text)))
    listed = func.json_each(json.dumps(wanted)).table_valued("value")
    return column.in_(select(listed.c.value))

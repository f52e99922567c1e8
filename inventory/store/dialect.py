"""What the two databases say differently about writing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from sqlalchemy import ColumnElement, Connection, any_, func, literal, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError
from sqlalchemy.types import UserDefinedType

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


class _Numbers(UserDefinedType[str]):
    """PostgreSQL's array of numbers, given as its text: a driver's list costs ten times as much to write."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_: object) -> str:
        return "BIGINT[]"


def array_text(numbers: Iterable[int | float]) -> str:
    """Numbers as PostgreSQL writes an array of them."""
    return f"{{{','.join(map(str, numbers))}}}"


def within(connection: Connection, column: ColumnElement[int], ids: Iterable[int]) -> ColumnElement[bool]:
    """Whether a column of numbers holds one of these: however many they are, they are one parameter."""
    wanted = sorted(ids)
    if connection.dialect.name == "postgresql":
        return column == any_(literal(array_text(wanted), _Numbers()))
    listed = func.json_each(json.dumps(wanted)).table_valued("value")
    return column.in_(select(listed.c.value))

"""New rows by COPY, PostgreSQL's fastest way in: it takes the first while the program makes the next.

A value is spelled as the type of its column wants it. What no column takes raises what it does elsewhere in the store:
`TypeError`, `ValueError`, or one of SQLAlchemy's database errors.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from itertools import chain, islice
from typing import Any, Final

import orjson
import psycopg
from psycopg import sql
from sqlalchemy import JSON, Connection, Float, String, Table, exc

from inventory.columns import Time

NULL: Final = "\\N"
LINES: Final = 50
"""Rows that the database gets at once."""
_SIGNS: Final = re.compile(r"[\t\n\r\\]")
_ESCAPED: Final = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\"})
_OPTIONS: Final = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS
_NUMBERS: Final = (int, Decimal)
_ERRORS: Final = tuple(
    (getattr(psycopg, name), getattr(exc, name))
    for name in ("IntegrityError", "DataError", "OperationalError", "InternalError", "ProgrammingError")
)

Names = tuple[str, ...]


def copy_rows(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows (column → value, each with the columns of the first); the database takes them while they are made.

    The connection is not to be used while `rows` are read.
    """
    given = iter(rows)
    first = next(given, None)
    if first is None:
        return
    names = tuple(first)
    statement = _statement(table, names)
    lines = _lines(chain((first,), given), names, _spelled(table, names))
    raw: Any = connection.connection.driver_connection
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            while block := "".join(islice(lines, LINES)):
                copy.write(block)
    except psycopg.Error as error:
        raise _as_sqlalchemy_has_it(error, table) from error


def _lines(rows: Iterable[Mapping[str, Any]], names: Names, spelled: tuple[Callable[[Any], str], ...]) -> Iterator[str]:
    columns = tuple(zip(names, spelled, strict=True))
    for row in rows:
        yield "\t".join([NULL if (value := row[name]) is None else spell(value) for name, spell in columns]) + "\n"


@cache
def _statement(table: Table, names: Names) -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)


@cache
def _spelled(table: Table, names: Names) -> tuple[Callable[[Any], str], ...]:
    return tuple(_spelling(table.c[name].type) for name in names)


def _spelling(kind: Any) -> Callable[[Any], str]:
    for known, spell in ((Time, time_text), (JSON, _json), (Float, _float), (String, _text)):
        if isinstance(kind, known):
            return spell
    return _number


def time_text(value: datetime) -> str:
    """A time as text. Raises `ValueError` where it has no zone."""
    if value.tzinfo is None:
        raise ValueError(f"a time without a zone: {value!r}")
    return value.isoformat()


def _json(value: Any) -> str:
    return orjson.dumps(value, option=_OPTIONS).decode().replace("\\", "\\\\")  # the other signs it escapes itself


def _number(value: Any) -> str:
    return str(value) if type(value) in _NUMBERS else _text(value)


def _float(value: float) -> str:
    return repr(value) if math.isfinite(value) else NULL


def _text(value: Any) -> str:
    if not isinstance(value, str):
        return _json(value)
    return value.translate(_ESCAPED) if _SIGNS.search(value) else value


def _as_sqlalchemy_has_it(error: psycopg.Error, table: Table) -> exc.DBAPIError:
    kind = next((ours for theirs, ours in _ERRORS if isinstance(error, theirs)), exc.DatabaseError)
    found: exc.DBAPIError = kind(f"COPY {table.name}", None, error)
    return found

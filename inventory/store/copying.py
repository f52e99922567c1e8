"""New rows by COPY, PostgreSQL's fastest way in: it takes the first while the program makes the next.

A value is spelled as the type of its column wants it. What no column takes raises what it does elsewhere in the store:
`TypeError`, `ValueError`, or one of SQLAlchemy's database errors.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from decimal import Decimal
from functools import cache
from itertools import islice
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
Rows = Iterable[Mapping[str, Any]]
"""Rows of a table: column → value, each with the columns of the first."""


def copy_rows(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows into a table."""
    copy_in_order(connection, [(table, rows)])


def copy_in_order(connection: Connection, parts: Sequence[tuple[Table, Rows]]) -> None:
    """Insert rows into one table after the other.

    The database takes the first rows of a table while the next are made. While it ends with a table (keys are looked
    up, triggers run) those of the tables behind are made. So the connection is not to be used while rows are read, and
    rows may be read before those in front of them are in. Where the database refuses rows, that is what is raised.
    """
    raw = connection.connection.driver_connection
    made = [_Part(table, rows) for table, rows in parts]
    with ThreadPoolExecutor(1, thread_name_prefix="copy") as beside:
        for place, part in enumerate(made):
            try:
                if part.has_rows():
                    ended = beside.submit(_written(raw, part).close)
                    try:
                        while not ended.done() and any(later.make() for later in made[place + 1 :]):
                            pass
                    finally:
                        ended.result()
            except psycopg.Error as error:
                raise _as_sqlalchemy_has_it(error, part.table) from error


class _Part:
    """The rows of a table, and of these as text what is made and not written yet."""

    def __init__(self, table: Table, rows: Rows) -> None:
        self.table = table
        self.names: Names = ()
        self._lines = self._spelled(rows)
        self._ready: deque[str] = deque()

    def make(self) -> bool:
        """Make some more lines; False where there are no more."""
        block = "".join(islice(self._lines, LINES))
        if block:
            self._ready.append(block)
        return bool(block)

    def has_rows(self) -> bool:
        """Whether any line is to be written."""
        return bool(self._ready) or self.make()

    def blocks(self) -> Iterator[str]:
        """What is made, then what is left."""
        while self.has_rows():
            yield self._ready.popleft()

    def _spelled(self, rows: Rows) -> Iterator[str]:
        columns: tuple[tuple[str, Callable[[Any], str]], ...] = ()
        for row in rows:
            if not columns:
                self.names = tuple(row)
                columns = tuple(zip(self.names, _spelled(self.table, self.names), strict=True))
            yield "\t".join([NULL if (value := row[name]) is None else spell(value) for name, spell in columns]) + "\n"


def _written(raw: Any, part: _Part) -> ExitStack:
    """All rows of a part are sent; the database ends with them when what comes back is closed."""
    with ExitStack() as open_yet:
        cursor = open_yet.enter_context(raw.cursor())
        copy = open_yet.enter_context(cursor.copy(_statement(part.table, part.names)))
        for block in part.blocks():
            copy.write(block)
        return open_yet.pop_all()


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

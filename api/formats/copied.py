"""A list as PostgreSQL writes it by itself: `COPY (SELECT …) TO STDOUT`, as CSV or as a JSON object a line.

No row passes through Python. The bytes are those of csv_rows.py, and JSON of the same meaning as json_rows.py's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from typing import Any, Final, cast

import psycopg
from sqlalchemy import ColumnElement, Connection, Select, Text, case, func, literal_column, select, text
from sqlalchemy import cast as sql_cast
from sqlalchemy.exc import OperationalError

from api.columns import ApiColumn
from api.formats.choosing import Wanted
from api.formats.csv_options import CsvOptions
from api.formats.csv_rows import BOM, FORMULA_STARTS, GUARDED
from api.parameters import ListQuery
from api.queries.lists import export_statement

CHUNK_BYTES: Final = 256 * 1024
_APOSTROPHE: Final = literal_column("''''", Text)
_STARTS: Final[list[ColumnElement[Any]]] = [literal_column(str(ord(start))) for start in FORMULA_STARTS]
_TIME_FORM: Final[ColumnElement[Any]] = literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'""")
_NO_FRACTION: Final[ColumnElement[Any]] = literal_column("'.000000Z'")
_Z: Final[ColumnElement[Any]] = literal_column("'Z'")
_JSON_LINES: Final = r"(FORMAT csv, DELIMITER E'\x02', QUOTE E'\x01')"
"""JSON holds no control character as it is, so that nothing is ever quoted: each line is the text itself."""


def copyable(query: ListQuery, wanted: Wanted) -> bool:
    """Whether the database can write it. A decimal comma it cannot; and null in a CSV of one column it writes as an
    empty line, which readers pass over."""
    return wanted.format.name != "csv" or (wanted.csv.decimal == "." and len(query.columns) > 1)


def copied(connection: Connection, query: ListQuery, wanted: Wanted, timeout_s: float) -> Generator[bytes]:
    """Chunks of whole lines. `timeout_s` is how long the database may take for one; a slow reader costs it nothing.

    Raises SQLAlchemy's `OperationalError` where the database fails. Closed early, it ends the statement.
    """
    if wanted.format.name == "csv":
        statement, form = csv_statement(query, wanted.csv), _csv_form(wanted.csv)
        head = BOM if wanted.csv.bom else b""
    else:
        statement, form, head = json_statement(query), _JSON_LINES, b""
    # The statement lasts as long as the client reads: the time is taken chunk by chunk instead.
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    copy = f"COPY ({inlined(statement, connection, driver)}) TO STDOUT {form}".encode()
    try:
        with driver.cursor() as cursor, cursor.copy(copy) as rows:
            for chunk in _timed(iter(rows), driver.cancel_safe, timeout_s):
                yield head + chunk
                head = b""
    except psycopg.Error as error:
        raise OperationalError("COPY", None, error) from error


def csv_statement(query: ListQuery, options: CsvOptions) -> Select[Any]:
    """The rows with each value in the form that CSV gives it."""
    return export_statement(query, "postgresql", lambda column: _in_csv(column, escape=options.escape))


def json_statement(query: ListQuery) -> Select[Any]:
    """The rows as one JSON object each."""
    rows = export_statement(query, "postgresql", _in_json).subquery("found")
    return select(func.row_to_json(literal_column("found"))).select_from(rows)


def inlined(statement: Select[Any], connection: Connection, driver: psycopg.Connection[Any]) -> str:
    """The statement with its values in it, since COPY takes no parameters: quoted by the driver, for this server."""
    compiled = cast(Any, statement.compile(dialect=connection.dialect))
    expanded = compiled.construct_expanded_state()
    values = dict(expanded.parameters)
    for name, bind in compiled.binds.items():
        convert = bind.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        for its in expanded.parameter_expansion.get(name, [name]):
            if convert is not None and its in values:
                values[its] = convert(values[its])
    return psycopg.ClientCursor(driver).mogrify(expanded.statement, values)


def _csv_form(options: CsvOptions) -> str:
    separators = {",": "','", ";": "';'", "|": "'|'", "\t": r"E'\t'"}
    return f"(FORMAT csv, HEADER, DELIMITER {separators[options.sep]})"


def _in_csv(column: ApiColumn, *, escape: bool) -> ColumnElement[Any]:
    source = column.source
    if escape and column.kind in GUARDED:
        starts = func.ascii(source).in_(_STARTS)
        return case((starts, _APOSTROPHE.concat(source)), else_=source).label(column.name)
    if column.kind == "boolean":
        return sql_cast(source, Text).label(column.name)
    return _in_json(column)


def _in_json(column: ApiColumn) -> ColumnElement[Any]:
    source = column.source
    if column.kind == "time":
        source = func.replace(func.to_char(source, _TIME_FORM), _NO_FRACTION, _Z)
    return cast(ColumnElement[Any], source.label(column.name))


def _timed(rows: Iterator[Any], cancel: Callable[[], None], timeout_s: float) -> Iterator[bytes]:
    """Messages of a line each, joined to chunks; a chunk that takes too long ends the statement."""
    more = True
    while more:
        watch = threading.Timer(timeout_s, cancel)
        watch.daemon = True
        watch.start()
        try:
            parts, size = [], 0
            for row in rows:
                parts.append(row)
                size += len(row)
                if size >= CHUNK_BYTES:
                    break
            else:
                more = False
        finally:
            watch.cancel()
        if parts:
            yield b"".join(parts)

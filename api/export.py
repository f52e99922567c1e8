"""CSV of a whole filtered set, streamed: memory stays flat whatever its size, and a broken stream is seen as broken."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Any, Final

import anyio
import anyio.to_thread
from sqlalchemy import CursorResult, Select
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.columns import ApiColumn
from api.database import Database
from api.problems import Problem
from api.rows import sqlite_time

CHUNK_ROWS: Final = 1000
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins with one of these for a formula (OWASP, CSV injection)."""


def cell_writers(columns: Sequence[ApiColumn], *, escape: bool) -> list[tuple[int, Callable[[Any], Any]]]:
    """Position → how the cell is written, for columns whose driver's value is not its text already."""
    by_kind: dict[str, Callable[[Any], Any]] = {"money": _money, "time": _time, "boolean": _boolean}
    if escape:
        by_kind |= {"text": guarded, "category": guarded}
    return [(position, by_kind[c.kind]) for position, c in enumerate(columns) if c.kind in by_kind]


def guarded(text: str) -> str:
    """The text, behind an apostrophe where a spreadsheet would run it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _money(value: float) -> str:
    return f"{value:.2f}"


def _time(value: datetime | str) -> str:
    return sqlite_time(value) if isinstance(value, str) else value.isoformat().removesuffix("+00:00") + "Z"


def _boolean(value: object) -> str:
    return "true" if value else "false"


def csv_chunks(result: CursorResult[Any], columns: Sequence[ApiColumn], *, escape: bool) -> Iterator[bytes]:
    """The header line, then `CHUNK_ROWS` rows at a time (UTF-8, RFC 4180)."""
    writers = cell_writers(columns, escape=escape)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([column.name for column in columns])
    while rows := result.fetchmany(CHUNK_ROWS):
        cells = [list(row) for row in rows]
        for position, write in writers:
            for row in cells:
                if row[position] is not None:
                    row[position] = write(row[position])
        writer.writerows(cells)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    if buffer.tell():
        yield buffer.getvalue().encode()


class Export(StreamingResponse):
    """Streams a statement's rows. Its connection goes back when the client has read all of it, or has left."""

    media_type = "text/csv"

    def __init__(self, chunks: Iterator[bytes], release: ExitStack, file_name: str) -> None:
        super().__init__(chunks, headers={"Content-Disposition": f'attachment; filename="{file_name}"'})
        self._release = release

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._release.close)


def open_export(
    database: Database,
    statement: Select[Any],
    columns: Sequence[ApiColumn],
    *,
    escape: bool,
    head: bool,
    file_name: str,
) -> Export:
    """Runs the statement and reads its first rows, so that what fails at once is an error and not half a file.

    Raises `Problem` 503 where too many exports run already.
    """
    if not database.exports.acquire(blocking=False):
        raise Problem(
            503, "busy", "Too many exports at once", "Try again when one has ended.", headers={"Retry-After": "30"}
        )
    with ExitStack() as undo:
        undo.callback(database.exports.release)
        if head:
            return Export(iter(()), undo.pop_all(), file_name)
        connection = undo.enter_context(database.open_export())
        streamed = connection.execution_options(stream_results=True, max_row_buffer=CHUNK_ROWS)
        result = streamed.execute(statement)
        undo.callback(result.close)  # before its connection: a server-side cursor is closed over it
        chunks = csv_chunks(result, columns, escape=escape)
        first = next(chunks)
        return Export(_chain(first, chunks), undo.pop_all(), file_name)
    raise AssertionError("unreachable: ExitStack swallows nothing")


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest

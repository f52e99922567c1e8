"""A whole filtered set, streamed: memory stays flat whatever its size, and a broken stream is seen as broken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from threading import BoundedSemaphore
from typing import Any, Final

import anyio
import anyio.to_thread
from sqlalchemy import Connection, CursorResult
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from api.database import Database
from api.formats.choosing import Wanted
from api.formats.copied import copied, copyable
from api.formats.csv_rows import csv_chunks
from api.formats.json_rows import array_chunks, ndjson_chunks
from api.parameters import ListQuery
from api.problems import Problem
from api.queries.lists import export_statement

BATCH_ROWS: Final = 1000
SILENT_S: Final = 60.0
"""Longest wait for a client to take the next chunk (some 256 KiB): a network that fails for a moment is back by then.
Who does not read holds one of few places, and on PostgreSQL each row that died since it began."""
WAIT_S: Final = 2.0
"""Who asks for the next export at the last byte of one may find its place still taken for a moment."""


class BrokenOff(Exception):
    """An export ended before its end, since the client was too slow; the connection is cut, so that it shows."""


class Export(StreamingResponse):
    """Streams chunks. What they are read from goes back when the client has read all of it, has left, takes nothing for
    `SILENT_S`, or is not done after `longest_s`."""

    def __init__(
        self,
        chunks: Iterator[bytes],
        release: ExitStack,
        media_type: str,
        file_name: str,
        length: int | None = None,
        *,
        longest_s: float,
    ) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{file_name}"', "Vary": "Accept"}
        if length is not None:
            headers["Content-Length"] = str(length)
        super().__init__(chunks, media_type=media_type, headers=headers)
        self.chunks = chunks
        self._release = release
        self._longest_s = longest_s

    def give_back(self) -> None:
        """Lets go of what it would read from: it is not sent."""
        self._release.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI. Raises `BrokenOff`."""

        async def patiently(message: Message) -> None:
            with anyio.move_on_after(SILENT_S) as waiting:
                await send(message)
            if waiting.cancelled_caught:
                raise BrokenOff(f"the client took nothing for {SILENT_S:g} s")

        try:
            with anyio.move_on_after(self._longest_s) as whole:
                await super().__call__(scope, receive, patiently)
            if whole.cancelled_caught:
                raise BrokenOff(f"the export was not done after {self._longest_s / 60:g} minutes (EXPORT_MINUTES)")
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._release.close)


def reserve(places: BoundedSemaphore, undo: ExitStack) -> None:
    """A place among the exports that may run at once; `undo` gives it back. Raises `Problem` 503: there is none."""
    if not places.acquire(timeout=WAIT_S):
        raise Problem(
            503, "busy", "Too many exports at once", "Try again when one has ended.", headers={"Retry-After": "30"}
        )
    undo.callback(places.release)


def open_export(database: Database, query: ListQuery, wanted: Wanted, *, head: bool, file_name: str) -> Export:
    """Runs the query and reads its first rows, so that what fails at once is an error and not half a file.

    Raises `Problem` 503 where too many exports run already.
    """
    with ExitStack() as undo:
        reserve(database.exports, undo)
        media_type, longest_s = wanted.format.media_type, database.longest_export_s
        if head:
            return Export(iter(()), undo.pop_all(), media_type, file_name, longest_s=longest_s)
        connection = undo.enter_context(database.open_export())
        lines = _lines(connection, query, wanted, database, undo)
        chunks = array_chunks(lines) if wanted.array else lines
        first = next(chunks, b"")
        return Export(_chain(first, chunks), undo.pop_all(), media_type, file_name, longest_s=longest_s)
    raise AssertionError("unreachable: ExitStack swallows nothing")


def batches(connection: Connection, query: ListQuery, dialect: str, undo: ExitStack) -> Iterator[Sequence[Any]]:
    """The query's rows as the driver gives them, some at a time, from a cursor of the server's."""
    streamed = connection.execution_options(stream_results=True, max_row_buffer=BATCH_ROWS)
    result = streamed.execute(export_statement(query, dialect))
    undo.callback(result.close)  # before its connection: a server-side cursor is closed over it
    return _fetched(result)


def _lines(
    connection: Connection, query: ListQuery, wanted: Wanted, database: Database, undo: ExitStack
) -> Iterator[bytes]:
    if database.dialect == "postgresql" and copyable(query, wanted):
        chunks = copied(connection, query, wanted, database.statement_timeout_s)
        undo.callback(chunks.close)
        return chunks
    rows = batches(connection, query, database.dialect, undo)
    if wanted.format.name == "csv":
        return csv_chunks(rows, query.columns, wanted.csv)
    return ndjson_chunks(rows, query.columns, database.dialect)


def _fetched(result: CursorResult[Any]) -> Iterator[Sequence[Any]]:
    while rows := result.fetchmany(BATCH_ROWS):
        yield rows


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest

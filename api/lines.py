"""A few connections to PostgreSQL that belong to the event loop: what they ask costs no thread."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import psycopg
from sqlalchemy.exc import DBAPIError

from api.database import ONE_STATE, Database
from api.direct import MOST_ROWS, Asked, Prepared
from inventory.engine import reader_arguments
from inventory.settings import Settings

MOST: Final = 8
"""More than this at once wait for the database, not for us: threads have connections enough for them."""

GRACE_S: Final = 2.0
"""So much longer than the database's own limit an answer is waited for."""

Line = psycopg.AsyncConnection[tuple[Any, ...]]


class NoLine(Exception):
    """All lines are in use, or the one that was used is lost: threads ask instead, and know what to do about that."""


class Lines:
    """Connections to where `database` reads. What was given back last is used first."""

    def __init__(self, database: Database, settings: Settings, most: int = MOST) -> None:
        self._database = database
        self._arguments = reader_arguments(settings, connect_timeout_s=database.connect_timeout_s)
        self._free: list[Line] = []
        self._left = most
        self._generation = database.generation
        self._longest_s = settings.statement_timeout_ms / 1000 + GRACE_S

    @property
    def free(self) -> int:
        """How many stand and are not in use."""
        return len(self._free)

    async def rows(self, statements: Iterable[Prepared], wanted: int, given: dict[str, Any]) -> list[Any]:
        """The first `wanted` rows of the statements, one after the other, as psycopg gives them. Raises `NoLine`, or
        SQLAlchemy's `DBAPIError` for a statement that fails."""
        found: list[Any] = []
        async with self._line() as line:
            for statement in statements:
                values = statement.with_values({**given, MOST_ROWS: wanted - len(found)})
                try:
                    async with psycopg.AsyncRawCursor(line) as cursor:
                        await cursor.execute(statement.text, values, binary=True)
                        found += await cursor.fetchall()
                except psycopg.Error as error:
                    raise _told(line, error, statement.text) from error
                if len(found) >= wanted:
                    break
        return found

    async def together(self, asked: Sequence[Asked], most: int) -> dict[str, list[Any]]:
        """The first `most` rows of each of the statements, by their texts; they are sent in one go, and see one state
        of the data. Raises as `rows` does."""
        async with self._line() as line:
            try:
                async with line.pipeline():
                    await line.execute(ONE_STATE)
                    cursors = {statement.text: psycopg.AsyncRawCursor(line) for statement, _ in asked}
                    for statement, given in asked:
                        values = statement.with_values({**given, MOST_ROWS: most})
                        await cursors[statement.text].execute(statement.text, values, binary=True)
                    await line.execute("COMMIT")
                    return {text: await cursor.fetchall() for text, cursor in cursors.items()}
            except psycopg.Error as error:
                raise _told(line, error, None) from error

    async def close(self) -> None:
        """Closes those that are not in use."""
        free, self._free = self._free, []
        for line in free:
            await line.close()

    @asynccontextmanager
    async def _line(self) -> AsyncIterator[Line]:
        """A connection of this moment's place. It goes back only if nothing was left on it."""
        if not self._left:
            raise NoLine
        self._left -= 1
        try:
            generation = self._database.generation
            if generation != self._generation:
                self._generation = generation
                await self.close()
            line = self._free.pop() if self._free else await self._connected()
            # A server that says nothing at all, and is not gone either, is waited for no longer.
            given_up = asyncio.get_running_loop().call_later(self._longest_s, _cut, line)
            try:
                yield line
            except BaseException:  # also when cut short: what is left on the wire would answer the next question
                await line.close()
                raise
            finally:
                given_up.cancel()
            if generation == self._generation:
                self._free.append(line)
            else:
                await line.close()
        finally:
            self._left += 1

    async def _connected(self) -> Line:
        target = self._database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        try:
            return await psycopg.AsyncConnection.connect(target, autocommit=True, **self._arguments)
        except psycopg.OperationalError as error:
            raise NoLine from error


def _cut(line: Line) -> None:
    """Ends a connection from this side: whoever waits for it hears of it at once."""
    with socket.socket(fileno=os.dup(line.fileno())) as link:
        link.shutdown(socket.SHUT_RDWR)


def _told(line: Line, error: psycopg.Error, statement: str | None) -> Exception:
    """What a failure means: a lost line, or one whose statements are of other columns, is another's to replace."""
    if line.closed or isinstance(error, psycopg.errors.FeatureNotSupported):
        return NoLine()
    return DBAPIError.instance(statement, None, error, psycopg.Error)

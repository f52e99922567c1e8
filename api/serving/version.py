"""The version of the data: a text that is equal only where what queries see is equal (docs/adr/0008).

PostgreSQL says it by its snapshot, SQLite by its counter of other connections' commits. Nothing is written for it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import time
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import anyio.to_thread
import psycopg
from sqlalchemy.engine import URL

from inventory.engine import reader_arguments, sqlite_file
from inventory.settings import Settings

log = logging.getLogger(__name__)

LONGEST_S: Final = 2.0
"""Where the version is not known by then, a request goes on without it."""
SPACING_S: Final = 0.001
"""Between the starts of two questions: under load more requests share one, alone none waits."""
LATELY_S: Final = 1.0
SNAPSHOT: Final = """
    SELECT concat_ws(' ', current_database(), pg_postmaster_start_time(), pg_current_snapshot(),
                     CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END)
"""
"""Which database of which start of a server, and what is visible in it. A standby's snapshot leaves out who is still
under way, so there the place in the log that it has replayed stands beside it."""


@dataclass(frozen=True, slots=True)
class Version:
    """`text` names what is visible; `since` is the second from which on this process has seen it (Unix time)."""

    text: str
    since: int


class Source(Protocol):
    """Where a version is asked for."""

    async def ask(self) -> str:
        """The version now. Raises `OSError`, `psycopg.Error` or `sqlite3.Error` where it cannot be told."""

    async def close(self) -> None:
        """Lets go of the database."""


class Target(Protocol):
    """Where reads go: `api.database.Database`, or `api.replica.Places`."""

    @property
    def url(self) -> URL:
        """Of the database that is read now."""

    @property
    def generation(self) -> int:
        """Grows each time that reads go elsewhere."""

    @property
    def connect_timeout_s(self) -> int:
        """How long it may take to accept a connection."""


class PostgresVersion:
    """One connection of its own on the event loop: no thread, no place in the pool. A question that is still out when
    the next one comes keeps its connection, and the next one opens another: the server of the first may have vanished.
    """

    def __init__(self, target: Target, settings: Settings) -> None:
        self._target = target
        shorter = settings.model_copy(update={"statement_timeout_ms": min(settings.statement_timeout_ms, 5000)})
        self._arguments = reader_arguments(shorter, connect_timeout_s=target.connect_timeout_s)
        self._generation = target.generation
        self._connection: psycopg.AsyncConnection[tuple[str]] | None = None

    async def ask(self) -> str:
        """See `Source`."""
        generation = self._target.generation
        if generation != self._generation:
            await self.close()
            self._generation = generation
        connection, self._connection = self._connection, None
        if connection is None or connection.closed:
            target = self._target.url.set(drivername="postgresql").render_as_string(hide_password=False)
            connection = await psycopg.AsyncConnection.connect(target, autocommit=True, **self._arguments)
        try:
            row = await (await connection.execute(SNAPSHOT)).fetchone()
        except BaseException:  # also when cut short: what is left on the wire would answer the next question
            await connection.close()
            raise
        if self._connection is None and generation == self._generation:
            self._connection = connection
        else:
            await connection.close()
        assert row is not None
        return row[0]

    async def close(self) -> None:
        """See `Source`."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


class SqliteVersion:
    """`PRAGMA data_version` of one connection that stays open; it means something to that connection only."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._opened = ""
        self._identity: tuple[int, int] | None = None

    async def ask(self) -> str:
        """See `Source`."""
        return await anyio.to_thread.run_sync(self._ask)

    def _ask(self) -> str:
        found = os.stat(self._file)
        identity = found.st_dev, found.st_ino
        if self._connection is None or identity != self._identity:
            self._close()
            uri = f"{self._file.as_uri()}?mode=ro"
            self._connection = sqlite3.connect(uri, uri=True, timeout=LONGEST_S, check_same_thread=False)
            self._opened, self._identity = uuid.uuid4().hex, identity
        return f"{self._opened} {self._connection.execute('PRAGMA data_version').fetchone()[0]}"

    async def close(self) -> None:
        """See `Source`."""
        self._close()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def source_of(target: Target, settings: Settings) -> Source:
    """How the version of the database at the target is asked for."""
    file = sqlite_file(target.url)
    return PostgresVersion(target, settings) if file is None else SqliteVersion(file)


class DataVersion:
    """Asks for all requests together: who comes while a question runs shares the next one, which starts after all of
    them came. So nobody is told an older version than that of the moment of his request."""

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, str]], clock: Callable[[], float] = time.time) -> None:
        self._ask = ask
        self._clock = clock
        self._running: asyncio.Task[Version | None] | None = None
        self._next: asyncio.Task[Version | None] | None = None
        self._last: Version | None = None
        self._started = 0.0
        self._left: set[asyncio.Task[str]] = set()

    async def current(self) -> Version | None:
        """The version at the time of the call or later; None where the database does not say in `LONGEST_S`."""
        if self._next is None:
            self._next = asyncio.create_task(self._question(self._running))
        question = self._next
        await asyncio.wait([question], timeout=LONGEST_S)
        return question.result() if question.done() else None

    async def lately(self) -> Version | None:
        """The version now or up to `LATELY_S` ago: enough for the tag of an answer that is made now, since a tag that
        names an older version than the answer's is never found unchanged."""
        if self._last is None or time.monotonic() - self._started > LATELY_S:
            return await self.current()
        return self._last

    async def _question(self, before: asyncio.Task[Version | None] | None) -> Version | None:
        if before is not None:
            await asyncio.wait([before])
        early_s = self._started + SPACING_S - time.monotonic()
        if early_s > 0:
            await asyncio.sleep(early_s)
        self._started = time.monotonic()
        # From here on who comes belongs to the next question.
        self._running, self._next = self._next, None
        try:
            text = await self._answer()
        except (OSError, TimeoutError, psycopg.Error, sqlite3.Error) as error:
            log.debug("the version of the data is not known: %s", type(error).__name__)
            return None
        finally:
            self._running = None
        return self._seen(text)

    async def _answer(self) -> str:
        """Raises `TimeoutError` where there is none in time. The question is left behind then, not cancelled: the
        driver tells the server of that first, and waits ten seconds for one that has vanished."""
        asked = asyncio.create_task(self._ask())
        await asyncio.wait([asked], timeout=LONGEST_S)
        if not asked.done():
            self._left.add(asked)
            asked.add_done_callback(self._forget)
            raise TimeoutError
        return asked.result()

    def _forget(self, asked: asyncio.Task[str]) -> None:
        self._left.discard(asked)
        if not asked.cancelled() and (error := asked.exception()):
            log.debug("a question for the version ended late: %s", type(error).__name__)

    def _seen(self, text: str) -> Version:
        if self._last is None:
            self._last = Version(text, int(self._clock()))
        elif text != self._last.text:
            # Two versions never share a second, so that If-Modified-Since can tell them apart.
            self._last = Version(text, max(int(self._clock()), self._last.since + 1))
        return self._last

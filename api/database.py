"""The API's one database: a read-only pool made at start, and what its failures mean to a client."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from psycopg.errors import QueryCanceled, SerializationFailure
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.requests import Request
from starlette.responses import Response

from api.problems import Problem, crash_answer
from api.replica import Places, replica_state
from inventory.engine import sqlite_file
from inventory.schema import Revision, revision
from inventory.settings import Settings

log = logging.getLogger(__name__)

ONE_STATE = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
GONE_ADVICE = "The database does not answer. This repairs itself once it is back; the log says more."


class Database:
    """A pool of read-only connections. Plain threads use it: SQLite has no other way, and both drivers release the
    interpreter while they wait, so one code path serves both databases."""

    def __init__(self, settings: Settings) -> None:
        self._places = Places(settings)
        self.statement_timeout_s = settings.statement_timeout_ms / 1000
        self.longest_export_s = settings.export_minutes * 60
        self.exports = threading.BoundedSemaphore(settings.database_pool_size)
        """Exports hold a connection for as long as a client reads; the pool's overflow is left to the rest."""
        self.workbooks = threading.BoundedSemaphore(1)
        """A workbook costs minutes of a processor and hundreds of megabytes on the disk: one at a time."""
        for place in self._places.all():
            _follow_replaced_file(place.engine)

    @property
    def engine(self) -> Engine:
        """The pool that is read now."""
        return self._places.now.engine

    @property
    def short_reads(self) -> Engine:
        """The same pool, as `read` uses it."""
        return self._places.now.autocommit

    @property
    def url(self) -> URL:
        """Where reads go now."""
        return self._places.url

    @property
    def connect_timeout_s(self) -> int:
        """How long the place that is usually read may take to accept a connection."""
        return self._places.connect_timeout_s

    @property
    def generation(self) -> int:
        """Grows each time that reads go elsewhere."""
        return self._places.generation

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for short reads. On SQLite they see one state of the data; on PostgreSQL each sees its own."""
        with self._places.connect(autocommit=True) as connection:
            yield connection

    @contextmanager
    def read_one_state(self) -> Iterator[Connection]:
        """The same, but all that is read belongs to one state of the data."""
        with self.read() as connection:
            if self.dialect != "postgresql":
                yield connection
                return
            connection.exec_driver_sql(ONE_STATE)
            try:
                yield connection
            finally:
                if not connection.invalidated:
                    connection.exec_driver_sql("ROLLBACK")

    def open_export(self) -> Connection:
        """A connection in a transaction, as a server-side cursor needs it; the caller closes it."""
        return self._places.connect(autocommit=False)

    def latency_ms(self) -> float:
        """How long the smallest query takes, with a connection from the pool."""
        started = time.perf_counter()
        with self.read() as connection:
            connection.execute(text("SELECT 1"))
        return round((time.perf_counter() - started) * 1000, 2)

    def revision(self) -> Revision:
        """The schema's revision beside the one that this code needs."""
        place = self._places.now
        try:
            return revision(place.engine)
        except OperationalError as error:
            if not self._places.lost(place, error):
                raise
        return revision(self.engine)

    def replica(self) -> dict[str, Any] | None:
        """Which server is read and how far it is behind; None where there is no replica to speak of."""
        if self.dialect != "postgresql":
            return None
        with self.read() as connection:
            found = replica_state(connection)
        if not found["standby"] and not self._places.has_replica:
            return None
        return {"reads_from": self._places.now.name, **found}

    def close(self) -> None:
        """Closes all idle connections."""
        self._places.close()


def database_of(request: Request) -> Database:
    """The database of the app that serves the request."""
    return cast(Database, request.app.state.database)


def database_answer(request: Request, error: Exception) -> Response:
    """Handler of SQLAlchemy's errors: 503 with what to do, or 500 where the fault is ours."""
    assert isinstance(error, SQLAlchemyError)
    problem = failure(database_of(request), error)
    if problem is None:
        log.error("a query failed", exc_info=error)
        return crash_answer(request, error)
    log.warning("%s: %s", problem.kind, error.__cause__ or error)
    return problem.response(request)


def failure(database: Database, error: SQLAlchemyError) -> Problem | None:
    """What a failed query means; None where the database is well and the query was wrong."""
    if isinstance(error, PoolTimeout):
        return _unavailable("busy", "Too many queries at once", "All connections to the database are in use.", "5")
    if isinstance(error, DBAPIError) and isinstance(error.orig, QueryCanceled):
        return _unavailable(
            "query-timeout", "The query took too long", "Narrow it by filters, or ask with count=none.", "30"
        )
    if isinstance(error, DBAPIError) and isinstance(error.orig, SerializationFailure):
        return _unavailable("replica-conflict", "The replica had to end the query", "It was in the way of news.", "1")
    try:
        found = database.revision()
    except SQLAlchemyError:
        return _unavailable("database-unavailable", "The database is out of reach", GONE_ADVICE, "5")
    if not found.current:
        return _unavailable("schema", "The database's schema does not fit", found.advice, "30")
    if isinstance(error, DBAPIError) and is_loss(error):  # it is back already
        return _unavailable("database-unavailable", "The database is out of reach", GONE_ADVICE, "1")
    return None


def is_loss(error: DBAPIError) -> bool:
    """Whether a connection was lost, or there was none to be had: what was asked may be asked again."""
    if error.connection_invalidated:
        return True
    state = error.orig.sqlstate if isinstance(error.orig, psycopg.OperationalError) else "none"
    # What fails before a server is reached has no state; a server that starts, ends or is full names one of these.
    return state is None or state.startswith(("08", "57P")) or state == "53300"


def _unavailable(kind: str, title: str, detail: str, retry_after: str) -> Problem:
    return Problem(503, kind, title, detail, headers={"Retry-After": retry_after})


def _follow_replaced_file(engine: Engine) -> None:
    """A pooled SQLite connection keeps reading a file that was deleted or replaced: such a one is thrown away."""
    file = sqlite_file(engine.url)
    if file is None:
        return

    def identity() -> tuple[int, int] | None:
        try:
            found = os.stat(file)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    @event.listens_for(engine, "connect")
    def remember(_connection: Any, record: Any) -> None:
        record.info["file"] = identity()

    @event.listens_for(engine, "checkout")
    def compare(_connection: Any, record: Any, _proxy: Any) -> None:
        if record.info.get("file") != identity():
            raise DisconnectionError("the SQLite file was replaced")

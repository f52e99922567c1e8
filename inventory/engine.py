"""Engines: SQLite or PostgreSQL behind one URL, pooled, with the settings that each needs to behave alike."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError

from inventory.settings import Settings

BUSY_TIMEOUT_MS = 30_000
CONNECT_TIMEOUT_S = 10
RESTED_S: Final = 1.0
"""A reader's connection that was not used for so long is asked whether it still stands."""
BEYOND_POOL: Final = 10
"""How many more connections than DATABASE_POOL_SIZE many readers at once may have."""
_POOL: Final = "pool"
_LOSING: Final = threading.Lock()
_UTC: Final = "-c TimeZone=UTC"
SILENCE_MS = 10_000
"""A machine that vanished without a word is given up after this, where nobody's writing depends on it."""


class DatabaseUrlError(ValueError):
    """The database URL cannot be used; the message says what is wrong and shows no password."""


def database_url(text: str) -> URL:
    """The URL with the driver that Yardstick uses: psycopg 3 for PostgreSQL, the standard library's SQLite.

    Raises `DatabaseUrlError` for any other kind of database.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        raise DatabaseUrlError(
            "DATABASE_URL is not a database URL; write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
        ) from None
    name = url.get_backend_name()
    if name in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if name == "sqlite":
        return url.set(drivername="sqlite+pysqlite")
    raise DatabaseUrlError(f"DATABASE_URL: {name} is not supported; use sqlite or postgresql")


def said(error: Exception) -> str:
    """What a database said, in a line: the driver's words without SQLAlchemy's statement and parameters."""
    return (str(getattr(error, "orig", None) or error).strip() or type(error).__name__).splitlines()[0]


def writer_engine(settings: Settings) -> Engine:
    """An engine that may write, at `DATABASE_URL`."""
    return _engine(settings, database_url(settings.write_url), read_only=False)


def reader_engine(settings: Settings, *, connect_timeout_s: int = CONNECT_TIMEOUT_S) -> Engine:
    """An engine that cannot write, at `DATABASE_READ_URL` or `DATABASE_URL`.

    A missing SQLite file is not made by reading it.
    """
    return _engine(settings, database_url(settings.read_url), read_only=True, connect_timeout_s=connect_timeout_s)


def lose_pool(connection: Connection) -> None:
    """A reader's connection is lost: the idle ones of its pool went the same way, and each would fail one request. Who
    tells of the same loss later finds a new pool, and leaves that alone. (Where SQLAlchemy itself runs a statement, it
    does the same.)"""
    with _LOSING:
        if connection.info.get(_POOL) is connection.engine.pool:
            connection.engine.dispose()


def reader_arguments(settings: Settings, *, connect_timeout_s: int = CONNECT_TIMEOUT_S) -> dict[str, Any]:
    """psycopg's arguments of a PostgreSQL connection that cannot write, and that no statement holds for long."""
    options = [_UTC, "-c default_transaction_read_only=on", f"-c statement_timeout={settings.statement_timeout_ms}"]
    silence_ms = min(SILENCE_MS, connect_timeout_s * 1000)  # who can be done without is given up sooner in both ways
    return {"options": " ".join(options), "connect_timeout": connect_timeout_s, "tcp_user_timeout": silence_ms}


def sqlite_file(url: URL) -> Path | None:
    """The file of an SQLite database; None for another kind of database, or for one in memory."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database).absolute()


def _engine(settings: Settings, url: URL, *, read_only: bool, connect_timeout_s: int = CONNECT_TIMEOUT_S) -> Engine:
    pool: dict[str, Any] = {
        "pool_size": settings.database_pool_size,
        "pool_timeout": settings.database_pool_timeout_s,
        "pool_pre_ping": not read_only,
    }
    if read_only:
        # A connection beyond the pool that is closed after each request costs more than what it asks.
        pool |= {"pool_size": settings.database_pool_size + BEYOND_POOL, "max_overflow": 0, "pool_use_lifo": True}
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, pool, read_only=read_only)
    if read_only:
        arguments = reader_arguments(settings, connect_timeout_s=connect_timeout_s)
    else:
        arguments = {"options": _UTC, "connect_timeout": connect_timeout_s}
    engine = create_engine(url, connect_args=arguments, **pool)
    if read_only:
        _ask_after_rest(engine)
    return engine


def _ask_after_rest(engine: Engine) -> None:
    """Before a connection that has rested is used, whether it still stands. A busy one is not asked each time: that
    costs a small query as much again, and who reads can ask once more."""

    @event.listens_for(engine, "connect")
    def connected(_connection: object, record: Any) -> None:
        record.info[_POOL] = engine.pool

    @event.listens_for(engine, "checkin")
    def rest(_connection: object, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ask(connection: Any, record: Any, _proxy: object) -> None:
        since = record.info.get("rests_since")
        if since is None or time.monotonic() - since < RESTED_S:
            return
        try:
            stands = engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            stands = False
        if not stands:
            raise InvalidatePoolError("the server has closed the connection")


def _sqlite(url: URL, pool: dict[str, Any], *, read_only: bool) -> Engine:
    file = sqlite_file(url)
    if file is None:
        raise DatabaseUrlError("DATABASE_URL: an SQLite database in memory is lost at once; name a file")

    def connect() -> sqlite3.Connection:
        mode = "ro" if read_only else "rwc"
        return sqlite3.connect(
            f"{file.as_uri()}?mode={mode}",
            uri=True,
            timeout=BUSY_TIMEOUT_MS / 1000,
            check_same_thread=False,
            isolation_level=None,  # BEGIN is ours (below), so that DDL is transactional too
        )

    engine = create_engine(url, creator=connect, **pool)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA foreign_keys=ON")
        if not read_only:
            _use_wal(connection)
            connection.execute("PRAGMA synchronous=NORMAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # A deferred transaction that turns into a writer fails at once when another writes; IMMEDIATE waits its turn.
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _use_wal(connection: sqlite3.Connection) -> None:
    """Readers go on beside a writer. SQLite's busy timeout does not hold for this switch, so we wait our turn here."""
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)

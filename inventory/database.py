"""The database that the settings name, as a command opens it: brought up to date to write, or only read."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from inventory.engine import database_url, reader_engine, said, sqlite_file, writer_engine
from inventory.schema import SchemaError, migrate, revision
from inventory.settings import Settings

READ_TIMEOUT_MS: Final = 600_000
"""A count of millions of rows may take longer than the API's queries may."""


class NoDatabase(RuntimeError):
    """The database cannot be used; the message shows no password."""


def database(settings: Settings) -> Engine:
    """An engine on an up-to-date schema. Raises `NoDatabase`, `SchemaError` or `DatabaseUrlError`."""
    engine = writer_engine(settings)
    try:
        migrate(engine)
    except SQLAlchemyError as error:
        engine.dispose()
        shown = engine.url.render_as_string(hide_password=True)
        raise NoDatabase(f"the database {shown} cannot be used: {said(error)}") from None
    except BaseException:
        engine.dispose()
        raise
    return engine


def stored(settings: Settings) -> Engine:
    """An engine that only reads, where we write (a replica lags behind).

    Raises `NoDatabase` where nothing was stored yet, and `DatabaseUrlError`.
    """
    file = sqlite_file(database_url(settings.write_url))
    if file is not None and not file.exists():
        raise NoDatabase(f"{file} is not there: nothing is stored yet")
    here = {"database_read_url": None, "statement_timeout_ms": READ_TIMEOUT_MS}
    return reader_engine(settings.model_copy(update=here))


def require_current(engine: Engine) -> None:
    """Raises `SchemaError` with what to run where the schema is not this program's."""
    if not (found := revision(engine)).current:
        raise SchemaError(found.advice)

"""The database that the settings name, brought up to date: what a command opens before it writes."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from inventory.engine import said, writer_engine
from inventory.schema import migrate
from inventory.settings import Settings


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

"""The schema's revision: writers bring it up to date themselves, readers only compare."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from inventory.engine import sqlite_file

MIGRATE_COMMAND: Final = "python -m inventory migrate"
_LOCK_KEY: Final = 0x59415244  # "YARD": one number for all writers of a database


class SchemaError(RuntimeError):
    """The database's schema cannot be used as it is; the message says what to run."""


@dataclass(frozen=True, slots=True)
class Revision:
    """The schema's revision in the database and in this code (`None`: no table yet)."""

    found: str | None
    wanted: str
    known: bool

    @property
    def current(self) -> bool:
        """Whether the code can use the database as it is."""
        return self.found == self.wanted

    @property
    def advice(self) -> str:
        """What a person should do about it; empty where nothing."""
        if self.current:
            return ""
        if self.found is None:
            return f"the database has no schema yet: run `{MIGRATE_COMMAND}`, or any crawl"
        if not self.known:
            return f"the database's schema {self.found} is newer than this program ({self.wanted}): update the program"
        return f"the database's schema is {self.found}, this program needs {self.wanted}: run `{MIGRATE_COMMAND}`"


def revision(engine: Engine) -> Revision:
    """Compares without writing. Raises SQLAlchemy's `OperationalError` where the database is out of reach."""
    file = sqlite_file(engine.url)
    if file is not None and not file.exists():
        return Revision(None, _wanted(), known=True)
    with engine.connect() as connection:
        return _revision(connection)


def migrate(engine: Engine) -> Revision:
    """Brings the schema up to date under a lock, so that writers started together do it once.

    Raises `SchemaError` where the database is newer than the program.
    """
    before = _peek(engine)
    if before is not None and before.current:
        return before
    with engine.begin() as connection:
        # SQLite needs no lock of ours: the engine's transactions begin IMMEDIATE.
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        found = _revision(connection)
        if found.found is not None and not found.known:
            raise SchemaError(found.advice)
        if not found.current:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        return _revision(connection)


def _peek(engine: Engine) -> Revision | None:
    """The revision, looked at without the migration lock."""
    with engine.connect() as connection:
        return _revision(connection)


def _revision(connection: Connection) -> Revision:
    wanted = _wanted()
    if not inspect(connection).has_table("alembic_version"):
        return Revision(None, wanted, known=True)
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return Revision(found, wanted, known=found is None or found in _known())


@cache
def _known() -> frozenset[str]:
    """The revisions that this program carries."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


@cache
def _wanted() -> str:
    wanted = ScriptDirectory.from_config(_config()).get_current_head()
    if wanted is None:
        raise SchemaError("this program carries no migrations: its installation is incomplete")
    return wanted


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config

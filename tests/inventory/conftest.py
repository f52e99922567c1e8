"""A yard on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from inventory.engine import writer_engine
from inventory.settings import Settings
from tests.inventory.yard import Yard


@pytest.fixture
def yard(any_writer: Engine) -> Yard:
    """A migrated database with the dealers `acme` and `bolt`, on SQLite and on PostgreSQL."""
    return Yard(any_writer)


@pytest.fixture
def sqlite_yard(sqlite_settings: Settings) -> Iterator[Yard]:
    """The same on SQLite only, where the database makes no difference."""
    engine = writer_engine(sqlite_settings)
    yield Yard(engine)
    engine.dispose()

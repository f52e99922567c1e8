"""The schema makes and migrates itself, once, whoever starts first."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from inventory.engine import reader_engine, writer_engine
from inventory.schema import SchemaError, migrate, revision
from inventory.search_index import is_declared
from inventory.settings import load_settings
from inventory.tables import metadata


@contextmanager
def engine_at(url: str, make=writer_engine) -> Iterator[Engine]:
    engine = make(load_settings(database_url=url))
    try:
        yield engine
    finally:
        engine.dispose()


def test_a_new_database_gets_its_tables_and_says_so(any_url):
    with engine_at(any_url, reader_engine) as reader, engine_at(any_url) as writer:
        before = revision(reader)
        assert before.found is None
        assert "python -m inventory migrate" in before.advice
        assert migrate(writer).current
        assert revision(reader).advice == ""


def test_looking_at_a_missing_sqlite_file_does_not_make_it(sqlite_url):
    with engine_at(sqlite_url, reader_engine) as reader:
        assert revision(reader).found is None
    assert not Path(sqlite_url.removeprefix("sqlite:///")).exists()


def test_four_writers_that_start_together_migrate_once(any_url):
    def one_writer(_: int) -> str | None:
        with engine_at(any_url) as engine:
            return migrate(engine).found

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(one_writer, range(4)))) == 1


def test_the_migrations_make_the_tables_that_the_code_declares(any_writer):
    with any_writer.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_declared})
        assert compare_metadata(context, metadata) == []


def test_a_database_of_a_newer_program_is_refused_with_advice(any_writer):
    with any_writer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaError, match="update the program"):
        migrate(any_writer)


def test_a_reader_cannot_write(any_reader):
    with pytest.raises(DBAPIError, match=r"read-?only"), any_reader.begin() as connection:
        connection.execute(text("DELETE FROM listings"))

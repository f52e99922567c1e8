"""Databases for the tests: a fresh SQLite file or a fresh database of a PostgreSQL that the tests start."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from sqlalchemy import Engine

from inventory.engine import reader_engine, writer_engine
from inventory.schema import migrate
from inventory.settings import Settings, load_settings
from tests.servers import warm_scrapy
from tests.servers.migrated_databases import MigratedDatabases
from tests.servers.postgres import running_postgres
from tests.servers.redis import RedisServer, running_redis


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begins with the files that take long: one that comes last would leave the other worker with nothing to do."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session", autouse=True)
def no_starter_outlives_the_tests() -> Iterator[None]:
    """Ends what `warm_scrapy.run` has started."""
    yield
    warm_scrapy.end_all()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a running PostgreSQL server's first database."""
    with running_postgres() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET autovacuum = off")  # databases are used again as they are
            connection.execute("SELECT pg_reload_conf()")
        yield url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A running server."""
    with running_redis() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """Of an empty database."""
    with Redis.from_url(redis_server.url) as redis:
        redis.flushall()
    return redis_server.url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'yard.sqlite'}"


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables, to be copied: migrating costs 0.1 s, and hundreds of tests want it."""
    file = tmp_path_factory.mktemp("migrated") / "yard.sqlite"
    _migrate(f"sqlite:///{file}")
    assert [found.name for found in file.parent.iterdir()] == [file.name]  # nothing is left in its WAL
    return file


@pytest.fixture(scope="session")
def migrated_databases(postgres_url: str) -> MigratedDatabases:
    """PostgreSQL databases with all tables."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE migrated")
    _migrate(postgres_url.rpartition("/")[0] + "/migrated")
    return MigratedDatabases(postgres_url, "migrated")


@pytest.fixture
def postgres_database_url(postgres_url: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database: new and without tables, but migrated for a test that asks for its settings."""
    if not {"any_settings", "postgres_settings"}.isdisjoint(request.fixturenames):
        databases: MigratedDatabases = request.getfixturevalue("migrated_databases")
        url = databases.take()
        yield url
        databases.give_back(url)
        return
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield postgres_url.rpartition("/")[0] + f"/{name}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request: pytest.FixtureRequest) -> str:
    """Both databases, one after the other: the URL of an empty one."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_database_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
def sqlite_settings(sqlite_url: str, migrated_sqlite: Path) -> Settings:
    """Settings with a migrated SQLite file."""
    shutil.copyfile(migrated_sqlite, sqlite_url.removeprefix("sqlite:///"))
    return load_settings(database_url=sqlite_url)


@pytest.fixture
def postgres_settings(postgres_database_url: str) -> Settings:
    """Settings with a migrated PostgreSQL database."""
    return load_settings(database_url=postgres_database_url)


@pytest.fixture
def any_settings(any_url: str, request: pytest.FixtureRequest) -> Settings:
    """Both databases, migrated."""
    if any_url.startswith("sqlite"):
        settings: Settings = request.getfixturevalue("sqlite_settings")
        return settings
    return load_settings(database_url=any_url)


@pytest.fixture
def any_writer(any_settings: Settings) -> Iterator[Engine]:
    """An engine that may write, on both databases, migrated."""
    engine = writer_engine(any_settings)
    yield engine
    engine.dispose()


@pytest.fixture
def any_reader(any_settings: Settings) -> Iterator[Engine]:
    """An engine that cannot write, on the same databases."""
    engine = reader_engine(any_settings)
    yield engine
    engine.dispose()


def _migrate(url: str) -> None:
    engine = writer_engine(load_settings(database_url=url))
    migrate(engine)
    engine.dispose()

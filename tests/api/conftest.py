"""Databases with stock in them, and the app over them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine, insert, text

from api.app import create_app
from inventory.engine import writer_engine
from inventory.schema import migrate
from inventory.settings import Settings
from inventory.tables import crawls, dealers, events, listing_details, listings, unit_links, units

T0 = datetime(2026, 1, 1, 12, tzinfo=UTC)
POSTGRES_BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


# --- databases (tests/conftest.py will have these for all tests) ---------------------------------------------------


def _as_postgres(*command: str | Path) -> list[str]:
    words = [str(word) for word in command]
    return ["runuser", "-u", "postgres", "--", *words] if os.geteuid() == 0 else words


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    if POSTGRES_BIN is None:
        pytest.skip("no PostgreSQL on this machine")
    folder = Path(tempfile.mkdtemp(prefix="yardstick-pg-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -c unix_socket_directories={folder}"
    quiet: dict[str, Any] = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(_as_postgres(POSTGRES_BIN / "initdb", "-D", data, "-U", "yard", "-A", "trust"), **quiet)
    pg_ctl = POSTGRES_BIN / "pg_ctl"
    subprocess.run(_as_postgres(pg_ctl, "-D", data, "-w", "-l", folder / "log", "-o", options, "start"), **quiet)
    try:
        yield f"postgresql://yard@127.0.0.1:{port}"
    finally:
        subprocess.run(_as_postgres(pg_ctl, "-D", data, "-m", "immediate", "stop"), **quiet)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> Settings:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'stock.sqlite'}")
    _migrated(settings)
    return settings


@pytest.fixture
def postgres_settings(postgres_server: str, request: pytest.FixtureRequest) -> Iterator[Settings]:
    name = f"test_{abs(hash(request.node.nodeid))}"
    admin = create_engine(
        postgres_server.replace("postgresql:", "postgresql+psycopg:") + "/postgres", isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    settings = Settings(database_url=f"{postgres_server}/{name}")
    _migrated(settings)
    yield settings
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def any_settings(request: pytest.FixtureRequest) -> Settings:
    return request.getfixturevalue(f"{request.param}_settings")  # type: ignore[no-any-return]


def _migrated(settings: Settings) -> None:
    engine = writer_engine(settings)
    migrate(engine)
    engine.dispose()


# --- stock ---------------------------------------------------------------------------------------------------------


class Stock:
    """Puts rows into a database. What a test does not say is filled in so that the row is valid."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.count = 0

    def dealer(self, name: str = "northside", **given: Any) -> int:
        return self._insert(dealers, {"name": name, "vertical": "equipment", **given})

    def crawl(self, dealer_id: int, **given: Any) -> int:
        usual = {"started_at": T0, "ended_at": T0 + timedelta(minutes=3), "outcome": "healthy"}
        return self._insert(crawls, {"dealer_id": dealer_id, "limited": False, "narrowed": False, **usual, **given})

    def listing(self, dealer_id: int, **given: Any) -> int:
        return self.many(dealer_id, [given])[0]

    def many(self, dealer_id: int, rows: list[dict[str, Any]]) -> list[int]:
        columns = {name for row in rows for name in row}
        full = [self._filled(dealer_id, {name: row.get(name) for name in columns}) for row in rows]
        with self.engine.begin() as connection:
            return list(connection.execute(insert(listings).returning(listings.c.id), full).scalars())

    def details(self, listing_id: int, **given: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(insert(listing_details).values(listing_id=listing_id, **given))

    def event(self, listing_id: int, kind: str, **given: Any) -> int:
        return self._insert(events, {"listing_id": listing_id, "kind": kind, "at": T0, **given})

    def unit(self, *listing_ids: int) -> int:
        unit_id = self._insert(units, {"vertical": "equipment", "created_at": T0})
        with self.engine.begin() as connection:
            for listing_id in listing_ids:
                link = {"method": "serial", "score": 1.0, "evidence": {"serial_key": "A1"}, "linked_at": T0}
                connection.execute(insert(unit_links).values(listing_id=listing_id, unit_id=unit_id, **link))
            connection.execute(listings.update().where(listings.c.id.in_(listing_ids)).values(unit_id=unit_id))
        return unit_id

    def _filled(self, dealer_id: int, given: dict[str, Any]) -> dict[str, Any]:
        self.count += 1
        key = f"{self.count:05}"
        usual = {
            "vertical": "equipment",
            "status": "active",
            "offer_type": "sale",
            "price_tax": "unknown",
            "identity_key": f"id:{key}",
            "external_id": key,
            "url": f"https://dealer.example/{key}",
            "first_seen": T0,
            "last_seen": T0,
            "last_changed": T0,
            "content_hash": key,
        }
        return {"dealer_id": dealer_id, **usual, **given}

    def _insert(self, table: Any, row: dict[str, Any]) -> int:
        with self.engine.begin() as connection:
            return int(connection.execute(insert(table).returning(table.c.id), [row]).scalar_one())


def stock_of(settings: Settings) -> Iterator[Stock]:
    engine = writer_engine(settings)
    yield Stock(engine)
    engine.dispose()


@pytest.fixture
def stock(any_settings: Settings) -> Iterator[Stock]:
    yield from stock_of(any_settings)


@pytest.fixture
def client(any_settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(any_settings)) as client:
        yield client


@pytest.fixture
def client_for() -> Iterator[Callable[..., TestClient]]:
    """Clients over databases that a test makes itself."""
    opened: list[TestClient] = []

    def make(settings: Settings, **options: Any) -> TestClient:
        client = TestClient(create_app(settings), **options)
        client.__enter__()
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.__exit__(None, None, None)

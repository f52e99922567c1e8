"""A replica that is read, lags, goes and comes back: with two real servers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.replica import Places
from api.schemas.answers import Ready
from api.serving.version import source_of
from inventory.engine import writer_engine
from inventory.schema import migrate
from inventory.settings import Settings
from tests.api.stock import Stock, stock_of
from tests.servers.postgres_pair import PostgresServer, running_pair, wait_for_replay

ClientFor = Callable[..., TestClient]


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[PostgresServer, PostgresServer]]:
    """A primary with all tables, and its standby."""
    with running_pair() as (primary, standby):
        engine = writer_engine(Settings(database_url=primary.url()))  # type: ignore[arg-type]
        migrate(engine)
        engine.dispose()
        wait_for_replay(primary, standby)
        yield primary, standby


@pytest.fixture
def primary_stock(pair: tuple[PostgresServer, PostgresServer]) -> Iterator[Stock]:
    """What puts rows into the primary."""
    with stock_of(Settings(database_url=pair[0].url())) as stock:  # type: ignore[arg-type]
        yield stock


def _settings(pair: tuple[PostgresServer, PostgresServer], fallback: str) -> Settings:
    primary, standby = pair
    return Settings(database_url=primary.url(), database_read_url=standby.url(), read_fallback=fallback)  # type: ignore[arg-type]


def _replica(client: TestClient) -> tuple[str, bool, float | None]:
    answer = client.get("/ready")
    assert answer.status_code == 200
    found = Ready.model_validate(answer.json()).replica
    assert found is not None
    return found.reads_from, found.streaming, found.lag_s


def test_the_replica_is_read_and_ready_says_how_far_it_is_behind(
    pair: tuple[PostgresServer, PostgresServer], primary_stock: Stock, client_for: ClientFor
) -> None:
    client = client_for(_settings(pair, "refuse"))
    before = client.get("/v1/listings").json()["count"]
    assert _replica(client) == ("replica", True, 0.0)
    with psycopg.connect(pair[1].url(), autocommit=True) as standby:
        standby.execute("SELECT pg_wal_replay_pause()")
        primary_stock.listing(primary_stock.dealer())
        time.sleep(1)
        assert client.get("/v1/listings").json()["count"] == before
        name, streaming, lag_s = _replica(client)
        assert (name, streaming) == ("replica", True)
        assert lag_s is not None
        assert lag_s > 0
        standby.execute("SELECT pg_wal_replay_resume()")
    wait_for_replay(*pair)
    assert client.get("/v1/listings").json()["count"] == before + 1
    assert _replica(client)[2] == 0.0


def test_on_a_standby_the_version_moves_with_each_commit_that_it_shows(
    pair: tuple[PostgresServer, PostgresServer],
) -> None:
    engine = writer_engine(Settings(database_url=pair[0].url()))  # type: ignore[arg-type]
    settings = _settings(pair, "refuse")
    places = Places(settings)
    source = source_of(places, settings)

    async def run() -> None:
        insert = "INSERT INTO dealers (name, vertical, source) VALUES ('{}', 'dog', 'ingest')"
        with engine.connect() as oldest, engine.connect() as older, engine.connect() as newest:
            for connection, name in ((oldest, "oldest"), (older, "older"), (newest, "newest")):
                connection.execute(text(insert.format(name)))
            seen = [await source.ask()]
            # The newest first: the snapshot's bounds stay where they are when the older one follows.
            for connection in (newest, older, oldest):
                connection.commit()
                wait_for_replay(*pair)
                seen.append(await source.ask())
            assert len(set(seen)) == 4
        await source.close()

    asyncio.run(run())
    places.close()
    engine.dispose()


def test_while_the_replica_is_gone_the_primary_is_read_until_it_is_back(
    pair: tuple[PostgresServer, PostgresServer], primary_stock: Stock, client_for: ClientFor
) -> None:
    client = client_for(_settings(pair, "primary"))
    count = client.get("/v1/listings").json()["count"]
    pair[1].stop()
    try:
        primary_stock.listing(primary_stock.dealer("southside"))
        answer = client.get("/v1/listings")
        assert (answer.status_code, answer.json()["count"]) == (200, count + 1)
        assert client.get("/v1/listings", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
        assert client.get("/v1/listings.csv").status_code == 200
        assert _replica(client)[0] == "primary"
    finally:
        pair[1].start()
    deadline = time.monotonic() + 60
    while _replica(client)[0] != "replica":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    wait_for_replay(*pair)
    assert client.get("/v1/listings").json()["count"] == count + 1


def test_the_primary_is_left_alone_where_it_is_not_to_be_read(
    pair: tuple[PostgresServer, PostgresServer], client_for: ClientFor
) -> None:
    client = client_for(_settings(pair, "refuse"))
    assert client.get("/v1/listings").status_code == 200
    pair[1].stop()
    try:
        for path in ("/v1/listings", "/ready"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert answer.json()["type"].endswith(":database-unavailable")
            assert int(answer.headers["retry-after"]) >= 1
    finally:
        pair[1].start()
    assert client.get("/v1/listings").status_code == 200


def test_a_server_without_a_replica_says_nothing_of_one(any_settings: Settings, client_for: ClientFor) -> None:
    assert client_for(any_settings).get("/ready").json()["replica"] is None

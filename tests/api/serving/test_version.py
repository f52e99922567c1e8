"""The version of the data: it moves with every commit that can be seen, and stands still otherwise."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import text

from api.database import Database
from api.replica import CONNECT_S, Places
from api.serving import version as module
from api.serving.version import DataVersion, Source, Version, source_of
from inventory.engine import CONNECT_TIMEOUT_S, reader_arguments, writer_engine
from inventory.settings import Settings
from tests.api.stock import Stock


def _run_with(settings: Settings, work: Callable[[Source], object]) -> None:
    places = Places(settings)
    source = source_of(places, settings)

    async def run() -> None:
        await work(source)  # type: ignore[misc]
        await source.close()

    asyncio.run(run())
    places.close()


def test_it_changes_with_a_commit_and_only_with_one(any_settings: Settings, stock: Stock) -> None:
    dealer = stock.dealer()

    async def work(source: Source) -> None:
        first = await source.ask()
        assert await source.ask() == first
        stock.listing(dealer)
        second = await source.ask()
        assert second != first
        assert await source.ask() == second

    _run_with(any_settings, work)


def test_what_another_transaction_has_not_committed_makes_no_difference_until_it_does(
    postgres_settings: Settings,
) -> None:
    engine = writer_engine(postgres_settings)

    async def work(source: Source) -> None:
        with engine.connect() as one, engine.connect() as other:
            one.execute(text("INSERT INTO dealers (name, vertical, source) VALUES ('a', 'dog', 'ingest')"))
            other.execute(text("INSERT INTO dealers (name, vertical, source) VALUES ('b', 'dog', 'ingest')"))
            before = await source.ask()
            other.commit()
            between = await source.ask()
            one.commit()
            after = await source.ask()
        assert len({before, between, after}) == 3

    _run_with(postgres_settings, work)
    engine.dispose()


def test_who_comes_while_a_question_runs_shares_the_next_one_that_starts_later() -> None:
    asked: list[int] = []
    now = 0

    async def ask() -> str:
        asked.append(now)
        await asyncio.sleep(0.02)
        return str(asked[-1])

    async def run() -> None:
        nonlocal now
        version = DataVersion(ask)
        first = asyncio.create_task(version.current())
        await asyncio.sleep(0.01)
        now = 1  # the data change while the first question runs
        others = [asyncio.create_task(version.current()) for _ in range(16)]
        answers = await asyncio.gather(first, *others)
        assert [answer.text for answer in answers if answer] == ["0"] + ["1"] * 16
        assert asked == [0, 1]

    asyncio.run(run())


def test_two_versions_never_share_a_second() -> None:
    texts = iter("aabcd")

    async def ask() -> str:
        return next(texts)

    async def run() -> list[Version | None]:
        version = DataVersion(ask, clock=lambda: 1000.4)
        return [await version.current() for _ in range(5)]

    found = asyncio.run(run())
    assert [version.since for version in found if version] == [1000, 1000, 1001, 1002, 1003]


def test_where_it_cannot_be_told_answers_go_out_without_it(client: TestClient) -> None:
    async def ask() -> str:
        raise OSError

    client.app.state.version = DataVersion(ask)  # type: ignore[attr-defined]
    answer = client.get("/v1/listings")
    assert answer.status_code == 200
    assert "last-modified" not in answer.headers
    assert client.get("/v1/listings", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_nobody_waits_longer_than_he_may_for_a_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_S", 0.05)
    asked = 0

    async def ask() -> str:
        nonlocal asked
        asked += 1
        if asked > 1:
            return "new"
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            await asyncio.sleep(1)  # as a driver that tells the server of it first
            raise
        raise AssertionError("nobody waits so long")

    async def run() -> None:
        version = DataVersion(ask)
        started = time.monotonic()
        assert await version.current() is None
        found = await version.current()
        assert time.monotonic() - started < 0.5
        assert found is not None
        assert found.text == "new"

    asyncio.run(run())


def test_a_question_that_hangs_keeps_its_connection_and_the_next_one_has_another(postgres_settings: Settings) -> None:
    engine = writer_engine(postgres_settings)
    places = Places(postgres_settings)
    source = source_of(places, postgres_settings)

    async def run() -> None:
        first = await source.ask()
        hangs = asyncio.create_task(source.ask())
        await asyncio.sleep(0)
        assert await asyncio.wait_for(source.ask(), 5) == first
        assert await hangs == first
        places.generation += 1
        assert await source.ask() == first
        with engine.connect() as connection:
            mine = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_current_snapshot()%' AND state = 'idle'"
            assert connection.execute(text(mine + " AND datname = current_database()")).scalar_one() == 1
        await source.close()

    asyncio.run(run())
    places.close()
    engine.dispose()


def test_where_the_primary_stands_by_a_replica_may_not_take_long(postgres_settings: Settings) -> None:
    elsewhere = postgres_settings.read_url.replace("127.0.0.1", "localhost")
    spared = postgres_settings.model_copy(
        update={"database_read_url": SecretStr(elsewhere), "read_fallback": "primary"}
    )
    for settings, longest_s in ((postgres_settings, CONNECT_TIMEOUT_S), (spared, CONNECT_S)):
        database = Database(settings)
        assert database.connect_timeout_s == longest_s
        given = reader_arguments(settings, connect_timeout_s=database.connect_timeout_s)
        assert given["tcp_user_timeout"] == longest_s * 1000
        database.close()

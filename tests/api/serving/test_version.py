"""The version of the data: it moves with every commit that can be seen, and stands still otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fastapi.testclient import TestClient
from sqlalchemy import text

from api.replica import Places
from api.serving.version import DataVersion, Source, Version, source_of
from inventory.engine import writer_engine
from inventory.settings import Settings
from tests.api.stock import Stock


def _run_with(settings: Settings, work: Callable[[Source], object]) -> None:
    places = Places(settings)
    source = source_of(lambda: places.now.url)

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

"""The Store pipeline buffers and returns, writes by size, by the clock and at the end, and survives its database."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from types import SimpleNamespace

import pytest
from scrapy import signals
from scrapy.settings import Settings
from scrapy.signalmanager import SignalManager
from sqlalchemy import func, select, text

import pipelines.store as module
from inventory.engine import writer_engine
from inventory.pages import PageRead
from inventory.tables import listings, pages
from pipelines.outcomes import Unusable, listings_stored, pages_stored
from pipelines.store import Store
from tests.inventory.yard import Yard, machine


class Run:
    """What the pipeline sees of a crawler: settings, signals, and an engine that can be asked to close."""

    def __init__(self, tries_s):
        self.settings = Settings({"STORE_TRIES_S": tries_s})
        self.signals = SignalManager(self)
        self.engine = SimpleNamespace(close_spider_async=self._close)
        self.batches, self.dropped, self.closed_because = [], Counter(), []
        self.pages = []
        self.signals.connect(self._stored, listings_stored)
        self.signals.connect(self._pages_stored, pages_stored)
        self.signals.connect(self._dropped, signals.item_dropped)

    def _stored(self, outcomes):
        self.batches.append([word for _, word in outcomes])

    def _pages_stored(self, outcomes):
        self.pages.append([outcome.kept for outcome in outcomes])

    def _dropped(self, item, exception):
        self.dropped[exception.reason] += 1

    async def _close(self, reason):
        self.closed_because.append(reason)


@pytest.fixture
def database(sqlite_settings, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", sqlite_settings.write_url)
    engine = writer_engine(sqlite_settings)
    Yard(engine)
    yield engine
    engine.dispose()


def stored(engine):
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(listings)).scalar_one()


def crawl(scenario, tries_s="0.01,0.01"):
    """Run a scenario over a pipeline that is opened before and closed after it."""

    async def whole():
        run = Run(tries_s)
        pipeline = Store.from_crawler(run)
        await pipeline.open_spider()
        await scenario(pipeline, run)
        await pipeline.close_spider()
        return run

    return asyncio.run(asyncio.wait_for(whole(), 20))


async def until(condition):
    while not condition():  # noqa: ASYNC110 (what is waited for is the database's doing)
        await asyncio.sleep(0.005)


def test_what_is_left_is_written_at_the_end(database, monkeypatch):
    monkeypatch.setattr(module, "FLUSH_S", 60)

    async def scenario(pipeline, run):
        for number in range(3):
            await pipeline.process_item(machine(f"m{number}"))
        assert run.batches == []

    assert crawl(scenario).batches == [["new"] * 3]
    assert stored(database) == 3


def test_a_full_buffer_is_written_at_once(database, monkeypatch):
    monkeypatch.setattr(module, "FLUSH_S", 60)
    monkeypatch.setattr(module, "BATCH_ROWS", 10)

    async def scenario(pipeline, run):
        for number in range(25):
            await pipeline.process_item(machine(f"m{number}"))
        await until(lambda: len(run.batches) == 2)

    assert [len(batch) for batch in crawl(scenario).batches] == [10, 10, 5]
    assert stored(database) == 25


def test_a_slow_trickle_is_written_by_the_clock(database, monkeypatch):
    monkeypatch.setattr(module, "FLUSH_S", 0.02)

    async def scenario(pipeline, run):
        await pipeline.process_item(machine())
        await until(lambda: run.batches)

    assert crawl(scenario).batches == [["new"]]


def test_an_idle_scheduler_has_the_rest_written(database, monkeypatch):
    monkeypatch.setattr(module, "FLUSH_S", 60)

    async def scenario(pipeline, run):
        await pipeline.process_item(machine())
        run.signals.send_catch_log(signals.scheduler_empty)
        await until(lambda: run.batches)

    assert crawl(scenario).batches == [["new"]]


def test_items_wait_only_while_two_batches_are_unwritten(database, monkeypatch):
    monkeypatch.setattr(module, "FLUSH_S", 60)
    monkeypatch.setattr(module, "BATCH_ROWS", 2)
    gate = threading.Event()
    real = module.store

    def slow(*arguments):
        gate.wait(10)
        return real(*arguments)

    monkeypatch.setattr(module, "store", slow)

    async def scenario(pipeline, run):
        for number in range(5):  # two batches are unwritten, and one item of a third is buffered: nobody waits
            await asyncio.wait_for(pipeline.process_item(machine(f"m{number}")), 1)
        third = asyncio.create_task(pipeline.process_item(machine("m5")))
        await asyncio.sleep(0.05)
        assert not third.done()
        await asyncio.wait_for(pipeline.process_item(machine("m6")), 1)
        gate.set()
        await third

    assert sum(len(batch) for batch in crawl(scenario).batches) == 7
    assert stored(database) == 7


def test_what_the_database_refuses_is_dropped_and_the_rest_announced(database):
    async def scenario(pipeline, run):
        await pipeline.process_item(machine("good"))
        await pipeline.process_item(machine("bad", hours=-1))

    run = crawl(scenario)
    assert run.batches == [["new"]]
    assert run.dropped == {"refused_by_database": 1}
    assert run.closed_because == []


def test_a_database_that_comes_back_loses_nothing(database):
    with database.begin() as connection:
        connection.execute(text("ALTER TABLE listings RENAME TO hidden"))

    async def scenario(pipeline, run):
        await pipeline.process_item(machine())
        pipeline.flush()
        await asyncio.sleep(0.02)
        with database.begin() as connection:
            connection.execute(text("ALTER TABLE hidden RENAME TO listings"))

    run = crawl(scenario, tries_s=(0.05,) * 50)
    assert run.batches == [["new"]]
    assert (run.dropped, run.closed_because) == ({}, [])


def test_a_database_that_is_gone_drops_every_listing_and_ends_the_crawl_once(database):
    async def scenario(pipeline, run):
        await pipeline.process_item(machine("before"))
        pipeline.flush()
        await until(lambda: run.batches)
        with database.begin() as connection:
            connection.execute(text("DROP TABLE listings"))
        for number in range(3):
            await pipeline.process_item(machine(f"m{number}"))
            pipeline.flush()
        await pipeline.process_item(machine("still buffered"))
        await until(lambda: run.closed_because)
        with pytest.raises(Unusable) as refused:
            await pipeline.process_item(machine("after"))
        assert refused.value.reason == "store_failed"

    run = crawl(scenario)
    assert run.dropped == {"store_failed": 4}
    assert run.closed_because == ["store_failed"]
    assert len(run.batches) == 1


def test_a_batch_that_meets_a_bug_of_ours_is_dropped_too(database):
    async def scenario(pipeline, run):
        await pipeline.process_item(machine("stray", dealer="nobody"))
        pipeline.flush()
        await until(lambda: run.closed_because)

    run = crawl(scenario)
    assert run.dropped == {"store_failed": 1}
    assert run.closed_because == ["store_failed"]


def page_of(*given):
    """A page that gave these listings, all of one request."""
    for listing in given:
        listing.request_token = "acme:1"
    return PageRead(
        dealer="acme", url="https://acme.example/stock", kind="section", section="all", reading="v1",
        expected=len(given), request_token="acme:1",
    )  # fmt: skip


def known(engine):
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(pages)).scalar_one()


def test_a_page_is_known_only_behind_its_listings(database, monkeypatch):
    monkeypatch.setattr(module, "BATCH_ROWS", 2)
    seen_with = []
    real = module.store_pages

    def watched(*arguments):
        seen_with.append(stored(database))
        return real(*arguments)

    monkeypatch.setattr(module, "store_pages", watched)

    async def scenario(pipeline, run):
        given = [machine(f"m{number}") for number in range(5)]
        page = page_of(*given)
        await pipeline.process_item(page)  # a page may overtake its listings on their way here
        for listing in given:
            await pipeline.process_item(listing)

    assert crawl(scenario).pages == [[True]]
    assert seen_with == [5]
    assert known(database) == 1


def test_a_page_of_which_the_database_refused_a_listing_is_not_known(database):
    async def scenario(pipeline, run):
        given = [machine("good"), machine("bad", hours=-1)]
        page = page_of(*given)
        for item in (*given, page):
            await pipeline.process_item(item)

    run = crawl(scenario)
    assert (run.pages, run.dropped) == ([[False]], {"refused_by_database": 1})
    assert (stored(database), known(database)) == (1, 0)


def test_a_page_whose_listing_met_a_bug_is_not_known(database):
    async def scenario(pipeline, run):
        given = [machine("good"), machine("odd")]
        page = page_of(*given)
        await pipeline.process_item(given[0])
        await pipeline.process_item(page)
        run.signals.send_catch_log(signals.item_error, item=given[1])

    assert crawl(scenario).pages == [[False]]
    assert known(database) == 0


def test_pages_that_cannot_be_written_are_settled_and_their_listings_stay(database):
    with database.begin() as connection:
        connection.execute(text("DROP TABLE pages"))

    async def scenario(pipeline, run):
        one = machine()
        page = page_of(one)
        await pipeline.process_item(one)
        await pipeline.process_item(page)
        pipeline.flush()
        await until(lambda: run.closed_because)

    run = crawl(scenario)
    assert (run.batches, run.pages, run.dropped) == ([["new"]], [], {"store_failed": 1})
    assert stored(database) == 1

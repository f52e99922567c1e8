"""A crawl whose process is gone is gone on with by who wants the same, where nobody else works at it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from crawler.frontier.opening import Wanted, is_wanted, queue_crawl
from crawler.frontier.queue_ledger import QueueLedger
from crawler.frontier.shared_book import ANOTHER, SharedCrawlBook
from crawler.platforms import platform_of
from crawler.platforms.visit import Visit
from crawler.spiders.plan import Planned
from inventory.database import database
from inventory.queue_keys import PREFIX
from tests.crawler.dealer_files import dealer

ACME = dealer(sections={"excavators": "/a", "skip-loaders": "/b"})
WHOLE = Planned(ACME, ("excavators", "skip-loaders"))
PART = Planned(ACME, ("skip-loaders",))
FAILED = Visit("https://acme.example/machine/1", "detail", "skip-loaders")


@pytest.fixture
def queued(play, sqlite_settings):
    """Queues a crawl, then asks a process that comes later for another: what it says of it then."""
    database(sqlite_settings).dispose()

    def run(before, after, workers_alive=None):
        async def scenario(workers):
            ledger, queue = QueueLedger(sqlite_settings), workers.queue()
            fake = SimpleNamespace(
                worker=SimpleNamespace(
                    spider=SimpleNamespace(platforms={ACME.name: platform_of(ACME)}),
                    queue=queue,
                    closing=SimpleNamespace(owners={}),
                ),
                queue_ledger=ledger, _settings=sqlite_settings, awaited={}, left={}, skipped={}, not_due=[],
            )  # fmt: skip
            fake._leave = fake.left.update
            try:
                assert await queue_crawl(before[0], platform_of(ACME), before[1], queue, ledger, sqlite_settings) == 1
                if workers_alive:
                    await workers_alive(workers)
                await SharedCrawlBook._queue(fake, *after)
            finally:
                ledger.dispose()
            return fake

        return play(scenario)

    return run


def test_what_is_wanted_again_is_gone_on_with(queued):
    book = queued((WHOLE, Wanted()), (WHOLE, Wanted(due=True)))
    assert (book.awaited, book.left) == ({1: ACME.name}, {})


def test_a_trial_run_leaves_a_whole_crawl_alone_and_says_so(queued):
    book = queued((WHOLE, Wanted()), (WHOLE, Wanted(limit=5)))
    assert (book.awaited, book.left) == ({}, {ACME.name: ANOTHER})


@pytest.mark.parametrize(("only", "awaited"), [([7], {1: ACME.name}), ([1, 7], {}), (None, {})])
def test_a_crawl_is_left_to_a_worker_that_takes_its_requests_not_to_one_of_other_crawls(queued, only, awaited):
    async def another(workers):
        await workers.queue("another").lease(0, only=only)

    book = queued((WHOLE, Wanted()), (WHOLE, Wanted()), another)
    assert book.awaited == awaited
    assert list(book.skipped) == ([] if awaited else [ACME.name])


def test_what_is_known_of_a_worker_is_forgotten_with_it(play):
    async def scenario(workers):
        one, two, three = workers.queue("one", lease_s=0.05), workers.queue("two"), workers.queue("three")
        await one.lease(0, only=[1])
        await two.lease(0, only=[1])
        assert await three.is_worked_at(1)
        await two.leave()
        await asyncio.sleep(0.06)
        await three.lease(0)
        assert await workers.redis.exists(PREFIX + "only") == 0

    play(scenario)


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ((WHOLE, Wanted(limit=5)), (WHOLE, Wanted(limit=5)), True),
        ((WHOLE, Wanted(limit=5)), (WHOLE, Wanted(limit=6)), False),
        ((WHOLE, Wanted(limit=5)), (WHOLE, Wanted()), False),
        ((WHOLE, Wanted(fresh=True)), (WHOLE, Wanted()), False),
        ((PART, Wanted()), (PART, Wanted()), True),
        ((PART, Wanted()), (WHOLE, Wanted()), False),
        ((PART, Wanted()), (Planned(ACME, ("excavators",)), Wanted()), False),
        ((WHOLE, Wanted(visits=(FAILED,))), (WHOLE, Wanted(visits=(FAILED,))), True),
        ((WHOLE, Wanted(visits=(FAILED,))), (PART, Wanted()), False),
    ],
)
def test_only_what_is_wanted_the_same_way_is_the_same_crawl(play, sqlite_settings, before, after, same):
    database(sqlite_settings).dispose()

    async def scenario(workers):
        ledger, queue = QueueLedger(sqlite_settings), workers.queue()
        await queue_crawl(before[0], platform_of(ACME), before[1], queue, ledger, sqlite_settings)
        ledger.dispose()
        return await queue.state(1)

    assert is_wanted(play(scenario), *after) is same

"""What goes wrong in a worker ends, and is said: nothing waits for ever."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from pydantic import SecretStr
from redis.exceptions import ResponseError
from scrapy import Request, Spider
from scrapy.utils.test import get_crawler
from sqlalchemy.exc import OperationalError

from crawler.commands.crawl import NONE_USABLE, SOME_FAILED, _exit_status
from crawler.frontier import worker as worker_module
from crawler.frontier.awaiting import until_ended
from crawler.frontier.closing import Closing
from crawler.frontier.joining import Joining
from crawler.frontier.queue import Lease, SharedQueue, client
from crawler.frontier.queue_ledger import QueueLedger
from crawler.frontier.redis_errors import is_lasting, is_our_bug
from crawler.frontier.shared_book import SharedCrawlBook
from crawler.frontier.worker import REFUSALS, Worker
from tests.crawler.test_tracker import crawl_of
from tests.frontier.conftest import opening
from tests.frontier.test_wire import VISIT, request


def test_a_worker_that_redis_does_not_let_in_ends_after_some_tries(play, monkeypatch):
    monkeypatch.setattr(worker_module, "PAUSES_S", (0.001,))

    async def scenario(workers):
        queue = SharedQueue(client(workers.url.replace("redis://", "redis://nobody:wrong@")), worker="one")
        asked, said = [], asyncio.get_running_loop().create_future()
        lease = queue.lease
        monkeypatch.setattr(queue, "lease", lambda *args, **more: asked.append(args) or lease(*args, **more))
        worker = Worker(get_crawler(Spider), SimpleNamespace(locked_out=said.set_result), queue)
        worker.start(None)
        why = await asyncio.wait_for(said, 5)
        assert why.startswith("REDIS_URL: Redis does not let us in (AuthenticationError")
        assert len(asked) == REFUSALS
        await queue.close()

    play(scenario)


def test_leases_of_a_crawl_that_a_bug_keeps_from_being_joined_go_back_and_are_left_to_others():
    async def scenario():
        async def state(crawl_id):
            return {"dealer": "acme"}

        def breaks(name):
            raise KeyError(name)

        said = []
        around = SimpleNamespace(
            queue=SimpleNamespace(state=state),
            spider=SimpleNamespace(dealer_named=breaks),
            outbox=SimpleNamespace(add=said.append),
        )
        joining = Joining(None, None, around)
        lease = Lease(1, "s1", "one/0", "{}", 0.0, 0, 0, 0.0, False)
        assert joining.crawl_of(lease, 0.0) is None
        await asyncio.sleep(0.01)
        assert said == [["back", 1, "s1", "one/0", 0.0]]
        assert joining.waiting == 0
        assert joining.unknown == [1]

    asyncio.run(scenario())


def a_worker(workers, monkeypatch):
    """One that works at crawl 1, whose only request is of a newer version of ours."""
    spider = SimpleNamespace(request=lambda crawl, visit: Request(visit.url), dealer_named=lambda name: None)
    monkeypatch.setattr(Worker, "spider", spider)
    book = SimpleNamespace(scheduler=SimpleNamespace(learn_holds=lambda held: None), crawls={}, awaited={})
    worker = Worker(get_crawler(Spider), book, workers.queue())
    worker.joining.crawls[1] = book.crawls["acme"] = crawl_of()
    worker.joining._sent[1] = {}
    return worker


def test_a_crawl_of_which_a_request_cannot_be_read_ends_early(play, monkeypatch):
    async def scenario(workers):
        worker = a_worker(workers, monkeypatch)
        newer = json.dumps({"visit": VISIT.as_json() | {"of_a_newer_version": 1}})
        whole = opening(first=0)
        await worker.queue.open(replace(whole, first=[("s", 0, "mark", newer)]))
        worker.start(None)
        for _ in range(300):
            if "errors.bug" in await worker.queue.account(1):
                break
            await asyncio.sleep(0.01)
        worker._loop_task.cancel()
        state = await worker.queue.state(1)
        assert state["cut_short"] == "queue_refused"
        assert "cannot be read" in json.loads(state["given_up"])[1]

    play(scenario)


@pytest.mark.parametrize("how", ["push", "requeue"])
def test_a_crawl_of_which_a_request_cannot_be_queued_ends_early(play, monkeypatch, how):
    async def scenario(workers):
        worker = a_worker(workers, monkeypatch)
        await worker.queue.open(opening(first=1))
        [lease] = (await worker.queue.lease(1)).leases
        token = worker.tracker.leased(lease, crawl_of(), 0.0)
        unsayable = request(meta={"page": object()})
        if how == "push":
            worker.telling.push(unsayable, "acme", token)
        else:
            worker.telling.requeue(unsayable, token)
        assert await worker.outbox.drain(5.0)
        assert (await worker.queue.state(1))["cut_short"] == "queue_refused"
        assert (await worker.queue.account(1))["errors.bug"] == 1

    play(scenario)


def test_a_crawl_whose_dealer_somebody_else_has_reserved_is_not_worked_at(play):
    async def scenario(workers):
        async def renew(owners):
            assert owners == {"acme": "queue:1"}
            return set()

        queue = workers.queue()
        await queue.open(opening(first=1, owner="queue:1"))
        [lease] = (await queue.lease(1)).leases
        said = []
        around = SimpleNamespace(
            queue=queue,
            spider=SimpleNamespace(dealer_named=lambda name: crawl_of().dealer),
            outbox=SimpleNamespace(add=said.append),
        )
        joining = Joining(None, SimpleNamespace(queue_ledger=SimpleNamespace(renew=renew)), around)
        assert joining.crawl_of(lease, 0.0) is None
        await asyncio.gather(*joining._tasks)
        assert said == [["back", 1, "s1", lease.holder, 0.0]]
        assert (await queue.state(1))["cut_short"] == "lease_lost"
        assert joining.crawls == {}
        assert joining.unknown == []

    play(scenario)


@pytest.mark.parametrize(
    "message",
    [
        "The user executing the script can't run this command or subcommand script: 139e, on @user_script:106.",
        "Error running script (call to f_1): @user_script:9: -NOPERM this user has no permissions",
    ],
)
def test_a_command_that_a_script_may_not_give_is_a_lasting_refusal_and_no_bug(message):
    assert is_lasting(ResponseError(message))
    assert not is_our_bug(ResponseError(message))


def test_a_database_that_stays_away_is_waited_for_as_long_as_redis(sqlite_settings, monkeypatch):
    async def scenario(comes_back):
        def renewed(engine, owners, until):
            asked.append(owners)
            if not comes_back:
                raise OperationalError("update", {}, Exception("refused"))
            return set(owners)

        asked = []
        monkeypatch.setattr("inventory.ledger.renew_each", renewed)
        ledger = QueueLedger(sqlite_settings)
        book = SimpleNamespace(queue_ledger=ledger, awaited={1: "acme"})
        closing = Closing(None, book, None)
        closing.owners[1] = "queue"
        ended = asyncio.Event()

        async def stopped(crawl_ids):
            return set()

        going = asyncio.create_task(
            until_ended(book.awaited, ended, SimpleNamespace(stopped=stopped), 0.2, closing.database_stays_away)
        )
        await asyncio.sleep(0.1)
        assert not asked  # while nothing is amiss, nothing is asked
        ledger.failed()
        if comes_back:
            await asyncio.sleep(0.4)
            assert not going.done()
            assert ledger.away_s == 0
            ended.set()
        left = await asyncio.wait_for(going, 2)
        assert asked == [{"acme": "queue"}]
        return left, ledger.away_s

    monkeypatch.setattr("crawler.frontier.awaiting.LOOK_S", 0.05)
    assert asyncio.run(scenario(comes_back=True)) == ({}, 0)
    left, away_s = asyncio.run(scenario(comes_back=False))
    assert left["acme"].startswith("the database (DATABASE_URL) takes nothing for 0.2 s")
    assert away_s >= 0.2


def test_a_shared_crawl_that_no_database_can_end_has_the_status_of_no_database(sqlite_settings):
    crawler = get_crawler(Spider, {"REDIS_URL": "redis://127.0.0.1:1/0"})
    book = SharedCrawlBook(
        crawler, sqlite_settings.model_copy(update={"redis_url": SecretStr("redis://127.0.0.1:1/0")})
    )
    crawler.get_extension = lambda cls: book
    book.left["acme"] = "away"
    assert _exit_status(crawler, []) == SOME_FAILED
    book.queue_ledger.failed()
    assert _exit_status(crawler, []) == NONE_USABLE


def test_a_crawl_that_cannot_be_learnt_is_left_alone_for_some_seconds_and_that_is_said_once(caplog):
    async def scenario():
        async def state(crawl_id):
            raise OperationalError("select", {}, Exception("refused"))

        said, failed = [], []
        around = SimpleNamespace(queue=SimpleNamespace(state=state), outbox=SimpleNamespace(add=said.append))
        book = SimpleNamespace(queue_ledger=SimpleNamespace(failed=lambda: failed.append(1)))
        joining = Joining(None, book, around)
        for crawl_id in (1, 2):
            joining.crawl_of(Lease(crawl_id, "s1", "one/0", "{}", 0.0, 0, 0, 0.0, False), 0.0)
            await asyncio.sleep(0.01)
        assert [op[:2] for op in said] == [["back", 1], ["back", 2]]
        assert joining.unknown == [1, 2]  # which is what the queue is told to hand out none of
        assert len(failed) == 2

    asyncio.run(scenario())
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == [
        "crawl 1 cannot be joined yet: OperationalError: tried again"
    ]

"""What a worker has to say reaches the queue, or ends the crawls that it belongs to."""

from __future__ import annotations

import asyncio

import pytest
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
)

from crawler.frontier.outbox import Outbox
from crawler.frontier.redis_errors import is_lasting, is_our_bug
from inventory.queue_keys import crawl_key
from tests.frontier.conftest import opening
from tests.frontier.test_queue import ack, push


def test_children_are_not_lost_while_redis_is_full(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(first=1))
        [lease] = (await one.lease(9)).leases
        told, lost = [], []
        box = Outbox(one, lambda: None, lambda: lost.append(True))
        await workers.redis.config_set("maxmemory", 1)
        try:
            for number in range(20):
                box.add(push(f"m{number}"), told.append)
            box.add(ack(lease, pages=1), told.append)
            await asyncio.sleep(0.3)
            assert told == []
        finally:
            await workers.redis.config_set("maxmemory", 0)
        assert await box.drain(5.0)
        assert told == [True] * 21
        assert not lost
        assert await one.account(1) == {"requests": 21, "pages": 1}
        assert "cut_short" not in await one.state(1)

    play(scenario)


def test_a_crawl_that_lost_something_to_a_bug_of_ours_is_cut_short_and_the_worker_is_told(play):
    async def scenario(workers):
        one = workers.queue()
        for number, dealer in ((1, "acme"), (2, "bolt"), (3, "cora")):
            await one.open(opening(number, dealer, first=2))
        told, lost = [], []
        box = Outbox(one, lambda: None, lambda: lost.append(True))
        box.add(["nonsense", 3])
        box.add(push("a", crawl=1), told.append)
        box.add(["cut", 2, "shutdown", "null"])
        assert await box.drain(5.0)
        assert told == [False]
        assert lost == [True]
        states = [await one.state(number) for number in (1, 2, 3)]
        assert [state.get("cut_short") for state in states] == ["queue_refused", "shutdown", None]

    play(scenario)


def test_a_crawl_whose_keys_are_broken_does_not_keep_the_others_waiting(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(1))
        await workers.redis.set(crawl_key(2, "state"), "no hash")
        told = []
        box = Outbox(one, lambda: None)
        box.add(push("a", crawl=2), told.append)
        assert await box.drain(5.0)
        box = Outbox(one, lambda: None)
        box.add(push("b", crawl=1), told.append)
        assert await box.drain(5.0)
        assert told == [False, True]

    play(scenario)


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (ResponseError("user_script:23: attempt to call a nil value"), True),
        (ResponseError("ERR Error running script (call to f_1): @user_script:9: attempt to index a nil value"), True),
        (ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value"), True),
        (ResponseError("Error running script (call to f_1): @user_script:9: -OOM command not allowed"), False),
        (ResponseError("MISCONF Redis is configured to save RDB snapshots"), False),
        (ResponseError("BUSY Redis is busy running a script"), False),
        (OutOfMemoryError("command not allowed when used memory > 'maxmemory'."), False),
        (ReadOnlyError("You can't write against a read only replica."), False),
        (BusyLoadingError("Redis is loading the dataset in memory"), False),
        (OSError("gone"), False),
    ],
)
def test_only_what_would_fail_again_is_a_bug_of_ours(error, ours):
    assert is_our_bug(error) is ours
    assert not is_lasting(error)


@pytest.mark.parametrize("error", [NoPermissionError("this user has no permissions"), AuthenticationError("wrong")])
def test_to_be_locked_out_lasts(error):
    assert is_lasting(error)
    assert not is_our_bug(error)

"""The queue keeps what it promises: leases, one account, fairness, pace, an end that is told once."""

from __future__ import annotations

import asyncio
import itertools
import time

import pytest
from redis.exceptions import RedisError

from crawler.frontier import queue as queue_module
from inventory.queue_keys import PREFIX, crawl_key
from tests.frontier.conftest import opening


def push(fingerprint, payload=None, kind="d", priority=10, not_before=0.0, crawl=1):
    return ["push", crawl, kind, priority, not_before, fingerprint, payload or fingerprint]


def ack(lease, **delta):
    return ["ack", lease.crawl_id, lease.request_id, lease.holder, delta]


def test_what_is_queued_is_leased_once_and_gone_when_it_is_acknowledged(play):
    async def scenario(workers):
        one, two = workers.queue("one"), workers.queue("two")
        assert await one.open(opening())
        first = await one.lease(2)
        assert [lease.payload for lease in first.leases] == ["acme/0", "acme/1"]
        rest = await two.lease(5)
        assert [lease.payload for lease in rest.leases] == ["acme/2"]
        assert rest.to_close == []
        assert await one.commit([ack(lease, pages=1) for lease in first.leases]) == set()
        assert (await one.lease(5)).to_close == []
        assert await two.commit([ack(rest.leases[0], pages=1, stored_new=2)]) == set()
        assert (await one.lease(5)).to_close == [1]
        assert (await two.lease(5)).to_close == []
        assert await one.account(1) == {"requests": 3, "pages": 3, "stored_new": 2}

    play(scenario)


def test_a_dealer_whose_crawl_runs_is_not_queued_twice(play):
    async def scenario(workers):
        one = workers.queue()
        assert await one.open(opening(1))
        assert not await one.open(opening(2))
        assert await one.running() == {"acme": 1}
        for _ in range(3):
            [lease] = (await one.lease(1)).leases
            await one.commit([ack(lease)])
        await one.closed(1, {"outcome": "healthy"})
        assert await one.open(opening(2))

    play(scenario)


def test_a_dealer_whose_crawl_expired_in_redis_is_queued_anew(play):
    async def scenario(workers):
        one = workers.queue()
        assert await one.open(opening(1))
        await workers.redis.delete(crawl_key(1, "state"))
        assert await one.running() == {}
        assert await one.open(opening(2))
        assert await one.running() == {"acme": 2}
        assert [lease.crawl_id for lease in (await one.lease(9)).leases] == [2, 2, 2]
        await workers.redis.hset(crawl_key(2, "state"), "verdict", "{}")
        assert await one.running() == {}
        assert await one.open(opening(3))

    play(scenario)


def test_what_would_wait_longer_than_it_may_takes_nobody_s_place(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(delay_s=20.0))
        assert (await one.permit("acme", 5.0))[1]
        waits = [await one.permit("acme", 5.0) for _ in range(5)]
        assert not any(kept for _, kept in waits)
        assert all(19 < wait_s < 22 for wait_s, _ in waits)

    play(scenario)


def test_a_full_redis_does_nothing_of_a_batch(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(first=2))
        leases = (await one.lease(9)).leases
        ops = [*(ack(lease, pages=1) for lease in leases), push("a")]
        await workers.redis.config_set("maxmemory", 1)
        try:
            with pytest.raises(RedisError):
                await one.commit(ops)
        finally:
            await workers.redis.config_set("maxmemory", 0)
        assert await workers.redis.hlen(crawl_key(1, "leased")) == 2
        assert await one.account(1) == {"requests": 2}

    play(scenario)


def test_a_number_that_a_former_database_gave_too_is_a_new_crawl(play):
    async def scenario(workers):
        one = workers.queue()
        for _ in range(2):
            assert await one.open(opening(1))
            for _ in range(3):
                [lease] = (await one.lease(1)).leases
                await one.commit([ack(lease, pages=1)])
            assert (await one.lease(5)).to_close == [1]
            assert await one.account(1) == {"requests": 3, "pages": 3}
            await one.closed(1, {"outcome": "healthy"})

    play(scenario)


def test_follow_ups_are_queued_once_and_before_the_crawl_can_end(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(first=1))
        [lease] = (await one.lease(9)).leases
        assert await one.commit([push("a"), push("b"), push("a"), ack(lease)]) == {2}
        answer = await one.lease(9)
        assert [found.payload for found in answer.leases] == ["a", "b"]
        assert answer.to_close == []
        assert await one.commit([push("b"), *map(ack, answer.leases)]) == {0}
        assert (await one.lease(9)).to_close == [1]

    play(scenario)


def test_the_leases_of_a_dead_worker_go_back_and_what_it_says_later_counts_for_nothing(play):
    async def scenario(workers):
        one, two = workers.queue("one", lease_s=0.2), workers.queue("two", lease_s=0.2)
        await one.open(opening(first=2))
        held = (await one.lease(9)).leases
        assert (await two.lease(9)).leases == []
        await asyncio.sleep(0.25)
        again = (await two.lease(9)).leases
        assert [(lease.payload, lease.lost) for lease in again] == [("acme/0", 1), ("acme/1", 1)]
        assert await one.commit([ack(lease, pages=1) for lease in held]) == {0, 1}
        assert not (await one.lease(9)).known
        assert await two.commit([ack(lease, pages=1) for lease in again]) == set()
        assert (await two.account(1))["pages"] == 2

    play(scenario)


def test_a_lease_that_came_while_its_worker_left_goes_back(play):
    async def scenario(workers):
        one, two = workers.queue("one"), workers.queue("two")
        await one.open(opening(first=2))
        [late] = (await one.lease(1)).leases
        await one.leave()
        assert {lease.payload for lease in (await two.lease(9)).leases} | {
            lease.payload for lease in (await two.lease(9)).leases
        } == {late.payload, "acme/1"}

    play(scenario)


def test_a_worker_that_is_alive_keeps_its_leases(play):
    async def scenario(workers):
        one, two = workers.queue("one", lease_s=0.3), workers.queue("two", lease_s=0.3)
        await one.open(opening(first=1))
        [lease] = (await one.lease(1)).leases
        for _ in range(4):
            await asyncio.sleep(0.1)
            await one.lease(0)
            assert (await two.lease(1)).leases == []
        assert await one.commit([ack(lease)]) == set()

    play(scenario)


def test_what_is_given_back_goes_to_its_place_and_is_not_counted_as_lost(play):
    async def scenario(workers):
        one, two = workers.queue("one"), workers.queue("two")
        await one.open(opening(first=3))
        [lease] = (await one.lease(1)).leases
        await one.commit([["back", 1, lease.request_id, lease.holder, 0.0]])
        assert [(found.payload, found.lost) for found in (await two.lease(1)).leases] == [("acme/0", 0)]

    play(scenario)


def test_a_request_that_is_replaced_goes_first_when_its_time_has_come(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(first=3))
        answer = await one.lease(1)
        [lease] = answer.leases
        await one.commit([["requeue", 1, lease.request_id, lease.holder, {"pages": 1}, "again", answer.now + 0.2]])
        assert [found.payload for found in (await one.lease(1)).leases] == ["acme/1"]
        await asyncio.sleep(0.25)
        assert [found.payload for found in (await one.lease(1)).leases] == ["again"]
        assert (await one.account(1))["pages"] == 1

    play(scenario)


def test_priorities_inside_a_dealer_are_kept_and_equals_come_in_their_order(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(first=1))
        ops = [push("page 2", kind="s", priority=0), push("x"), push("later", priority=1), push("y"), push("z")]
        await one.commit(ops)
        found = (await one.lease(9)).leases
        assert [lease.payload for lease in found] == ["x", "y", "z", "later", "acme/0", "page 2"]

    play(scenario)


def test_a_large_dealer_does_not_starve_the_others(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(1, "huge", first=500))
        for number in range(2, 6):
            await one.open(opening(number, f"small{number}", first=4))
        found = (await one.lease(10, per=2)).leases
        assert sorted({lease.crawl_id for lease in found}) == [1, 2, 3, 4, 5]
        found = (await one.lease(10, per=2)).leases
        assert sorted({lease.crawl_id for lease in found}) == [1, 2, 3, 4, 5]

    play(scenario)


def test_the_requests_of_a_dealer_start_at_its_pace_whoever_leases_them(play):
    async def scenario(workers):
        queues = [workers.queue(str(number)) for number in range(4)]
        await queues[0].open(opening(first=100, delay_s=0.05))
        began, starts = time.monotonic(), []
        while time.monotonic() - began < 1.0:
            for queue in queues:
                answer = await queue.lease(50, ahead_s=0.2)
                starts += [time.monotonic() + lease.start_in_s for lease in answer.leases]
            await asyncio.sleep(0.01)
        assert 18 <= len(starts) <= 26
        gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
        assert min(gaps) > 0.04  # 0.05, but for how long each answer took to reach us
        waits = [(await queues[0].permit("acme"))[0] for _ in range(3)]
        assert waits[2] - waits[0] > 0.09

    play(scenario)


def test_a_hold_a_slow_down_and_a_release_hold_for_every_worker(play):
    async def scenario(workers):
        one, two = workers.queue("one"), workers.queue("two")
        await one.open(opening(first=9))
        now = (await one.lease(1)).now
        await one.commit(
            [["hold", "acme", now + 30, "answers 503", False], ["hold", "acme", now + 10, "shorter", False]]
        )
        answer = await two.lease(9)
        assert answer.leases == []
        assert answer.held.keys() == {"acme"}
        assert 29 < answer.wait_s <= 30
        wait_s, kept = await two.permit("acme")
        assert 29 < wait_s <= 30
        assert not kept
        await two.commit([["release", "acme"], ["slow", "acme", 5.0], ["slow", "acme", 2.0]])
        answer = await one.lease(9, ahead_s=11)
        assert answer.held == {}
        starts = [lease.start_in_s for lease in answer.leases]
        assert len(starts) == 3
        assert starts[1] - starts[0] > 4.9

    play(scenario)


def test_a_held_dealer_is_tried_with_one_request_until_it_is_released(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(first=9))
        now = (await one.lease(1)).now
        await one.commit([["hold", "acme", now + 0.1, "keeps failing", True]])
        await asyncio.sleep(0.15)
        [probe] = (await one.lease(9)).leases
        assert probe.probe
        assert (await one.lease(9)).leases == []
        await one.commit([["hold", "acme", now + 0.3, "failed again", True]])
        await asyncio.sleep(0.2)
        assert len((await one.lease(9)).leases) == 1
        await one.commit([["release", "acme"]])
        assert len((await one.lease(9)).leases) == 6

    play(scenario)


def test_no_more_are_under_way_at_a_dealer_than_its_file_allows(play):
    async def scenario(workers):
        one, two = workers.queue("one"), workers.queue("two")
        await one.open(opening(first=9, cap=2))
        flying = (await one.lease(9)).leases
        assert len(flying) == 2
        assert (await two.lease(9)).leases == []
        await one.commit([["landed", 1, flying[0].request_id]])
        assert len((await two.lease(9)).leases) == 1

    play(scenario)


def test_a_crawl_that_is_stopped_gives_nothing_until_it_is_resumed(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(first=2))
        assert await one.stop(1)
        assert (await one.lease(9)).leases == []
        assert await one.resume(1)
        assert len((await one.lease(9)).leases) == 2
        assert not await one.stop(99)

    play(scenario)


def test_a_crawl_that_is_cut_short_loses_what_nobody_has_begun_and_ends_when_the_rest_is_done(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(first=2500))
        [lease] = (await one.lease(1)).leases
        await one.cut(1, "shutdown")
        for _ in range(3):
            assert (await one.lease(9)).leases == []
        assert await workers.redis.hlen(crawl_key(1, "requests")) == 1
        assert await one.commit([push("late"), ack(lease)]) == {0}
        assert (await one.lease(9)).to_close == [1]
        assert (await one.state(1))["cut_short"] == "shutdown"

    play(scenario)


def test_what_a_crawl_that_was_cut_short_never_asked_is_told_to_who_closes_it_and_counted_once(play, monkeypatch):
    monkeypatch.setattr(queue_module, "MOST_LET_GO", 1200)

    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(first=1502))
        leases = (await one.lease(2)).leases
        await one.cut(1, "time_up")
        for _ in range(3):
            assert (await one.lease(9)).leases == []
        retry = ["requeue", 1, leases[1].request_id, leases[1].holder, {"pages": 1}, "retry", 0.0]
        await one.commit([push("late"), ack(leases[0]), retry])
        assert (await one.lease(9)).to_close == [1]
        found, left = {}, await one.unasked(1, [])
        while left:
            found |= dict(left)
            told = [(request_id, {"errors.time_up": 1}) for request_id, _ in left]
            left = await one.unasked(1, [*told, *told])
        assert len(found) == 1202
        assert {"late", "retry"} < set(found.values())
        assert await one.account(1) == {"requests": 1503, "pages": 1, "errors.time_up": 1502}

    play(scenario)


def test_what_failed_is_asked_once_more_when_all_else_is_done_and_before_the_crawl_ends(play):
    async def scenario(workers):
        one, two = workers.queue("one"), workers.queue("two")
        await one.open(opening(first=4))
        first, second, third, last = (await one.lease(9)).leases

        def put_off(lease, payload):
            return ["put_off", 1, lease.request_id, lease.holder, {"pages": 1}, payload, 0.1, 2]

        assert await one.commit([put_off(first, "a"), put_off(second, "b"), put_off(third, "c")]) == set()
        assert (await two.lease(9)).leases == []
        assert await one.commit([put_off(first, "a"), ack(last)]) == {0}  # said again
        answer = await two.lease(9)
        assert (answer.leases, answer.to_close) == ([], [])
        await asyncio.sleep(0.12)
        again = (await two.lease(9)).leases
        assert [lease.payload for lease in again] == ["a", "b"]  # of more than two it is only kept that they failed
        await two.commit([ack(lease) for lease in again])
        assert (await two.lease(9)).to_close == [1]
        assert await two.unasked(1, []) == [(third.request_id, "c")]
        assert await two.unasked(1, [(third.request_id, {"errors.http_500": 1})]) == []
        assert await two.account(1) == {"requests": 4, "pages": 3, "errors.http_500": 1}

    play(scenario)


def test_what_was_put_off_when_a_crawl_is_cut_short_is_not_asked(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(first=1))
        [lease] = (await one.lease(9)).leases
        await one.commit([push("a")])
        await one.commit([["put_off", 1, lease.request_id, lease.holder, {}, "again", 0.0, 100]])
        await one.cut(1, "time_up")
        assert (await one.lease(9)).leases == []
        assert (await one.lease(9)).to_close == [1]
        assert sorted(payload for _, payload in await one.unasked(1, [])) == ["a", "again"]
        assert await workers.redis.ttl(crawl_key(1, "unasked")) > 0

    play(scenario)


def test_who_is_led_to_a_page_that_was_asked_before_does_not_ask_it_again(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(first=5))
        leases = (await one.lease(9)).leases

        def lead(number, mark):
            lease, costs = leases[number], [{"linked": 1}, {"led": 1}]
            return ["lead", 1, lease.request_id, lease.holder, {"pages": 1}, f"{number} led", 0.0, mark, *costs]

        assert await one.commit([lead(0, "1-4"), lead(1, "login"), lead(2, "login"), lead(2, "login")]) == {3}
        assert [lease.payload for lease in (await one.lease(9)).leases] == ["1 led"]
        assert await one.account(1) == {"requests": 5, "pages": 3, "linked": 1, "led": 1}
        await one.commit([["blocked", 1, "login"], lead(3, "login")])
        assert [lease.payload for lease in (await one.lease(9)).leases] == ["3 led"]

    play(scenario)


def test_a_crawl_that_is_closed_stays_closed_whatever_is_said_of_it_later(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(first=1))
        [lease] = (await one.lease(1)).leases
        await one.commit([ack(lease)])
        await one.closed(1, {"outcome": "healthy"})
        assert not await one.cut(1, "lease_lost")
        assert not await one.keep(1, 60.0)
        assert await one.commit([push("late"), ack(lease), ["add", 1, {"pauses": 1}, 1]]) == {0, 1}
        answer = await one.lease(9)
        assert (answer.leases, answer.to_close) == ([], [])

    play(scenario)


def test_a_crawl_whose_time_is_up_is_cut_short(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(first=5, longest_s=0.1))
        [lease] = (await one.lease(1)).leases
        await asyncio.sleep(0.15)
        assert (await one.lease(9)).leases == []
        await one.commit([ack(lease)])
        assert (await one.lease(9)).to_close == [1]
        assert (await one.state(1))["cut_short"] == "time_up"

    play(scenario)


def test_with_a_limit_sections_are_asked_for_one_after_the_other(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(first=2, limit=10))
        [lease] = (await one.lease(9)).leases
        assert (await one.lease(9)).leases == []
        await one.commit([push("a"), push("b")])
        assert [found.payload for found in (await one.lease(9)).leases] == ["a", "b"]
        await one.commit([ack(lease, asked=2)])
        [following] = (await one.lease(9)).leases
        assert (following.payload, following.asked) == ("acme/1", 2)

    play(scenario)


def test_leases_that_redis_believes_we_have_go_back_when_we_say_what_we_hold(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(first=2))
        kept, _forgotten = (await one.lease(9)).leases
        answer = await one.lease(9, holding=[kept.name])
        assert [(lease.payload, lease.lost) for lease in answer.leases] == [("acme/1", 0)]

    play(scenario)


def test_of_two_requests_that_see_a_listing_the_first_has_it_and_keeps_it(play):
    async def scenario(workers):
        one, two = workers.queue("one"), workers.queue("two")
        assert await one.claim(1, [("d1", "x"), ("d1", "y")]) == [True, True]
        assert await two.claim(1, [("d2", "x"), ("d2", "z"), ("d1", "x")]) == [False, True, True]

    play(scenario)


def test_a_crawl_that_a_dead_worker_was_to_close_is_offered_again(play):
    async def scenario(workers):
        one, two = workers.queue("one", lease_s=0.2), workers.queue("two", lease_s=0.2)
        await one.open(opening(first=0))
        assert (await one.lease(1)).to_close == [1]
        assert (await two.lease(1)).to_close == []
        await asyncio.sleep(0.25)
        assert (await two.lease(1)).to_close == [1]
        await two.closed(1, {"outcome": "healthy"})
        await asyncio.sleep(0.25)
        assert (await two.lease(1)).to_close == []
        assert await two.running() == {}

    play(scenario)


def test_a_worker_takes_only_what_it_was_told_to(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(1, "acme", first=1))
        await one.open(opening(2, "bolt", first=1))
        assert [lease.crawl_id for lease in (await one.lease(9, only=[2])).leases] == [2]
        assert (await one.lease(9, skip=[1])).leases == []
        assert [lease.crawl_id for lease in (await one.lease(9)).leases] == [1]

    play(scenario)


def test_a_crawl_asked_for_by_name_is_found_behind_thousands_of_others(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(2000, "ours", first=1))
        await one.open(opening(2001, "ended", first=0))
        others = {str(number): 1.0 for number in range(1, 700)}
        await workers.redis.zadd(PREFIX + "ring", others)
        await workers.redis.zadd(PREFIX + "closing", others)
        answer = await one.lease(9, only=[2000, 2001])
        assert [lease.payload for lease in answer.leases] == ["ours/0"]
        assert answer.to_close == [2001]
        assert answer.wait_s > 1  # what others wait for is nothing to hurry for
        await one.commit([["back", 2000, answer.leases[0].request_id, answer.leases[0].holder, 0.0]])
        answer = await one.lease(9, skip=range(1, 700))
        assert [lease.payload for lease in answer.leases] == ["ours/0"]

    play(scenario)


def test_what_is_counted_beside_any_request_counts_once_though_it_is_said_again(play):
    async def scenario(workers):
        one, two = workers.queue("one"), workers.queue("two")
        await one.open(opening())
        for queue in (one, one, two):
            await queue.commit([["add", 1, {"pauses": 1}, 1], ["add", 1, {"pauses": 1}, 2]])
        assert (await one.account(1))["pauses"] == 4

    play(scenario)


def test_every_key_expires_and_a_closed_crawl_leaves_its_account_for_a_while(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(first=3, delay_s=0.01))
        leases = (await one.lease(3, ahead_s=1)).leases
        await one.claim(1, [("s1", "x")])
        await one.commit([push("a"), push("b", not_before=time.time() + 60), ack(leases[0], pages=1)])
        lasting = {PREFIX + name for name in ("running", "ring", "workers")}
        keys = set(await workers.redis.keys("*"))
        assert lasting <= keys
        for name in keys - lasting:
            assert await workers.redis.ttl(name) > 0, name
        await one.closed(1, {"outcome": "healthy"})
        left = {name for name in await workers.redis.keys("*") if ":crawl:" in name}
        assert left == {crawl_key(1, "state"), crawl_key(1, "account")}
        assert 0 < await workers.redis.ttl(crawl_key(1, "state")) <= 600

    play(scenario)


def test_memory_of_a_queued_request_is_bounded(play):
    async def scenario(workers):
        one = workers.queue()
        await one.open(opening(first=0))
        before = (await workers.redis.info("memory"))["used_memory"]
        for start in range(0, 5000, 200):
            payload = '{"visit":{"url":"https://acme.example/machines/%d-caterpillar-320","kind":"detail"}}'
            await one.commit([push(f"{n:016d}", payload % n) for n in range(start, start + 200)])
        after = (await workers.redis.info("memory"))["used_memory"]
        assert (after - before) / 5000 < 600

    play(scenario)

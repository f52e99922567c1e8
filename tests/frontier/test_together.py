"""Several processes crawl together: nothing is lost, nothing is done twice, and every crawl ends once."""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import ExitStack

import pytest
from redis import Redis

from tests.crawl.crawling import environment, rows, scrapy
from tests.frontier.processes import Running
from tests.frontier.yards import most_in_a_window, running_yards
from tests.servers.redis import running_redis

pytestmark = pytest.mark.long


def shared(database_url, redis_url, folder, **more):
    return environment(
        database_url, REDIS_URL=redis_url, DISTRIBUTED="true", DEALERS_DIR=str(folder), LEASE_SECONDS="5", **more
    )


def until(condition, timeout_s=30.0):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.05)


def crawls_ended(url, number):
    return lambda: sum(row["ended_at"] is not None for row in rows(url, "crawls")) >= number


def left_in(redis_url):
    """What the queue holds beside workers and accounts of what is closed."""
    with Redis.from_url(redis_url, decode_responses=True) as redis:
        kept = (":state", ":account", ":workers", ":only", ":turn:keep", "{yardstick}:pace:")
        return {key: redis.type(key) for key in redis.keys("*") if not any(part in key for part in kept)}


def assert_nothing_is_left_in(redis_url):
    deadline = time.monotonic() + 10
    while (left := left_in(redis_url)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == {}


def stored(url):
    return Counter(row["dealer"] for row in rows(url, "listings"))


def test_killed_workers_and_a_redis_that_restarts_lose_nothing(postgres_settings, tmp_path):
    url, chance, said = postgres_settings.write_url, random.Random(7), []
    with (
        running_redis("--appendonly", "yes", "--appendfsync", "everysec") as redis,
        running_yards(4, 50, wait_s=0.02) as yards,
        ExitStack() as stack,
    ):
        yards.write_dealers(tmp_path, "delay_s = 0.05")
        env = shared(url, redis.url, tmp_path)
        workers = [stack.enter_context(Running(("work",), env)) for _ in range(3)]
        helper = stack.enter_context(Running(("crawl", "equipment"), env))
        for _ in range(2):
            time.sleep(1.2)
            number = chance.randrange(3)
            said.append(workers[number].end())
            workers[number] = stack.enter_context(Running(("work",), env))
        redis.restart()
        status = helper.wait()
        said += [worker.said for worker in (*workers, helper)]
        assert status == 0, "\n".join(said)
        assert stored(url) == dict.fromkeys(yards.names, 50), "\n".join(said)
        crawls = rows(url, "crawls")
        assert [(row["outcome"], row["listings_seen"], row["pages"]) for row in crawls] == [("healthy", 50, 52)] * 4
        assert_nothing_is_left_in(redis.url)


@pytest.mark.parametrize("workers", [2, 4])
def test_a_dealer_gets_its_rate_however_many_workers_there_are(sqlite_settings, redis_url, tmp_path, workers):
    url, delay_s, window_s = sqlite_settings.write_url, 0.15, 2.0
    with running_yards(1, 20, moved=7, flaky=8) as yards, ExitStack() as stack:
        yards.write_dealers(tmp_path, f"delay_s = {delay_s}")
        env = shared(url, redis_url, tmp_path, RETRY_BACKOFF_S="0.1")
        for _ in range(workers - 1):
            stack.enter_context(Running(("work",), env))
        assert scrapy(env, "crawl", "equipment")[0] == 0
        log = yards.log()
        assert stored(url) == {"yard0": 20}
    paths = Counter(path.partition("?")[0].rstrip("0123456789") for _, path, _ in log)
    robots = paths["/robots.txt"]
    assert 1 <= robots <= workers  # each that took part has read it
    assert len(log) == robots + 1 + 20 + 3 + 3  # a list, the machines, redirects, second tries
    # One more than promised: on a busy machine some are longer on their way. Without one pace it were twice as many.
    assert most_in_a_window([at for at, _, _ in log], window_s) <= window_s / delay_s + 2
    assert log[-1][0] - log[0][0] < 1.25 * delay_s * len(log)


def test_an_old_crontab_line_that_runs_twice_leaves_no_process_behind(sqlite_settings, redis_url, tmp_path):
    url = sqlite_settings.write_url
    with running_yards(2, 10) as yards, ExitStack() as stack:
        yards.write_dealers(tmp_path, "delay_s = 0.1", 'dozers = "/back"')
        env = shared(url, redis_url, tmp_path)
        first, second = (stack.enter_context(Running(("crawl", "equipment"), env)) for _ in range(2))
        statuses = sorted((first.wait(), second.wait()))
        assert statuses in ([0, 3], [0, 0]), first.said + second.said  # skipped by one; or each had its own
        assert stored(url) == {"yard0": 10, "yard1": 10}
        crawls = rows(url, "crawls")
        assert [(row["outcome"], row["pages"]) for row in crawls] == [("healthy", 11)] * 2
        walked = [{name: walk["complete"] for name, walk in row["sections"].items()} for row in crawls]
        assert walked == [{"excavators": True, "dozers": False}] * 2  # led to a list that was read: it has none to see
        assert_nothing_is_left_in(redis_url)

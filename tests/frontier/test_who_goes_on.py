"""Crawls whose process is gone, whose time stood still, and whose dealer has no file any more."""

from __future__ import annotations

import pytest
from redis import Redis

from tests.crawl.crawling import rows, scrapy
from tests.frontier.processes import Running
from tests.frontier.test_together import assert_nothing_is_left_in, shared, until
from tests.frontier.yards import running_yards

pytestmark = pytest.mark.long


def pages(redis_url):
    with Redis.from_url(redis_url, decode_responses=True) as redis:
        return int(redis.hget("{yardstick}:crawl:1:account", "pages") or 0)


def outcomes(url):
    return [(row["outcome"], row["listings_seen"]) for row in rows(url, "crawls")]


def test_who_comes_next_goes_on_with_the_crawl_of_a_killed_process(sqlite_settings, redis_url, tmp_path):
    url = sqlite_settings.write_url
    with running_yards(1, 40) as yards:
        yards.write_dealers(tmp_path, "delay_s = 0.02")
        env = shared(url, redis_url, tmp_path)
        with Running(("crawl", "equipment"), env) as first:
            until(lambda: pages(redis_url) > 5)
            first.kill()
        with Redis.from_url(redis_url) as redis:
            until(lambda: scores_are_past(redis))
        assert scrapy(env, "crawl", "equipment")[0] == 0
    assert outcomes(url) == [("healthy", 40)]
    assert_nothing_is_left_in(redis_url)


def scores_are_past(redis):
    now, _ = redis.time()
    return not redis.zcount("{yardstick}:workers", now, "+inf")


def test_the_time_of_a_stopped_crawl_stands_still(sqlite_settings, redis_url, tmp_path):
    url = sqlite_settings.write_url
    with running_yards(1, 40) as yards:
        yards.write_dealers(tmp_path, "delay_s = 0.05")
        env = shared(url, redis_url, tmp_path) | {"MAX_CRAWL_MINUTES": "0.1"}
        with Running(("work",), env):
            assert scrapy(env, "queue", "add")[0] == 0
            until(lambda: pages(redis_url) > 3)
            assert scrapy(env, "queue", "stop", "yard0")[0] == 0
            with Redis.from_url(redis_url) as redis:
                begun = redis.time()[0]
                until(lambda: redis.time()[0] > begun + 6)
            with Running(("crawl", "equipment"), env) as helps:
                assert helps.wait(20) == 3
                assert "`scrapy queue resume yard0`, and a worker or this command goes on with it" in helps.said
            assert scrapy(env, "queue", "resume", "yard0")[0] == 0
            until(lambda: rows(url, "crawls")[0]["ended_at"] is not None)
    assert outcomes(url) == [("healthy", 40)]


def test_who_waits_for_a_crawl_that_somebody_stops_ends_and_says_how_it_goes_on(sqlite_settings, redis_url, tmp_path):
    url = sqlite_settings.write_url
    with running_yards(1, 40) as yards:
        yards.write_dealers(tmp_path, "delay_s = 0.02")
        env = shared(url, redis_url, tmp_path)
        with Running(("crawl", "equipment"), env) as first:
            until(lambda: pages(redis_url) > 5)
            assert scrapy(env, "queue", "stop", "yard0")[0] == 0
            assert first.wait(20) == 3
            assert "not ended: yard0 (its crawl is stopped: `scrapy queue resume yard0`" in first.said
        assert outcomes(url) == [("running", 0)]
        assert scrapy(env, "queue", "resume", "yard0")[0] == 0
        assert scrapy(env, "crawl", "equipment")[0] == 0
    assert outcomes(url) == [("healthy", 40)]

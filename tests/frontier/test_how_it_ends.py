"""How shared crawls end: as one process's would, by signal, by the clock, by what kills workers, without Redis."""

from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack

import pytest
from redis import Redis
from sqlalchemy import select

from inventory.engine import reader_engine
from inventory.queue_keys import crawl_key
from inventory.tables import failures
from tests.crawl.crawling import environment, rows, scrapy
from tests.crawl.small_demo import small_demo
from tests.frontier.processes import Running
from tests.frontier.test_together import assert_nothing_is_left_in, crawls_ended, shared, stored, until
from tests.frontier.yards import running_yards
from tests.servers.postgres_pair import single_postgres
from tests.servers.redis import running_redis

pytestmark = pytest.mark.long

OF_A_CRAWL = (
    "dealer", "outcome", "reason", "pages", "pages_unchanged", "listings_seen", "listings_new", "listings_unchanged",
    "listings_dropped", "dropped", "errors", "fill", "sections",
)  # fmt: skip
OF_A_FAILURE = ("failure_class", "status", "message", "attempts", "requeued")
SOME = ("crawl", "equipment", "-a", "dealer=ridgeline,quarry")
OF_A_LISTING = ("dealer", "external_id", "url", "title", "price", "make", "model", "size_label", "section", "status")


def written(settings):
    """Class of each failure, and whether its page came later."""
    engine = reader_engine(settings)
    with engine.connect() as connection:
        found = [(row[0], row[1] is not None) for row in connection.execute(
            select(failures.c.failure_class, failures.c.resolved_at))]  # fmt: skip
    engine.dispose()
    return found


def told(url, table, names):
    return sorted(([row[name] for name in names] for row in rows(url, table)), key=str)


def test_two_workers_store_and_count_what_one_process_does(tmp_path, redis_url):
    (tmp_path / "dealers").mkdir()
    with small_demo(tmp_path / "dealers", machines=32, products=8) as demo, ExitStack() as stack:
        alone, together = (f"sqlite:///{tmp_path / name}.sqlite" for name in ("alone", "together"))
        env = shared(together, redis_url, tmp_path / "dealers", **{k: v for k, v in demo.env.items() if "DIR" not in k})
        stack.enter_context(Running(("work",), env))
        path = demo.truth("ridgeline")[0]["url"].removeprefix(demo.url("ridgeline"))
        for tries in (99, 3):  # the second time it comes when it is asked once more, and most pages have not changed
            ended = []
            for crawl_in in (environment(alone, **demo.env), env):
                demo.switch("ridgeline", fail="500", times=tries, path=path)
                ended.append(scrapy(crawl_in, *SOME)[0])
            assert ended[0] == ended[1]
    assert told(together, "listings", OF_A_LISTING) == told(alone, "listings", OF_A_LISTING)
    assert told(together, "crawls", OF_A_CRAWL) == told(alone, "crawls", OF_A_CRAWL)
    failed = told(together, "failures", OF_A_FAILURE)
    assert failed == told(alone, "failures", OF_A_FAILURE)
    [came] = [row for row in rows(together, "failures") if row["failure_class"] == "http_500"]
    assert (came["attempts"], came["status"], came["resolved_at"] is None) == (4, 500, False)


def test_a_worker_that_is_told_to_end_gives_back_what_it_has_not_begun(sqlite_settings, redis_url, tmp_path):
    url = sqlite_settings.write_url
    with running_yards(1, 30, wait_s=0.1) as yards, ExitStack() as stack:
        yards.write_dealers(tmp_path, "delay_s = 0.1")
        env = shared(url, redis_url, tmp_path) | {"LEASE_SECONDS": "60"}  # nothing comes back by running out
        worker = stack.enter_context(Running(("work",), env))
        with Redis.from_url(redis_url, decode_responses=True) as redis:
            until(lambda: redis.zcard("{yardstick}:workers"))
            [name] = redis.zrange("{yardstick}:workers", 0, -1)
            assert scrapy(env, "queue", "add")[0] == 0
            until(lambda: len(yards.log()) > 8)
            os.kill(int(name.split(":")[1]), signal.SIGTERM)
            assert worker.wait(20) == 0
            assert redis.zcard("{yardstick}:workers") == 0
            assert redis.hlen(crawl_key(1, "leased")) == 0
        assert rows(url, "crawls")[0]["ended_at"] is None
        stack.enter_context(Running(("work",), env))
        until(crawls_ended(url, 1))
        paths = [path for _, path, _ in yards.log() if path != "/robots.txt"]
        assert len(paths) == len(set(paths)) == 32  # nothing was asked for twice
        assert stored(url) == {"yard0": 30}


def test_what_kills_workers_is_given_up_and_written_down(sqlite_settings, redis_url, tmp_path):
    url = sqlite_settings.write_url
    with running_yards(1, 3) as yards, Redis.from_url(redis_url) as redis:
        yards.write_dealers(tmp_path)
        env = shared(url, redis_url, tmp_path)
        assert scrapy(env, "queue", "add")[0] == 0
        redis.hset(crawl_key(1, "lost"), "s1", 5)
        with Running(("work",), env):
            until(crawls_ended(url, 1))
            assert all(path == "/robots.txt" for _, path, _ in yards.log())
            assert written(sqlite_settings) == [("killed_workers", False)]
            assert scrapy(env, "queue", "retry")[1] == "yard0: crawl 2 is queued\n"
            until(crawls_ended(url, 2))
            until(lambda: written(sqlite_settings) == [("killed_workers", True)])
    first, again = rows(url, "crawls")
    assert (first["outcome"], first["errors"]) == ("failed", {"killed_workers": 1})
    assert (again["outcome"], again["narrowed"], again["listings_seen"]) == ("healthy", True, 3)


def test_a_trial_run_of_several_workers_stops_where_it_was_told_to(sqlite_settings, redis_url, tmp_path):
    url = sqlite_settings.write_url
    with running_yards(1, 60) as yards, ExitStack() as stack:
        yards.write_dealers(tmp_path)
        env = shared(url, redis_url, tmp_path)
        stack.enter_context(Running(("work",), env))
        assert scrapy(env, "crawl", "equipment", "-a", "limit=30")[0] == 0
    [crawl] = rows(url, "crawls")
    assert (crawl["limited"], crawl["listings_seen"], stored(url)) == (True, 30, {"yard0": 30})


def test_a_crawl_that_takes_too_long_is_closed_for_all(sqlite_settings, redis_url, tmp_path):
    url = sqlite_settings.write_url
    with running_yards(1, 50) as yards:
        yards.write_dealers(tmp_path, "delay_s = 0.3")
        env = shared(url, redis_url, tmp_path, MAX_CRAWL_MINUTES="0.04")
        began = time.monotonic()
        assert scrapy(env, "crawl", "equipment")[0] == 4
        assert time.monotonic() - began < 15
    [crawl] = rows(url, "crawls")
    assert (crawl["outcome"], crawl["failure_class"], crawl["comparable"]) == ("failed", "time_up", False)
    assert 0 < crawl["listings_seen"] < 50
    never_asked = [row for row in rows(url, "failures") if row["message"] == "was not asked for any more"]
    assert {(row["kind"], row["failure_class"], row["attempts"]) for row in never_asked} >= {("detail", "time_up", 0)}
    assert len(rows(url, "failures")) == crawl["errors"]["time_up"]
    assert len({row["url"] for row in rows(url, "failures")}) == len(rows(url, "failures"))
    assert_nothing_is_left_in(redis_url)


def test_a_crawl_whose_queue_redis_has_forgotten_is_closed_and_can_be_begun_again(sqlite_settings, tmp_path):
    url = sqlite_settings.write_url
    with running_redis() as redis, running_yards(1, 30) as yards:
        yards.write_dealers(tmp_path, "delay_s = 0.2")
        env = shared(url, redis.url, tmp_path)
        with Running(("crawl", "equipment"), env) as first:
            until(lambda: len(yards.log()) > 5)
            redis.stop()
            redis.start()
            assert first.wait(30) == 4, first.said
        [crawl] = rows(url, "crawls")
        assert (crawl["outcome"], crawl["failure_class"]) == ("stopped", "queue_lost")
        assert scrapy(env, "queue", "add")[1] == "yard0: crawl 2 is queued\n"
        with Running(("crawl", "equipment"), env | {"REDIS_WAIT_S": "0.5"}) as last:
            until(lambda: len(yards.log()) > 12)
            redis.stop()
            assert last.wait(20) == 3, last.said
            assert "yard0 (Redis (REDIS_URL) has not answered for 0.5 s: what is queued goes on" in last.said
            assert "Traceback" not in last.said


def test_a_database_that_stays_away_ends_the_worker_and_loses_nothing(tmp_path, redis_url):
    with single_postgres() as postgres, running_yards(1, 20, wait_s=0.02) as yards, ExitStack() as stack:
        url = postgres.url()
        yards.write_dealers(tmp_path, "delay_s = 0.1")
        env = shared(url, redis_url, tmp_path)
        assert scrapy(env, "queue", "add")[0] == 0
        worker = stack.enter_context(Running(("work", "-s", "STORE_TRIES_S=0.1,0.1"), env))
        until(lambda: len(yards.log()) > 8)
        postgres.stop()
        assert worker.wait(30) == 4, worker.said
        postgres.start()
        stack.enter_context(Running(("work",), env))
        until(crawls_ended(url, 1))
        [crawl] = rows(url, "crawls")
        assert (crawl["outcome"], crawl["listings_seen"], stored(url)) == ("healthy", 20, {"yard0": 20})


@pytest.mark.parametrize("workers", [2])
def test_a_server_that_asks_to_be_left_alone_is_left_alone_by_all(sqlite_settings, redis_url, tmp_path, workers):
    url = sqlite_settings.write_url
    with running_yards(1, 8, flaky=106) as yards, ExitStack() as stack:
        yards.write_dealers(tmp_path, "delay_s = 0.1")
        env = shared(url, redis_url, tmp_path)
        for _ in range(workers - 1):
            stack.enter_context(Running(("work",), env))
        assert scrapy(env, "crawl", "equipment")[0] == 0
        log = yards.log()
    [said_at] = [at for at, _, status in log if status == 503]
    after = sorted(at - said_at for at, path, _ in log if at > said_at and path != "/robots.txt")
    assert [wait_s for wait_s in after if 0.4 < wait_s < 0.95] == []  # each hears of it within a quarter of a second
    assert len([wait_s for wait_s in after if wait_s < 0.95]) <= 3
    assert stored(url) == {"yard0": 8}

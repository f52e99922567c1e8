"""`scrapy queue` and `-a due=1`: what is queued, once; what is shown; what waits until it is resumed."""

from __future__ import annotations

import json
import sqlite3
from contextlib import ExitStack, closing

from redis import Redis

from crawler.frontier.opening import Wanted, queue_crawl
from crawler.frontier.queue_ledger import QueueLedger
from crawler.platforms import platform_of
from crawler.spiders.plan import Planned
from inventory.database import database
from inventory.ledger import NotDue, Report
from tests.crawl.crawling import environment, rows, scrapy
from tests.crawler.dealer_files import dealer
from tests.frontier.processes import Running
from tests.frontier.test_together import assert_nothing_is_left_in, crawls_ended, shared, stored, until
from tests.frontier.yards import running_yards


def test_dealers_are_queued_once_shown_stopped_resumed_and_crawled_by_workers(sqlite_settings, redis_url, tmp_path):
    url = sqlite_settings.write_url
    with running_yards(2, 4, moved=2) as yards, ExitStack() as stack:
        yards.write_dealers(tmp_path, 'every = "24h"')
        env = shared(url, redis_url, tmp_path, SNAPSHOT_DIR=str(tmp_path / "snapshots"))
        assert scrapy(env, "queue", "add", "--due")[:2] == (0, "yard0: crawl 1 is queued\nyard1: crawl 2 is queued\n")
        again = scrapy(env, "queue", "add")
        assert again[:2] == (0, "".join(f"{name}: the queue is crawling it already\n" for name in yards.names))
        assert scrapy(env, "queue", "stop", "yard1", "nobody")[0] == 2
        view = json.loads(scrapy(env, "queue", "show")[1])
        assert [(crawl["dealer"], crawl["requests"], crawl["stopped"]) for crawl in view["crawls"]] == [
            ("yard0", 1, False),
            ("yard1", 1, True),
        ]
        assert view["workers"] == []
        stack.enter_context(Running(("work",), env))
        until(crawls_ended(url, 1))
        assert stored(url) == {"yard0": 4}
        assert len(json.loads(scrapy(env, "queue", "show")[1])["workers"]) == 1
        assert scrapy(env, "queue", "resume", "yard1")[:2] == (0, "yard1: goes on\n")
        until(crawls_ended(url, 2))
        assert stored(url) == {"yard0": 4, "yard1": 4}
        assert scrapy(env, "queue", "add", "--due")[:2] == (0, "nothing is due\n")
        assert_nothing_is_left_in(redis_url)
        assert [row["outcome"] for row in rows(url, "crawls")] == ["healthy"] * 2
        until(lambda: (tmp_path / "snapshots" / "equipment.parquet").exists())


def test_a_dealer_that_two_found_due_is_queued_by_the_first(sqlite_settings, redis_url, play):
    acme = dealer(every="24h")
    planned, platform = Planned(acme, tuple(acme.sections)), platform_of(acme)
    database(sqlite_settings).dispose()

    async def add(workers):
        ledger, queue = QueueLedger(sqlite_settings), workers.queue()
        try:
            return await queue_crawl(planned, platform, Wanted(due=True), queue, ledger, sqlite_settings)
        finally:
            ledger.dispose()

    async def scenario(workers):
        assert await add(workers) == 1
        ledger, state = QueueLedger(sqlite_settings), await workers.queue().state(1)
        await ledger.end(acme.name, state["owner"], 1, Report(outcome="healthy", reason=""))  # a short crawl
        await workers.queue().closed(1, {"outcome": "healthy"})
        ledger.dispose()
        assert isinstance(await add(workers), NotDue)
        assert await workers.queue().running() == {}

    play(scenario)


def test_a_redis_that_is_full_takes_no_crawl_and_leaves_its_dealer_due(sqlite_settings, redis_url, tmp_path):
    url = sqlite_settings.write_url
    with running_yards(1, 1) as yards:
        yards.write_dealers(tmp_path, 'every = "24h"')
    env = shared(url, redis_url, tmp_path)
    with Redis.from_url(redis_url) as redis:
        redis.config_set("maxmemory", "1")
        try:
            status, _, said = scrapy(env, "queue", "add", "--due")
        finally:
            redis.config_set("maxmemory", "100mb")
            redis.config_set("maxmemory-policy", "volatile-lru")
    assert (status, "REDIS_URL: Redis takes nothing (OutOfMemoryError" in said) == (4, True), said
    [crawl] = rows(url, "crawls")
    assert (crawl["outcome"], crawl["failure_class"]) == ("stopped", "queue_refused")
    status, out, said = scrapy(env, "queue", "add", "--due")
    with Redis.from_url(redis_url) as redis:
        redis.config_set("maxmemory", "0")
        redis.config_set("maxmemory-policy", "noeviction")
    assert (status, out, "no worker takes it" in said) == (0, "yard0: crawl 2 is queued\n", True)
    assert "throws away keys when it is full (maxmemory-policy volatile-lru)" in said
    elsewhere = scrapy(env | {"REDIS_URL": f"{redis_url.removesuffix('/0')}/1"}, "queue", "add")[1]
    assert "is crawling it, or has died: its reservation holds until" in elsewhere
    scrapy(env, "queue", "stop", "yard0")
    assert scrapy(env, "queue", "add")[1] == "yard0: its crawl is stopped: `scrapy queue resume yard0`\n"
    assert scrapy(env, "queue", "resume", "yard0", "yrd0")[::2] == (
        2, "scrapy queue: yrd0: no crawl of it is queued; did you mean 'yard0'?\n"
        "scrapy queue: no worker takes it: it waits for `scrapy work` on any machine\n")  # fmt: skip
    assert scrapy(env, "queue", "resume", "yard0")[1] == "yard0: was not stopped\n"
    with closing(sqlite3.connect(sqlite_settings.write_url.removeprefix("sqlite:///"))) as broken:
        broken.execute("alter table failures rename to somewhere_else")
    status, _, said = scrapy(env, "crawl", "equipment", "-a", "retry=1")
    assert (status, "DATABASE_URL: no such table: failures" in said, "Traceback" in said) == (4, True, False)


def test_what_failed_is_queued_again_and_nothing_else(sqlite_settings, redis_url, tmp_path):
    url = sqlite_settings.write_url
    with running_yards(1, 4, flaky=4) as yards, ExitStack() as stack:
        yards.write_dealers(tmp_path)
        env = shared(url, redis_url, tmp_path, RETRY_BACKOFF_S="0.05", BREAKER_PAUSE_S="0.1")
        (tmp_path / "yard0.toml").write_text(
            (tmp_path / "yard0.toml").read_text().replace("/stock", "/broken-once/stock")
        )
        assert scrapy(env, "queue", "retry")[:2] == (0, "yard0: nothing failed\n")
        assert scrapy(env, "crawl", "equipment")[0] == 4  # its only list answers 404
        assert scrapy(env, "queue", "retry")[:2] == (0, "yard0: nothing failed\n")  # what is gone is not asked for
        stack.pop_all().close()
        assert rows(url, "crawls")[0]["failure_class"] == "http_404"


def test_without_a_queue_the_command_says_what_is_missing(sqlite_settings, tmp_path):
    status, _, said = scrapy(environment(sqlite_settings.write_url, DEALERS_DIR=str(tmp_path)), "queue", "show")
    assert (status, "DISTRIBUTED is not true" in said) == (2, True)
    env = environment(sqlite_settings.write_url, DEALERS_DIR=str(tmp_path), DISTRIBUTED="true")
    status, _, said = scrapy(env, "queue", "show")
    assert (status, "DISTRIBUTED" in said, "needs REDIS_URL" in said) == (2, True, True)
    env |= {"REDIS_URL": "redis://127.0.0.1:1/0"}
    status, _, said = scrapy(env, "queue", "show")
    assert (status, "Redis does not answer" in said) == (4, True)
    for wrong in (["queue"], ["queue", "what"], ["queue", "stop"], ["queue", "show", "--due"], ["work", "dog"]):
        assert scrapy(env, *wrong)[0] == 2, wrong


def test_a_local_crawl_of_what_is_due_crawls_each_dealer_once_a_day(sqlite_settings, tmp_path):
    url = sqlite_settings.write_url
    with running_yards(2, 2) as yards:
        yards.write_dealers(tmp_path)
        (tmp_path / "yard1.toml").write_text('every = "24h"\n' + (tmp_path / "yard1.toml").read_text())
        env = environment(url, DEALERS_DIR=str(tmp_path))
        assert scrapy(env, "crawl", "equipment", "-a", "due=1")[0] == 0
        assert scrapy(env, "crawl", "equipment", "-a", "due=1")[0] == 0
        status, _, said = scrapy(env, "crawl", "equipment", "-a", "due=1", "-a", "dealer=yard1")
        assert (status, "nothing is due" in said) == (0, True)
    assert [row["dealer"] for row in rows(url, "crawls")] == ["yard0", "yard1", "yard0"]


def test_a_worker_reads_robots_txt_and_the_dealer_file_anew_with_each_crawl(sqlite_settings, redis_url, tmp_path):
    url = sqlite_settings.write_url
    with running_yards(2, 2) as yards, ExitStack() as stack:
        yards.write_dealers(tmp_path)
        new = tmp_path / "yard1.toml"
        said = new.read_text()
        new.unlink()
        env = shared(url, redis_url, tmp_path)
        stack.enter_context(Running(("work",), env))
        assert scrapy(env, "queue", "add")[1] == "yard0: crawl 1 is queued\n"
        until(crawls_ended(url, 1))
        new.write_text(said)  # a dealer that the worker has never heard of
        assert scrapy(env, "queue", "add")[0] == 0
        until(crawls_ended(url, 3))
        assert stored(url) == {"yard0": 2, "yard1": 2}
        assert [path for _, path, _ in yards.log(0)].count("/robots.txt") == 2
        assert [path for _, path, _ in yards.log(1)].count("/robots.txt") == 1
        assert [row["outcome"] for row in rows(url, "crawls")] == ["healthy"] * 3

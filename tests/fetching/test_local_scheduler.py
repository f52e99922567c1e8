"""Scrapy's scheduler with waiting requests and dealers that are held back: nothing is lost, nothing goes out early."""

from __future__ import annotations

import asyncio
import json
import time
from types import SimpleNamespace

import pytest
from scrapy import Request, Spider
from scrapy.utils.request import request_from_dict
from scrapy.utils.test import get_crawler

from crawler.frontier.holding import HoldingQueue
from crawler.frontier.local import LET_GO_A_TURN, LocalScheduler
from crawler.tracking.crawl_book import CrawlBook


class Engine:
    """Hands a request to the scheduler, as Scrapy's does, and takes all that it gives."""

    def __init__(self):
        self.downloader = SimpleNamespace(slots={}, get_slot_key=lambda request: request.meta["download_slot"])
        self.scheduler, self.taken = None, []

    def crawl(self, request):
        self.scheduler.enqueue_request(request)
        self.take()

    def take(self):
        while request := self.scheduler.next_request():
            self.taken.append(request.url.rpartition("/")[2])


class Book:
    """A crawl book of two dealers."""

    def __init__(self):
        self.crawls = {name: SimpleNamespace(cut_short=None, requests=0) for name in ("acme", "bolt")}
        self.settled_tokens, self.let_go, self.count = [], [], 0
        self.put_off, self.scheduler = [], None

    def opened(self, dealer, parent=None):
        self.count += 1
        return f"{dealer}:{self.count}"

    def settled(self, dealer, token):
        self.settled_tokens.append(token)

    def before_pause(self, reason):
        for request in self.put_off:
            self.scheduler.enqueue_request(request)

    def never_asked(self, request):
        self.let_go.append(request.url.rpartition("/")[2])


def asked(name, dealer="acme", not_before=None, **said):
    meta = {"download_slot": dealer} | ({"not_before": not_before} if not_before else {})
    visit = {"url": f"https://{dealer}.example/{name}", "kind": "detail", "section": "all"}
    return Request(visit["url"], cb_kwargs={"dealer": dealer, "visit": visit}, meta=meta, **said)


def play(scenario):
    """Run a scenario with a scheduler, its engine and its book."""

    async def whole():
        crawler = get_crawler(Spider, {"SCHEDULER_PRIORITY_QUEUE": HoldingQueue})
        crawler.spider = Spider("x")
        crawler.spider.crawler = crawler
        crawler.engine, book = Engine(), Book()
        crawler.get_extension = lambda kind: book if kind is CrawlBook else None
        scheduler = LocalScheduler.from_crawler(crawler)
        crawler.engine.scheduler = scheduler
        scheduler.open(crawler.spider)
        try:
            await scenario(scheduler, crawler.engine, book)
        finally:
            scheduler.close("finished")

    asyncio.run(whole())


def test_a_request_waits_until_its_time_and_is_pending_meanwhile():
    async def scenario(scheduler, engine, book):
        engine.crawl(asked("later", not_before=time.time() + 0.15))
        engine.crawl(asked("now"))
        assert engine.taken == ["now"]
        assert scheduler.has_pending_requests()
        await asyncio.sleep(0.3)
        assert engine.taken == ["now", "later"]
        assert not scheduler.has_pending_requests()

    play(scenario)


def test_a_request_that_was_asked_before_does_not_wait_but_is_settled():
    async def scenario(scheduler, engine, book):
        later = time.time() + 0.05
        engine.crawl(asked("a", not_before=later))
        engine.crawl(asked("a", not_before=later))
        assert book.settled_tokens == ["acme:2"]
        await asyncio.sleep(0.15)
        assert engine.taken == ["a"]
        assert book.crawls["acme"].requests == 1

    play(scenario)


def test_a_dealer_that_is_held_waits_and_the_others_go_on():
    async def scenario(scheduler, engine, book):
        scheduler.hold("acme", time.time() + 0.15, "a test")
        scheduler.hold("acme", time.time() + 0.01, "shorter")
        for number in range(3):
            scheduler.enqueue_request(asked(f"a{number}"))
            scheduler.enqueue_request(asked(f"b{number}", "bolt"))
        engine.take()
        assert sorted(engine.taken) == ["b0", "b1", "b2"]
        assert scheduler.is_held("acme")
        assert len(scheduler) == 3
        await asyncio.sleep(0.3)
        assert sorted(engine.taken[3:]) == ["a0", "a1", "a2"]

    play(scenario)


def test_release_ends_a_hold():
    async def scenario(scheduler, engine, book):
        scheduler.hold("acme", time.time() + 60, "a test")
        scheduler.enqueue_request(asked("a"))
        scheduler.release("acme")
        assert engine.taken == ["a"]

    play(scenario)


def test_a_probe_lets_one_through_and_a_failed_one_may_be_followed_by_a_shorter_hold_than_its_answer_would_take():
    async def scenario(scheduler, engine, book):
        scheduler.hold("acme", time.time() + 0.05, "a test", probe=True)
        for number in range(3):
            scheduler.enqueue_request(asked(f"a{number}"))
        await asyncio.sleep(0.15)
        assert len(engine.taken) == 1
        assert not scheduler.is_held("acme")
        scheduler.hold("acme", time.time() + 0.05, "it failed", probe=True)
        await asyncio.sleep(0.15)
        assert len(engine.taken) == 2
        scheduler.release("acme")
        assert len(engine.taken) == 3

    play(scenario)


def test_a_probe_that_is_redirected_is_followed_at_once():
    async def scenario(scheduler, engine, book):
        scheduler.hold("acme", time.time() + 0.02, "a test", probe=True)
        for number in range(3):
            scheduler.enqueue_request(asked(f"a{number}"))
        await asyncio.sleep(0.06)
        led = asked("elsewhere")
        led.meta["redirect_times"] = 1
        engine.crawl(led)
        assert engine.taken[1:] == ["elsewhere"]

    play(scenario)


def test_a_shorter_hold_that_wants_a_probe_makes_the_longer_one_end_with_it():
    async def scenario(scheduler, engine, book):
        scheduler.hold("acme", time.time() + 0.1, "it answers 429")
        scheduler.hold("acme", time.time() + 0.05, "it keeps failing", probe=True)
        for number in range(3):
            scheduler.enqueue_request(asked(f"a{number}"))
        await asyncio.sleep(0.2)
        engine.take()
        assert len(engine.taken) == 1

    play(scenario)


def test_a_retry_that_is_led_to_a_page_asked_before_vanishes_and_one_that_is_asked_there_again_does_not():
    async def scenario(scheduler, engine, book):
        vanished, queued = [], []
        scheduler._vanishing = SimpleNamespace(
            vanished=lambda request, dealer: vanished.append(request.url), queued=lambda *led: queued.append(led)
        )

        def led_to(name):
            retry = asked(name, dont_filter=True)
            retry.meta.update(token="acme:7", retry_times=1, redirect_times=1)
            return retry

        engine.crawl(asked("list"))
        engine.crawl(led_to("list"))
        assert (engine.taken, vanished, book.settled_tokens) == (["list"], ["https://acme.example/list"], ["acme:7"])
        assert not scheduler.enqueue_request(led_to("list"))
        assert scheduler.enqueue_request(led_to("notice"))
        [led] = iter(scheduler.next_request, None)
        assert len(queued) == 1
        assert scheduler.enqueue_request(led.replace(dont_filter=True))  # it is asked once more where it was led to
        assert (len(vanished), len(queued)) == (2, 1)

    play(scenario)


def test_a_crawl_that_was_cut_short_is_let_go_of_wherever_its_requests_stand():
    async def scenario(scheduler, engine, book):
        scheduler.enqueue_request(asked("queued"))
        scheduler.hold("acme", time.time() + 60, "a test")
        scheduler.enqueue_request(asked("held"))
        scheduler.enqueue_request(asked("waiting", not_before=time.time() + 60))
        scheduler.enqueue_request(asked("other", "bolt", not_before=time.time() + 0.05))
        book.crawls["acme"].cut_short = "given_up"
        scheduler.drop("acme")
        engine.take()
        assert sorted(book.let_go) == ["held", "queued", "waiting"]
        await asyncio.sleep(0.15)
        assert engine.taken == ["other"]
        assert not scheduler.has_pending_requests()

    play(scenario)


def test_a_large_crawl_that_was_cut_short_is_let_go_of_in_many_turns():
    async def scenario(scheduler, engine, book):
        for number in range(3 * LET_GO_A_TURN):
            scheduler.enqueue_request(asked(str(number)))
        book.crawls["acme"].cut_short = "given_up"
        scheduler.drop("acme")
        assert len(book.let_go) == LET_GO_A_TURN
        scheduler.enqueue_request(asked("other", "bolt"))
        await asyncio.sleep(0)
        assert len(book.let_go) <= 2 * LET_GO_A_TURN
        await asyncio.sleep(0.05)
        engine.take()
        assert len(book.let_go) == 3 * LET_GO_A_TURN
        assert engine.taken == ["other"]
        assert not scheduler.has_pending_requests()

    play(scenario)


def test_what_is_still_to_be_let_go_of_when_a_run_ends_is_not_kept(tmp_path):
    async def scenario(scheduler, engine, book):
        for number in range(2 * LET_GO_A_TURN):
            scheduler.enqueue_request(asked(str(number)))
        book.crawls["acme"].cut_short = "given_up"
        scheduler.drop("acme")
        scheduler.close("shutdown")
        assert len(book.let_go) == 2 * LET_GO_A_TURN

    play(scenario)


def run_of_a_job(folder, book):
    """The engine of one run of a job, with its scheduler open."""
    settings = {
        "JOBDIR": str(folder),
        "SCHEDULER_PRIORITY_QUEUE": HoldingQueue,
        "SCHEDULER_DISK_QUEUE": "scrapy.squeues.MarshalLifoDiskQueue",
        "SCHEDULER_START_DISK_QUEUE": "scrapy.squeues.MarshalFifoDiskQueue",
    }
    crawler = get_crawler(Spider, settings)
    crawler.spider, crawler.engine = Spider("x"), Engine()
    crawler.get_extension = lambda kind: book if kind is CrawlBook else None
    crawler.engine.scheduler = LocalScheduler.from_crawler(crawler)
    crawler.engine.scheduler.open(crawler.spider)
    return crawler.engine


@pytest.mark.parametrize("waits", [None, 60])
def test_requests_survive_a_pause_on_disk_without_pickle(tmp_path, waits):
    async def whole():
        book = Book()
        for run in (1, 2):
            engine = run_of_a_job(tmp_path, book)
            scheduler = engine.scheduler
            if run == 1:
                scheduler.hold("bolt", time.time() + 60, "a test")
                scheduler.enqueue_request(asked("a", not_before=waits and time.time() + waits))
                scheduler.enqueue_request(asked("b", "bolt", headers={"If-None-Match": '"x"'}))
            else:
                assert len(scheduler) == 2
                engine.take()
                assert engine.taken == [], "nothing goes out before its dealer's crawl goes on"
                scheduler.go_on("bolt", object())
                assert engine.taken == ["b"]
                scheduler.go_on("acme", object())
                assert engine.taken == (["b"] if waits else ["b", "a"])
                assert len(scheduler) == bool(waits)
            scheduler.close("shutdown")

    asyncio.run(whole())


def test_what_was_put_off_to_the_end_of_a_walk_is_kept_in_a_paused_job(tmp_path):
    async def whole():
        book = Book()
        for run in (1, 2):
            engine = run_of_a_job(tmp_path, book)
            book.scheduler = engine.scheduler
            book.put_off = [asked("failed", not_before=time.time() + 0.02)] if run == 1 else []
            if run == 2:
                assert len(book.scheduler) == 1
                book.scheduler.go_on("acme", object())
                await asyncio.sleep(0.1)
                engine.take()
                assert engine.taken == ["failed"]
            book.scheduler.close("shutdown")

    asyncio.run(whole())


def test_what_waits_is_json():
    request = asked("a", not_before=1.5, headers={"X": "y"})
    said = request.to_dict()
    for name in ("meta", "cb_kwargs"):
        assert json.loads(json.dumps(said[name])) == said[name]
    assert request_from_dict(said).meta == request.meta

"""What the retry middleware makes of an answer: asked again later, at once, or not at all; the breaker is told."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from types import SimpleNamespace

import pytest
from scrapy import Request, Spider
from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from crawler.fetching.breakers import Breakers
from crawler.fetching.politeness import PutBack, put_back
from crawler.fetching.retries import Retries
from crawler.tracking.crawl_book import CrawlBook
from crawler.tracking.error_class import Refused
from crawler.tracking.retry_marks import FIRST_FAILED, LAST_TRY
from tests.crawler.dealer_files import dealer


class Around:
    """What stands around the middleware, and what it was told."""

    def __init__(self, seconds_left=3600.0):
        self.told, self.held, self.cut = [], {}, []
        self.crawls = {"acme": SimpleNamespace(cut_short=None, dealer=dealer())}
        self._left = seconds_left
        self.slot = SimpleNamespace(delay=0.2, concurrency=8, queue=deque())
        self.downloader = SimpleNamespace(slots={"acme": self.slot}, per_slot_settings={"acme": {"delay": 0.2}})
        crawler = get_crawler(Spider)
        crawler.spider = Spider.from_crawler(crawler, "x")
        crawler.engine = SimpleNamespace(scheduler=self, downloader=self.downloader)
        crawler.get_extension = {CrawlBook: self, Breakers: self}.get
        self.middleware = Retries(crawler, backoff_s=1.0)

    def failed(self, dealer, name):
        self.told.append(name)

    def succeeded(self, dealer):
        self.told.append("well")

    def is_held(self, dealer):
        return dealer in self.held

    def hold(self, dealer, until, why, *, probe=False):
        self.held[dealer] = until - time.time()

    def seconds_left(self, dealer):
        return self._left

    def cut_short(self, dealer, reason, told, failure_class):
        self.cut.append((reason, failure_class))
        self.crawls[dealer].cut_short = reason

    def answers(self, status, headers=None, **meta):
        request = Request("https://acme.example/a", cb_kwargs={"dealer": "acme"}, meta={"token": "acme:1"} | meta)
        return self.answered(request, Response(request.url, status=status, headers=headers))

    def answered(self, request, response):
        return asyncio.run(self.middleware.process_response(request, response))

    def raised(self, request, exception):
        return asyncio.run(self.middleware.process_exception(request, exception))


@pytest.mark.parametrize("status", [200, 304, 404, 410, 301])
def test_an_answer_that_the_server_meant_passes_and_is_well(status):
    around = Around()
    assert around.answers(status).status == status
    assert around.told == ["well"]


def test_trouble_is_asked_again_later_with_its_token_and_when_it_began():
    around = Around()
    again = around.answers(500)
    assert again.dont_filter
    assert again.meta["token"] == "acme:1"
    assert 1 <= again.meta["not_before"] - time.time() <= 2
    third = around.answers(500, retry_times=2, **{FIRST_FAILED: 5.0})
    assert third.status == 500
    assert around.told == ["http_500", "http_500"]
    assert around.held == {}


def test_403_is_trouble_and_is_not_asked_again():
    around = Around()
    assert around.answers(403).status == 403
    assert around.told == ["http_403"]


@pytest.mark.parametrize(("status", "told"), [(429, "http_429"), (503, "http_503")])
def test_what_retry_after_says_holds_the_dealer_and_tells_the_breaker_once(status, told):
    around = Around()
    for _ in range(3):
        again = around.answers(status, {"Retry-After": "30"})
        assert again.meta["not_before"] - time.time() >= 29.9
    assert around.told == [told]
    assert 29.9 <= around.held["acme"] <= 40


def test_too_many_requests_slow_the_dealer_for_the_rest_of_the_run():
    around = Around()
    around.answers(503, {"Retry-After": "1"})
    assert around.slot.delay == 0.2
    around.answers(429)
    assert (around.slot.delay, around.slot.concurrency) == (2.0, 1)
    assert around.downloader.per_slot_settings["acme"]["delay"] == 2.0, "so is a slot that is made anew"


def test_503_without_retry_after_holds_nobody():
    around = Around()
    assert around.answers(503).meta["retry_times"] == 1
    assert around.held == {}


def test_more_than_the_crawl_may_take_ends_it():
    around = Around(seconds_left=20)
    assert around.answers(429, {"Retry-After": "30"}).status == 429
    assert around.cut == [("asked_to_wait", "http_429")]
    assert around.held == {}


def test_a_retry_that_would_come_too_late_is_none():
    around = Around(seconds_left=0.5)
    assert around.answers(500).status == 500
    assert around.cut == []


def test_the_last_try_is_the_last_but_waits_for_what_the_server_asks():
    around = Around()
    assert around.answers(500, **{LAST_TRY: True}).status == 500
    assert isinstance(around.answers(429, {"Retry-After": "1"}, **{LAST_TRY: True}), Request)


def test_what_was_put_back_is_no_failure():
    around = Around()
    request = Request("https://acme.example/a", cb_kwargs={"dealer": "acme"}, meta={"token": "acme:1"})
    again = around.raised(request, PutBack("x"))
    assert again.meta["put_back"]
    assert "retry_times" not in again.meta
    assert around.told == []


def test_nothing_leaves_for_a_dealer_that_is_held_or_done():
    around = Around()
    request = Request("https://acme.example/a", cb_kwargs={"dealer": "acme"})
    assert around.middleware.process_request(request) is None
    around.hold("acme", time.time() + 5, "x")
    with pytest.raises(PutBack):
        around.middleware.process_request(request)


@pytest.fixture
def slept(monkeypatch):
    """The waits of what does not pass the scheduler."""
    waits = []

    async def sleep(seconds):
        waits.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return waits


def test_robots_txt_is_asked_again_after_a_wait_of_its_own(slept):
    around = Around()
    request = Request("https://acme.example/robots.txt")
    again = around.raised(request, DownloadTimeoutError())
    assert "not_before" not in again.meta
    again = around.answered(again, Response(request.url, status=503))
    assert around.told == []
    assert 1 <= slept[0] <= 2 <= slept[1] <= 4


def test_robots_txt_that_answers_429_is_asked_again_when_it_may_be(slept):
    around = Around()
    request = Request("https://acme.example/robots.txt", meta={"download_slot": "acme"})
    answer = Response(request.url, status=429, headers={"Retry-After": "9"})
    assert isinstance(around.answered(request, answer), Request)
    assert 9 <= slept[0] <= 9.1
    assert around.held["acme"] <= 9


@pytest.mark.parametrize("path", ["/robots.txt", "/img/1.png"])
def test_a_picture_or_robots_txt_that_is_to_wait_for_long_holds_its_dealer_and_is_not_asked_again(path):
    around = Around()
    meta = {"download_slot": "acme"} | ({"dont_retry": True} if "img" in path else {"dont_obey_robotstxt": True})
    request = Request(f"https://acme.example{path}", meta=meta)
    answer = Response(request.url, status=429, headers={"Retry-After": "30"})
    assert around.answered(request, answer) is answer
    assert 29.9 <= around.held["acme"] <= 30
    assert around.slot.delay == 2.0


def test_a_picture_of_another_host_that_answers_429_holds_nobody():
    around = Around()
    request = Request("https://cdn.example/1.png", meta={"download_slot": "acme", "dont_retry": True})
    answer = Response(request.url, status=429, headers={"Retry-After": "30"})
    assert around.answered(request, answer) is answer
    assert around.held == {}


def test_of_a_dealer_that_is_to_be_left_alone_no_picture_leaves_and_robots_txt_does():
    around, failed = Around(), []
    for meta in ({"token": "acme:1"}, {"dont_retry": True}, {"dont_obey_robotstxt": True}):
        answer = SimpleNamespace(errback=lambda failure: failed.append(failure.type))
        around.slot.queue.append((Request("https://acme.example/x", meta=meta), answer))
    put_back(around.downloader, "acme")
    assert failed == [PutBack, Refused]
    [(left, _)] = around.slot.queue
    assert left.meta == {"dont_obey_robotstxt": True}

"""Asks again for what failed, later: a downloader middleware in the place of Scrapy's, which asks again at once.

A page's retry waits in the scheduler (`meta["not_before"]`) and nothing sleeps. A server that says how long it wants to
be left alone (429, or 503 with Retry-After) is left alone as a whole. The rules are `retry_rule.py`'s.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import Final

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.dealers.declaration import origin_of
from crawler.fetching.breakers import Breakers, breakers_of
from crawler.fetching.politeness import TOO_MANY_REQUESTS_DELAY_S, PutBack, put_back, slow_dealer
from crawler.fetching.retry_after import retry_after_s
from crawler.fetching.retry_rule import rule_of, wait_before_retry
from crawler.frontier.holding import NOT_BEFORE, scheduler_of
from crawler.tracking.crawl_book import CrawlBook, crawl_book_of, dealer_of
from crawler.tracking.error_class import error_class
from crawler.tracking.retry_marks import FIRST_FAILED, LAST_TRY
from inventory.settings import load_settings

TOO_FAST: Final = "http_429"
ASKED_TO_WAIT: Final = "asked_to_wait"
"""Why a crawl was cut short: its dealer wants to be left alone for longer than the crawl may take."""

LONGEST_SLEEP_S: Final = 30.0
"""A robots.txt or a picture that is to be asked for later than this is not asked for again."""


class Retries:
    """Tells the circuit breaker of each answer, and queues again what may be asked again."""

    def __init__(self, crawler: Crawler, backoff_s: float) -> None:
        self._crawler = crawler
        self._backoff_s = backoff_s

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Retries:
        """Scrapy's constructor."""
        return cls(crawler, load_settings().retry_backoff_s)

    def process_request(self, request: Request) -> None:
        """What waited for robots.txt while its dealer came to be left alone goes back. Raises `PutBack`."""
        dealer = dealer_of(request)
        if dealer and (self._book.crawls[dealer].cut_short or scheduler_of(self._crawler).is_held(dealer)):
            raise PutBack(f"{dealer} is to be left alone")

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """A status that tells of trouble is asked again; any other answer tells that the server is there."""
        if response.status == 429 and (dealer := self._dealer_beside(request)):
            slow_dealer(self._crawler, dealer, TOO_MANY_REQUESTS_DELAY_S, "answers 429")
            self._leave_alone(dealer, TOO_FAST, self._told_s(response) or self._backoff_s)
        if request.meta.get("dont_retry", False):
            return response
        name = f"http_{response.status}"
        if response.status >= 400 and (rule_of(name).retries or rule_of(name).trouble):
            told_s = self._told_s(response) if response.status in (429, 503) else None
            return await self._failed(request, name, told_s) or response
        if dealer := dealer_of(request):
            self._breakers.succeeded(dealer)
        return response

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """What never came is asked again; what was only put back is no failure."""
        if isinstance(exception, PutBack):
            again = request.replace(dont_filter=True)
            again.meta["put_back"] = True
            return again
        if isinstance(exception, IgnoreRequest) or request.meta.get("dont_retry", False):
            return None
        return await self._failed(request, error_class(exception), None)

    def _dealer_beside(self, request: Request) -> str | None:
        """The dealer of which a picture or a robots.txt was asked; None for pages and for other hosts."""
        slot = request.meta.get("download_slot")
        if dealer_of(request) or slot not in self._book.crawls:
            return None
        return slot if origin_of(request.url) in self._book.crawls[slot].dealer.origins else None

    def _told_s(self, response: Response) -> float | None:
        return retry_after_s(_header(response, "Retry-After"), time.time(), _header(response, "Date"))

    async def _failed(self, request: Request, name: str, told_s: float | None) -> Request | None:
        dealer = dealer_of(request)
        failures = request.meta.get("retry_times", 0) + 1
        wait_s = wait_before_retry(name, failures, backoff_s=self._backoff_s, chance=_chance(), told_s=told_s)
        if dealer is None:  # robots.txt and pictures do not pass the scheduler, where pages wait
            if wait_s is None or wait_s > LONGEST_SLEEP_S:
                return None
            again = self._again(request, name)
            await asyncio.sleep(wait_s if again is not None else 0)
            return again
        request.meta.setdefault(FIRST_FAILED, time.time())
        if self._book.crawls[dealer].cut_short:
            return None
        if name == TOO_FAST:
            slow_dealer(self._crawler, dealer, TOO_MANY_REQUESTS_DELAY_S, "answers 429")
        held = scheduler_of(self._crawler).is_held(dealer)
        if not held or not (name == TOO_FAST or told_s is not None):  # answers of one moment tell the same once
            self._breakers.failed(dealer, name)
        if name == TOO_FAST or told_s is not None:
            self._leave_alone(dealer, name, told_s if wait_s is None else wait_s)
        if wait_s is None or (LAST_TRY in request.meta and told_s is None) or self._book.crawls[dealer].cut_short:
            return None
        if wait_s >= self._book.seconds_left(dealer):
            return None
        again = self._again(request, name)
        if again is not None:
            again.meta[NOT_BEFORE] = time.time() + wait_s
        return again

    def _again(self, request: Request, name: str) -> Request | None:
        assert self._crawler.spider is not None
        return get_retry_request(
            request, spider=self._crawler.spider, reason=name, max_retry_times=rule_of(name).retries
        )

    def _leave_alone(self, dealer: str, name: str, wait_s: float | None) -> None:
        """Hold the whole dealer for as long as it asked for; end its crawl where that is too long for it."""
        if not wait_s:
            return
        if wait_s >= self._book.seconds_left(dealer):
            why = f"it asks to be left alone for {wait_s:.0f} s ({name}), longer than this crawl may take"
            self._book.cut_short(dealer, ASKED_TO_WAIT, f"{why} (MAX_CRAWL_MINUTES)", name)
            return
        scheduler_of(self._crawler).hold(dealer, time.time() + wait_s, f"it answers {name.removeprefix('http_')}")
        assert self._crawler.engine is not None
        put_back(self._crawler.engine.downloader, dealer)

    @property
    def _book(self) -> CrawlBook:
        return crawl_book_of(self._crawler)

    @property
    def _breakers(self) -> Breakers:
        return breakers_of(self._crawler)


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def _chance() -> float:
    return random.random()  # noqa: S311 (spreads retries; no secret depends on it)

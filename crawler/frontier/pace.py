"""The last downloader middleware of a worker: what leaves for a dealer leaves when its time has come, or asks again.

A lease says when its request may be sent. One that is late (robots.txt was read first, the process was busy) would
meet the next one: it asks for another time. So does what has no lease: robots.txt itself, pictures.
"""

from __future__ import annotations

import asyncio
import math
import time
from typing import Final

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.fetching.robots_outage import is_for_robots
from crawler.frontier.holding import NOT_BEFORE
from crawler.frontier.patience import until_answered
from crawler.frontier.queue import SLACK_S
from crawler.frontier.redis_errors import QueueGivenUp
from crawler.frontier.shared_book import SharedCrawlBook, shared_book_of
from crawler.frontier.worker import KILLED
from crawler.tracking.crawl_book import dealer_of, token_of
from crawler.tracking.error_class import Refused

LONG_S: Final = 5.0
"""What has to wait longer waits in the queue."""

LONGEST_S: Final = 300.0
"""What cannot wait in the queue (a picture) is not sent at all where it would wait longer. robots.txt waits: without
it everything would be allowed."""

LOOK_S: Final = 1.0
"""How often what waits looks whether its dealer is held meanwhile."""


class Pace:
    """Asks Redis for a time where the one of the lease is past."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Pace:
        """Scrapy's constructor."""
        return cls(crawler)

    async def process_request(self, request: Request) -> Request | None:
        """Scrapy's call for each request. Raises `Refused` for what killed workers again and again."""
        if KILLED in request.meta:
            raise Refused(KILLED, f"workers died with it {request.meta[KILLED]} times")
        book = shared_book_of(self._crawler)
        slot = request.meta.get("download_slot")
        if book is None or slot not in book.crawls:
            return None
        work = book.worker.tracker.works.get(token_of(request) or "")
        if work is not None:
            late_s = asyncio.get_running_loop().time() - work.due
            if work.lease.delay_s == 0 or late_s <= min(SLACK_S, work.lease.delay_s / 2):
                if late_s < 0:
                    await asyncio.sleep(-late_s)
                return _later(request, 0.0) if book.scheduler.is_held(slot) else None
        if work is not None and dealer_of(request):
            return await self._late(book, slot, request, probe=work.lease.probe)
        longest_s = math.inf if is_for_robots(request) else LONGEST_S
        while True:
            try:
                wait_s, kept = await self._permitted_in(book, slot, LONGEST_S, probe=True)
            except QueueGivenUp as error:
                raise Refused("shutdown", str(error)) from error
            if wait_s > longest_s:
                raise Refused("left_alone", f"{slot} may be asked in {wait_s:.0f} seconds only")
            if await self._waited(book, slot, wait_s if kept else min(wait_s, LOOK_S)) and kept:
                return None
            await asyncio.sleep(LOOK_S - min(wait_s, LOOK_S))

    async def _late(self, book: SharedCrawlBook, slot: str, request: Request, *, probe: bool) -> Request | None:
        try:
            wait_s, kept = await self._permitted_in(book, slot, LONG_S, probe=probe)
        except QueueGivenUp:
            return _later(request, 0.0)  # nobody hears of that; its lease runs out
        if not kept:
            return _later(request, wait_s)
        await asyncio.sleep(wait_s)
        return _later(request, 0.0) if book.scheduler.is_held(slot) or not self._crawler.crawling else None

    async def _permitted_in(
        self, book: SharedCrawlBook, dealer: str, longest_s: float, *, probe: bool
    ) -> tuple[float, bool]:
        queue = book.worker.queue
        return await until_answered(lambda: queue.permit(dealer, longest_s, probe=probe), queue, self._crawler)

    async def _waited(self, book: SharedCrawlBook, slot: str, wait_s: float) -> bool:
        """False where the dealer is held meanwhile. Raises `Refused` or `TimeoutError` where process or crawl ends."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_s
        while True:
            await asyncio.sleep(max(0.0, min(LOOK_S, until - loop.time())))
            if not self._crawler.crawling:
                raise Refused("shutdown", "the process ends")
            if slot not in book.crawls:
                raise TimeoutError(f"the crawl of {slot} is over")  # a robots.txt that is out of reach forbids
            if loop.time() >= until or book.scheduler.is_held(slot):
                return not book.scheduler.is_held(slot)


def _later(request: Request, wait_s: float) -> Request:
    """The request as one that takes its own place in the queue."""
    again: Request = request.replace(dont_filter=True)
    again.meta[NOT_BEFORE] = time.time() + wait_s
    return again

"""The last downloader middleware of a worker: what leaves for a dealer leaves when its time has come, or asks again.

A lease says when its request may be sent. One that is late (robots.txt was read first, the process was busy) would
meet the next one: it asks for another time. So does what has no lease: robots.txt itself, pictures.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

from redis.exceptions import RedisError
from scrapy import Request
from scrapy.crawler import Crawler

from crawler.frontier.holding import NOT_BEFORE
from crawler.frontier.queue import SLACK_S
from crawler.frontier.shared_book import SharedCrawlBook, shared_book_of
from crawler.frontier.worker import KILLED
from crawler.tracking.crawl_book import dealer_of, token_of
from crawler.tracking.error_class import Refused

LONG_S: Final = 5.0
"""What has to wait longer waits in the queue."""


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
        wait_s = await _permitted_in(book, slot)
        if work is not None and wait_s > LONG_S and dealer_of(request):
            return _later(request, wait_s)
        await asyncio.sleep(min(wait_s, LONG_S))
        return None


def _later(request: Request, wait_s: float) -> Request:
    """The request as one that takes its own place in the queue."""
    again: Request = request.replace(dont_filter=True)
    again.meta[NOT_BEFORE] = time.time() + wait_s
    return again


async def _permitted_in(book: SharedCrawlBook, dealer: str) -> float:
    while True:
        try:
            return await book.worker.queue.permit(dealer)
        except (RedisError, OSError):
            await asyncio.sleep(0.5)

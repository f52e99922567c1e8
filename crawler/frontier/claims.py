"""Pipelines of a worker in the place of `Identify`: which request saw a listing first is decided among all workers.

In one process a set would do. Here the queue keeps which request a listing belongs to: a request that is done again,
because its worker died, finds its own listings again; others have come second.
"""

from __future__ import annotations

import asyncio
from typing import Final

from redis.exceptions import RedisError
from scrapy.crawler import Crawler

from crawler.frontier.patience import until_answered
from crawler.frontier.redis_errors import QueueGivenUp
from crawler.frontier.shared_book import SharedCrawlBook, shared_book_of
from inventory.listing import Listing
from inventory.pages import CrawlItem, PageUnchanged, digest
from pipelines.adapter import ListingPipeline
from pipelines.identity.keys import identify
from pipelines.outcomes import Unusable

SEEN_TWICE: Final = "seen_twice"


class SharedIdentify(ListingPipeline):
    """Fills identity_key, serial_key and content_hash; `Claims` sorts out what was seen before."""

    def step(self, listing: Listing) -> None:
        """See `pipelines.identity`."""
        identify(listing)
        assert listing.identity_key is not None


class Claims:
    """Drops a listing that another page of this crawl gave already, whoever read it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._wanted: dict[int, list[tuple[str, str, asyncio.Future[bool]]]] = {}
        self._asking: set[asyncio.Task[None]] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Claims:
        """Scrapy's constructor."""
        return cls(crawler)

    @property
    def _book(self) -> SharedCrawlBook:
        book = shared_book_of(self._crawler)
        assert book is not None
        return book

    async def process_item(self, item: CrawlItem) -> CrawlItem:
        """Scrapy's call; an unchanged page loses the listings that belong to others."""
        if isinstance(item, Listing):
            assert item.identity_key is not None
            if not await self._first(item, item.identity_key):
                raise Unusable(SEEN_TWICE, item.identity_key)
        elif isinstance(item, PageUnchanged):
            for group in item.listings.values():
                numbers = list(group)
                first = await asyncio.gather(*(self._first(item, group[number]) for number in numbers))
                for number, ours in zip(numbers, first, strict=True):
                    if not ours:
                        del group[number]
                        item.seen_twice += 1
        return item

    async def _first(self, item: CrawlItem, identity_key: str) -> bool:
        work = self._book.worker.tracker.works.get(item.request_token or "")
        if work is None:  # its lease is somebody else's: what is stored is the same
            return True
        if identity_key in work.listings:
            return False
        work.listings.add(identity_key)
        crawl_id, answer = work.lease.crawl_id, asyncio.get_running_loop().create_future()
        gathering = self._wanted.setdefault(crawl_id, [])
        gathering.append((work.lease.request_id, digest(identity_key.encode())[:20], answer))
        if len(gathering) == 1:
            task = asyncio.create_task(self._ask(crawl_id))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
        found: bool = await answer
        return found

    async def _ask(self, crawl_id: int) -> None:
        await asyncio.sleep(0)  # what comes in the same turn of the loop goes in one question
        wanted = self._wanted.pop(crawl_id)
        queue = self._book.worker.queue
        claims = [(request_id, key) for request_id, key, _ in wanted]
        try:
            answers = await until_answered(lambda: queue.claim(crawl_id, claims), queue, self._crawler)
        except QueueGivenUp:  # this process ends: what it stores now, another one sees again
            answers = [True] * len(wanted)
        except (RedisError, OSError) as error:
            for _, _, answer in wanted:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, _, answer), first in zip(wanted, answers, strict=True):
            if not answer.done():
                answer.set_result(first)

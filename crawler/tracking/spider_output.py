"""The spider middleware nearest to the engine: gives what a page led to its tokens, and settles the page's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.tracking.crawl_book import crawl_book_of, dealer_of, token_of
from inventory.pages import CrawlItem


class FollowTokens:
    """Tells the crawl book of each listing and page, and of the end of each callback, whatever its end was."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> FollowTokens:
        """Scrapy's constructor."""
        return cls(crawler)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Passes everything on."""
        assert response.request is not None
        dealer, token = dealer_of(response.request), token_of(response.request)
        book = crawl_book_of(self._crawler)
        try:
            async for found in result:
                if isinstance(found, CrawlItem) and token:
                    book.item(found, token)
                elif isinstance(found, Request) and (child := dealer_of(found)):
                    # Scrapy queues what a callback yields and may schedule it after the callback has ended.
                    found.meta["token"] = book.opened(child, token)
                yield found
        finally:
            if dealer and token:
                book.settled(dealer, token)

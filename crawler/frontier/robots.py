"""robots.txt in a process that lives long: read anew with each crawl of a dealer, as a new process would."""

from __future__ import annotations

from typing import Final

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware

from crawler.tracking.crawl_book import dealer_of
from crawler.tracking.crawl_signals import crawl_began
from crawler.tracking.dealer_crawl import DealerCrawl

OTHERS: Final = ""
"""In the place of a dealer's name: pictures, say."""


class RobotsByCrawl:
    """Scrapy's middleware for robots.txt, one for each dealer's crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._by_dealer: dict[str, RobotsTxtMiddleware] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsByCrawl:
        """Scrapy's constructor. Raises `NotConfigured` where robots.txt is not to be obeyed."""
        RobotsTxtMiddleware.from_crawler(crawler)
        found = cls(crawler)
        crawler.signals.connect(found.crawl_began, crawl_began)
        return found

    def crawl_began(self, crawl: DealerCrawl) -> None:
        """What was read for the last crawl is forgotten."""
        self._by_dealer.pop(crawl.dealer.name, None)
        self._by_dealer.pop(OTHERS, None)

    async def process_request(self, request: Request) -> None:
        """Scrapy's call for each request. Raises `IgnoreRequest`."""
        name = dealer_of(request) or OTHERS
        if name not in self._by_dealer:
            self._by_dealer[name] = RobotsTxtMiddleware.from_crawler(self._crawler)
        await self._by_dealer[name].process_request(request)

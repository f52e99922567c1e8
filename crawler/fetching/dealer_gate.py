"""The first downloader middleware: what leaves for a dealer is the dealer's, in its slot, and in time."""

from __future__ import annotations

from typing import Final

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.robotstxt import RobotParser

from crawler.dealers.declaration import Dealer, origin_of
from crawler.fetching.image_gate import refuse_private_redirect
from crawler.fetching.politeness import slow_dealer
from crawler.spiders.base import DealerSpider
from crawler.tracking.crawl_book import crawl_book_of, dealer_of
from crawler.tracking.crawl_signals import crawl_began
from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.error_class import Refused

CONDITIONS: Final = ("If-None-Match", "If-Modified-Since")
"""Headers that ask for a page only if it changed."""


class DealerGate:
    """Refuses other hosts (a page cannot send the crawler elsewhere) and crawls that take too long.

    Puts robots.txt into its dealer's slot, adds the headers of the dealer's file, and obeys Crawl-delay.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._dealers: dict[str, Dealer] = {}
        self._by_origin: dict[tuple[str, int], list[Dealer]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> DealerGate:
        """Scrapy's constructor."""
        gate = cls(crawler)
        crawler.signals.connect(gate.spider_opened, signals.spider_opened)
        crawler.signals.connect(gate.robots_parsed, signals.robots_parsed)
        crawler.signals.connect(gate.crawl_began, crawl_began)
        return gate

    def spider_opened(self, spider: Spider) -> None:
        """Learn the run's dealers; `scrapy shell` and the like have none."""
        for planned in spider.planned if isinstance(spider, DealerSpider) else ():
            self._learn(planned.dealer)

    def crawl_began(self, crawl: DealerCrawl) -> None:
        """A long-lived worker learns its dealers as they come, and their files anew."""
        if self._dealers.get(crawl.dealer.name) != crawl.dealer:
            self._learn(crawl.dealer)

    async def process_request(self, request: Request) -> None:
        """Scrapy's call for each request. Raises `Refused`."""
        name = dealer_of(request)
        if name is None:
            if origin_of(request.url) not in self._by_origin:
                await refuse_private_redirect(request)
            self._slot_of_robots(request)
            return
        dealer, origin = self._dealers[name], origin_of(request.url)
        if origin not in dealer.origins:
            raise Refused("offsite", f"{origin[0]}:{origin[1]} is not {name}'s; its file can name it in `hosts`")
        crawl_book_of(self._crawler).check(name)
        for header, value in dealer.headers.items():
            request.headers.setdefault(header, value)
        if "redirect_urls" in request.meta:  # what was known is another page than the one that it leads to now
            for header in CONDITIONS:
                request.headers.pop(header, None)

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """A robots.txt was read: its Crawl-delay holds for every dealer there, if it is slower than ours."""
        delay_s = robotparser.crawl_delay(self._crawler.settings["USER_AGENT"])
        for dealer in self._by_origin.get(origin_of(request.url), []) if delay_s else ():
            slow_dealer(
                self._crawler, dealer.name, float(delay_s or 0), f"asks in robots.txt for {delay_s} s between requests"
            )

    def _learn(self, dealer: Dealer) -> None:
        self._dealers[dealer.name] = dealer
        for there in self._by_origin.values():
            there[:] = [other for other in there if other.name != dealer.name]
        for origin in dealer.origins:
            self._by_origin.setdefault(origin, []).append(dealer)

    def _slot_of_robots(self, request: Request) -> None:
        for dealer in self._by_origin.get(origin_of(request.url), [])[:1]:
            request.meta["download_slot"] = dealer.name

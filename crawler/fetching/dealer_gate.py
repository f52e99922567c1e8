"""The first downloader middleware: what leaves for a dealer is the dealer's, in its slot, and in time."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response, TextResponse
from scrapy.robotstxt import RobotParser

from crawler.dealers.declaration import Dealer
from crawler.fetching.politeness import slow_down
from crawler.tracking.crawl_book import CrawlBook, dealer_of
from crawler.tracking.error_class import Refused, error_class

logger = logging.getLogger(__name__)


class DealerGate:
    """Refuses other hosts (a page cannot send the crawler elsewhere) and crawls that take too long.

    Puts robots.txt into its dealer's slot, adds the headers of the dealer's file, and obeys Crawl-delay. Where
    robots.txt answers with a server error or cannot be reached, nothing else is asked (RFC 9309, 2.3.1.3 and 2.3.1.4).
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._dealers: dict[str, Dealer] = {}
        self._by_host: dict[str, Dealer] = {}
        self._closed: dict[str, Refused] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> DealerGate:
        """Scrapy's constructor."""
        gate = cls(crawler)
        crawler.signals.connect(gate.spider_opened, signals.spider_opened)
        crawler.signals.connect(gate.robots_parsed, signals.robots_parsed)
        return gate

    def spider_opened(self) -> None:
        """Learn the run's dealers."""
        for planned in self._crawler.spider.planned:  # type: ignore[union-attr]
            dealer = planned.dealer
            self._dealers[dealer.name] = dealer
            self._by_host[urlsplit(dealer.url).netloc] = dealer

    def process_request(self, request: Request) -> None:
        """Scrapy's call for each request. Raises `Refused`."""
        name = dealer_of(request)
        if name is None:
            self._slot_of_robots(request)
            return
        dealer = self._dealers[name]
        host = urlsplit(request.url).hostname or ""
        if host not in dealer.allowed_hosts:
            raise Refused("offsite", f"{host} is no host of {name}; its file can name it in `hosts`")
        book = self._crawler.get_extension(CrawlBook)
        if book is not None and book.time_is_up(name):
            raise Refused("time_up", "MAX_CRAWL_MINUTES is over")
        for header, value in dealer.headers.items():
            request.headers.setdefault(header, value)

    def process_response(self, request: Request, response: Response) -> Response:
        """A robots.txt that fails at the server forbids everything until it answers."""
        dealer = self._robots_of(request)
        if dealer is None or response.status < 500:
            return response
        self._closed[dealer] = Refused(f"http_{response.status}", f"robots.txt answers {response.status}")
        return _forbidding(request)

    def process_exception(self, request: Request, exception: Exception) -> Response | None:
        """A robots.txt out of reach forbids everything; what it forbids then names that reason."""
        dealer = self._robots_of(request)
        if dealer is not None and not isinstance(exception, IgnoreRequest):
            self._closed[dealer] = Refused(error_class(exception), f"robots.txt is out of reach: {exception}")
            return _forbidding(request)
        name = dealer_of(request)
        if name in self._closed and isinstance(exception, IgnoreRequest) and not isinstance(exception, Refused):
            raise self._closed[name]
        return None

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """A dealer's robots.txt was read: its Crawl-delay holds if it is slower than ours."""
        name = dealer_of(request)
        delay_s = robotparser.crawl_delay(self._crawler.settings["USER_AGENT"])
        engine = self._crawler.engine
        if name and delay_s and engine is not None and slow_down(engine.downloader, name, delay_s):
            logger.info("%s: robots.txt asks for %s s between requests", name, delay_s)

    def _slot_of_robots(self, request: Request) -> None:
        dealer = self._by_host.get(urlsplit(request.url).netloc)
        if dealer is not None:
            request.meta["download_slot"] = dealer.name

    def _robots_of(self, request: Request) -> str | None:
        """The dealer whose robots.txt a request asks for."""
        parts = urlsplit(request.url)
        if dealer_of(request) is not None or parts.path != "/robots.txt":
            return None
        dealer = self._by_host.get(parts.netloc)
        return dealer.name if dealer else None


def _forbidding(request: Request) -> Response:
    """A robots.txt that allows nothing."""
    return TextResponse(request.url, body=b"User-agent: *\nDisallow: /\n", encoding="utf-8", request=request)

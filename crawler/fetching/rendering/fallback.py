"""Where a browser is needed: always, where the dealer's file says so; else on evidence, a shell without data."""

from __future__ import annotations

import logging
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from crawler.extraction.shell import needs_browser
from crawler.fetching.rendering.fingerprint import is_for_browser
from crawler.fetching.rendering.page_policy import can_be_drawn
from crawler.platforms.base import UnreadablePage
from crawler.platforms.in_pieces import LARGE
from crawler.platforms.schema_org import page_of
from crawler.tracking.crawl_book import crawl_book_of, dealer_of
from crawler.tracking.dealer_crawl import SHELLS_ENOUGH, DealerCrawl

logger = logging.getLogger(__name__)


class BrowserFallback:
    """A downloader middleware at 560: below HttpCompression (590), above Retry (550).

    A request for the browser carries `meta["playwright"] = True` and nothing else, so that a queue can keep it.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Only for runs in which a dealer may be rendered (`rendering_settings`)."""
        if not crawler.settings.getbool("RENDERING"):
            raise NotConfigured
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Send to the browser what is known to need it."""
        crawl = self._crawl_of(request)
        if crawl is None or not can_be_drawn(request.url):
            return
        if crawl.dealer.render == "always" or crawl.browser_first:
            request.meta["playwright"] = True

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Ask again, with a browser, for what is a shell without data; never for an error page or a block."""
        crawl = self._crawl_of(request)
        if crawl is None or is_for_browser(request) or response.status != 200 or not can_be_drawn(response.url):
            return response
        if len(response.body) >= LARGE:  # there is something in it: reading it here would only hold the others up
            return response
        try:
            reason = needs_browser(page_of(response))
        except UnreadablePage:
            return response
        if reason is None:
            return response
        crawl.shells += 1
        if crawl.shells >= SHELLS_ENOUGH:
            crawl.browser_first = True
        level = logging.INFO if crawl.shells == 1 else logging.DEBUG
        logger.log(level, "%s: pages are drawn by a browser: %s", crawl.dealer.name, reason)
        again = request.replace(dont_filter=True)
        again.meta["playwright"] = True
        again.meta.setdefault("retry_times", 0)  # it takes the place of a request, and is no further one
        return again

    def _crawl_of(self, request: Request) -> DealerCrawl | None:
        name = dealer_of(request)
        crawl = crawl_book_of(self._crawler).crawls.get(name) if name else None
        return None if crawl is None or crawl.dealer.render == "never" else crawl

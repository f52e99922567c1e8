"""Block and challenge pages are no stock, whatever their status says: found before anything reads them.

A downloader middleware below HttpCompression (590), so that bodies are unpacked, and above the browser fallback (560)
and the retries (550): a block is never a reason for a browser, and is not asked again in the same walk.
"""

from __future__ import annotations

from typing import Final

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response, XmlResponse

from crawler.extraction.blocks import block_reason, may_block
from crawler.extraction.page import NotAPage, Page
from crawler.fetching.breakers import breakers_of
from crawler.tracking.crawl_book import dealer_of
from crawler.tracking.error_class import Refused

BLOCKED: Final = "blocked"
TOO_MANY_REQUESTS: Final = 429
FORBIDDEN: Final = 403


class BlockPages:
    """Refuses them as `blocked`, and tells the dealer's circuit breaker."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> BlockPages:
        """Scrapy's constructor."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Scrapy's call for each answer. Raises `Refused`."""
        dealer = dealer_of(request)
        if dealer is None or response.status == TOO_MANY_REQUESTS:  # 429 says what to do, and that is done
            return response
        reason = _reason(response)
        if reason is not None:
            breakers_of(self._crawler).failed(dealer, BLOCKED)
            raise Refused(BLOCKED, f"is a block page: {reason}")
        return response


def _reason(response: Response) -> str | None:
    headers = {name.decode("latin-1"): b", ".join(values).decode("latin-1")
               for name, values in response.headers.items()}  # fmt: skip
    page = None
    if isinstance(response, HtmlResponse) and not isinstance(response, XmlResponse) and may_block(response.body):
        try:
            page = Page(response.url, response.body, headers.get("Content-Type"))
        except NotAPage:
            page = None
    reason = block_reason(response.status, headers, page)
    # A bare 403 keeps its own class: the page may be forbidden to everybody.
    return None if reason == f"HTTP {response.status}" else reason

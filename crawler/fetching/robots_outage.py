"""Where robots.txt fails at the server, or cannot be reached, nothing else is asked (RFC 9309, 2.3.1.3 and 2.3.1.4)."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response, TextResponse

from crawler.dealers.declaration import origin_of
from crawler.tracking.crawl_signals import crawl_began
from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.error_class import Refused, error_class

UNBIDDEN: Final = "asked_by_us"
"""In `meta` of a request of ours for /robots.txt as a page; Scrapy's own requests for it have nothing there."""


NOTHING: Final = b"User-agent: *\nDisallow: /\n"
"""A robots.txt that allows nothing."""


class RobotsOutage:
    """A downloader middleware before Scrapy's for robots.txt: what that one then forbids names the real reason."""

    def __init__(self) -> None:
        self._closed: dict[tuple[str, int], Refused] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsOutage:
        """Scrapy's constructor."""
        found = cls()
        crawler.signals.connect(found.crawl_began, crawl_began)
        return found

    def crawl_began(self, crawl: DealerCrawl) -> None:
        """A dealer's next crawl in the same process asks again."""
        for origin in crawl.dealer.origins:
            self._closed.pop(origin, None)

    def process_response(self, request: Request, response: Response) -> Response:
        """A robots.txt that answers 5xx forbids everything until it answers; so does one that was asked for too often,
        which says nothing of what it allows."""
        if is_for_robots(request) and forbids_all(response.status):
            reason = f"robots.txt answers {response.status}"
            self._closed[origin_of(request.url)] = Refused(f"http_{response.status}", reason)
            return _forbidding(request)
        return response

    def process_exception(self, request: Request, exception: Exception) -> Response | None:
        """A robots.txt out of reach forbids everything."""
        origin = origin_of(request.url)
        if is_for_robots(request) and not isinstance(exception, IgnoreRequest):
            self._closed[origin] = Refused(error_class(exception), f"robots.txt is out of reach: {exception}")
            return _forbidding(request)
        if origin in self._closed and isinstance(exception, IgnoreRequest) and not isinstance(exception, Refused):
            raise self._closed[origin]
        return None


def is_for_robots(request: Request) -> bool:
    """Whether a request is the middleware's own for a robots.txt."""
    asked_by_us = "dealer" in request.cb_kwargs or UNBIDDEN in request.meta
    return not asked_by_us and urlsplit(request.url).path == "/robots.txt"


def forbids_all(status: int) -> bool:
    """Whether a robots.txt with this status is no permission: the server fails, or says nothing as it is asked too
    often."""
    return status >= 500 or status == 429


def _forbidding(request: Request) -> Response:
    """A robots.txt that allows nothing."""
    return TextResponse(request.url, body=NOTHING, encoding="utf-8", request=request)

"""A spider for a handful of pages that a person asked for: no dealer, no store, as polite as a crawl."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.dealers.declaration import LOOPBACK
from crawler.tracking.error_class import error_class, error_text

Read = Callable[[str, bytes, str | None], None]
FailedPage = Callable[[str, str], None]


class SinglePages(Spider):
    """Fetches `urls` and hands each to `read(url, body, content_type)`, or to `failed_page(url, why)`."""

    name = "single-pages"
    custom_settings: dict[str, Any] | None = {  # noqa: RUF012 (Scrapy's own declaration)
        "EXTENSIONS": {},
        "ITEM_PIPELINES": {},
        "SPIDER_MIDDLEWARES": {},
        "DOWNLOADER_MIDDLEWARES": {},
        "SCHEDULER": "scrapy.core.scheduler.Scheduler",
    }

    def __init__(self, urls: Sequence[str], read: Read, failed_page: FailedPage, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._urls = urls
        self._read = read
        self._failed_page = failed_page

    async def start(self) -> AsyncIterator[Request]:
        """A request for each address."""
        for url in self._urls:
            yield Request(url, callback=self.fetched, errback=self.failed, dont_filter=True)

    def fetched(self, response: Response) -> None:
        """A page is there."""
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        self._read(response.url, response.body, kind or None)

    def failed(self, failure: Failure) -> None:
        """A page is not to be had."""
        error = failure.value or RuntimeError("failed without a reason")
        self._failed_page(failure.request.url, f"{error_class(error)}: {error_text(error)}")  # type: ignore[attr-defined]

    @staticmethod
    def on_loopback(url: str) -> bool:
        """Whether an address is on this very machine."""
        return urlsplit(url).hostname in LOOPBACK

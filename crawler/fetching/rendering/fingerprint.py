"""A page as a browser draws it is another answer than the same address by plain HTTP."""

from __future__ import annotations

import hashlib

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.utils.request import RequestFingerprinter


class RenderedApart(RequestFingerprinter):
    """Scrapy's fingerprint, and another one for the same address in a browser.

    Without it the second request of a page is dropped as a duplicate, or an HTTP cache gives it the empty shell again.
    """

    def __init__(self, crawler: Crawler | None = None) -> None:
        super().__init__(crawler)

    def fingerprint(self, request: Request) -> bytes:
        """20 bytes, as of Scrapy's own."""
        plain = super().fingerprint(request)
        if not is_for_browser(request):
            return plain
        return hashlib.sha1(plain + b" in a browser", usedforsecurity=False).digest()


def is_for_browser(request: Request) -> bool:
    """Whether a request is to be drawn by a browser."""
    return bool(request.meta.get("playwright"))

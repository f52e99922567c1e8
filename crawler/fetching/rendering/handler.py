"""Where requests leave: those for a browser go to the one browser of the run, all others by plain HTTP."""

from __future__ import annotations

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.fetching.rendering.errors import NothingToDraw
from crawler.fetching.rendering.fingerprint import is_for_browser
from crawler.fetching.rendering.renderer import Renderer


class BrowserOrHttp(HTTP11DownloadHandler):
    """Scrapy's handler for http and https, one each, and one browser behind both of them."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._crawler_of_pages = crawler

    async def download_request(self, request: Request) -> Response:
        """Scrapy's call."""
        if is_for_browser(request):
            renderer = self._crawler_of_pages.get_extension(Renderer)
            assert renderer is not None
            try:
                return await renderer.render(request, super().download_request)
            except NothingToDraw:
                pass
        return await super().download_request(request)

"""Scrapy's own scheduler, which also tells the crawl book what was queued: the default, for one process."""

from __future__ import annotations

from scrapy import Request
from scrapy.core.scheduler import Scheduler

from crawler.tracking.crawl_book import CrawlBook, dealer_of, token_of


class LocalScheduler(Scheduler):
    """Counts requests where they are queued: later refusals (robots, other hosts) reach the errback instead."""

    def enqueue_request(self, request: Request) -> bool:
        """Queue a request; one without a token gets its own, a redirect or retry keeps that of its forerunner."""
        dealer, token = dealer_of(request), token_of(request)
        queued = super().enqueue_request(request) if token or dealer is None else self._open(request, dealer)
        if token and dealer and not queued:
            self._book.settled(dealer, token)
        return queued

    def _open(self, request: Request, dealer: str) -> bool:
        token = self._book.opened(dealer)
        request.meta["token"] = token
        queued = super().enqueue_request(request)
        if queued:
            self._book.crawls[dealer].requests += 1
        else:
            self._book.settled(dealer, token)
        return queued

    @property
    def _book(self) -> CrawlBook:
        assert self.crawler is not None
        book = self.crawler.get_extension(CrawlBook)
        assert book is not None  # crawler.settings enables it
        return book

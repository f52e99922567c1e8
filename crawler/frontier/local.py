"""Scrapy's own scheduler, which also tells the crawl book what was queued: the default, for one process."""

from __future__ import annotations

from scrapy import Request
from scrapy.core.scheduler import Scheduler

from crawler.tracking.crawl_book import CrawlBook, crawl_book_of, dealer_of, token_of


class LocalScheduler(Scheduler):
    """Counts requests where they are queued: later refusals (robots, other hosts) reach the errback instead."""

    def enqueue_request(self, request: Request) -> bool:
        """Queue a request under its token: a first page's is made here, a redirect or retry keeps its forerunner's.

        The token of a request that was asked for before is settled at once.
        """
        dealer = dealer_of(request)
        if dealer is None:
            return super().enqueue_request(request)
        token = token_of(request)
        if token is None:
            token = request.meta["token"] = self._book.opened(dealer)
        queued = super().enqueue_request(request)
        if not queued:
            self._book.settled(dealer, token)
        elif "retry_times" not in request.meta and "redirect_times" not in request.meta:
            self._book.crawls[dealer].requests += 1
        return queued

    @property
    def _book(self) -> CrawlBook:
        assert self.crawler is not None
        return crawl_book_of(self.crawler)

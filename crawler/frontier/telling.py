"""What a worker tells the queue of its requests: what they led to, what takes their place, what is asked once more."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.frontier.holding import NOT_BEFORE
from crawler.frontier.outbox import QUEUE_REFUSED, cut
from crawler.frontier.vanishing import arrived, costs_of, leads_to_a_block
from crawler.frontier.wire import Failed, NotOnTheWire, mark_of, packed, page_mark
from crawler.platforms.visit import Visit

if TYPE_CHECKING:
    from crawler.frontier.shared_book import SharedCrawlBook
    from crawler.frontier.worker import Worker

logger = logging.getLogger(__name__)

_BUG: Final = "bug"
_UNSAID: Final = "a request cannot be written to the queue (a bug: see the worker's log)"
UNREAD: Final = "a request in the queue cannot be read, maybe of another version of Yardstick (see the worker's log)"


class Telling:
    """The requests of the crawls that a worker takes part in; what it says goes through the worker's outbox."""

    def __init__(self, crawler: Crawler, book: SharedCrawlBook, worker: Worker) -> None:
        self._crawler = crawler
        self._book = book
        self._worker = worker

    def push(self, request: Request, dealer: str, parent: str | None) -> None:
        """Queue a follow-up, for whoever takes it; the page that led to it may be done then."""
        tracker = self._worker.tracker
        work = tracker.works.get(parent) if parent else None
        crawl_id = work.lease.crawl_id if work else self._book.crawls[dealer].crawl_id
        kind = "s" if request.cb_kwargs["visit"]["kind"] == "section" else "d"
        try:
            mark = mark_of(request, self._crawler)
            what = ["push", crawl_id, kind, request.priority, self._not_before(request), mark, packed(request)]
            self._worker.outbox.add(what)
        except NotOnTheWire:
            logger.exception("%s: a request cannot be queued", dealer)
            tracker.account(dealer, parent).errors[_BUG] += 1
            if crawl_id is not None:
                self.cut(crawl_id, _UNSAID)
        if parent:
            tracker.settled(dealer, parent)

    def requeue(self, request: Request, token: str) -> bool:
        """A retry takes the place of its forerunner in the queue; False where that is nobody's any more."""
        return self._replace(request, token, "requeue", [])

    def lead(self, request: Request, token: str) -> bool:
        """A redirect takes the place of its forerunner, unless it leads to a page that was asked for before."""
        work = self._worker.tracker.works.get(token)
        if work is None:
            return False
        if leads_to_a_block(self._crawler, work.account, request):
            self._worker.tracker.settled(work.crawl.dealer.name, token)
            return True
        arrived(request)
        costs = costs_of(work.crawl, Visit(**request.cb_kwargs["visit"]))
        return self._replace(request, token, "lead", [page_mark(request, self._crawler), *costs])

    def put_off(self, request: Request, token: str, failed: Failed, wait_s: float, most: int) -> bool:
        """Ask for it once more `wait_s` after all else of its crawl is done; False where it cannot be kept so long.

        Of more than `most` requests of a crawl the queue keeps only that they failed.
        """
        work = self._worker.tracker.works.get(token)
        if work is None:
            return True  # it is somebody else's, who will see for himself
        try:
            payload = packed(request, failed)
        except NotOnTheWire:
            logger.exception("%s: a request cannot be put off", work.crawl.dealer.name)
            return False
        self._worker.tracker.taken(token)
        self._worker.end(work, ["put_off"], [payload, wait_s, most])
        return True

    def blocked(self, crawl_id: int, url: str) -> None:
        """A page is a block page: whoever is led there is to see it for himself."""
        self._worker.outbox.add(["blocked", crawl_id, page_mark(Request(url), self._crawler)])

    def cut(self, crawl_id: int, why: str) -> None:
        """A crawl that lost a request ends early: without what it leads to the dealer's stock would look smaller."""
        self._worker.outbox.add(cut(crawl_id, QUEUE_REFUSED, QUEUE_REFUSED, why))

    def _replace(self, request: Request, token: str, what: str, more: list[object]) -> bool:
        work = self._worker.tracker.taken(token)
        if work is None:
            return False
        try:
            self._worker.end(work, [what], [packed(request), self._not_before(request), *more])
        except NotOnTheWire:
            logger.exception("%s: a request cannot be queued again", work.crawl.dealer.name)
            work.account.errors[_BUG] += 1
            self.cut(work.lease.crawl_id, _UNSAID)
            self._worker.end(work, ["ack"], [])
        return True

    def _not_before(self, request: Request) -> float:
        return self._worker.by_redis(request.meta.get(NOT_BEFORE, 0.0))

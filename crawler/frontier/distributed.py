"""The scheduler of one worker among many: scrapy-redis's, with a queue that loses nothing and blocks nothing.

What scrapy-redis's pops before it is done, this one leases; where its `next_request` asks Redis, this one looks into a
list that a background task (`worker.py`) fills by `crawler.engine.crawl()`. Nothing is flushed at the end.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.utils.defer import deferred_from_coro
from scrapy_redis import defaults
from scrapy_redis.scheduler import Scheduler
from twisted.internet.defer import Deferred

from crawler.frontier.shared_tracker import CHILD
from crawler.frontier.vanishing import is_led
from crawler.tracking.crawl_book import crawl_book_of, dealer_of, token_of

if TYPE_CHECKING:
    from crawler.frontier.shared_book import SharedCrawlBook


class DistributedScheduler(Scheduler):  # type: ignore[misc]
    """As `HoldingScheduler` and `Dropping` have it; `handed` is the worker's."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        super().__init__(
            server=None,  # the worker's, which is asynchronous
            persist=True,
            queue_key=settings.get("SCHEDULER_QUEUE_KEY", defaults.SCHEDULER_QUEUE_KEY),
            dupefilter_key=settings.get("SCHEDULER_DUPEFILTER_KEY", defaults.SCHEDULER_DUPEFILTER_KEY),
        )
        self._crawler = crawler
        self._ready: deque[Request] = deque()
        self._handing: Request | None = None
        self._held: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> DistributedScheduler:
        """Scrapy's constructor."""
        return cls(crawler)

    @property
    def _book(self) -> SharedCrawlBook:
        return cast("SharedCrawlBook", crawl_book_of(self._crawler))

    # What Scrapy's engine asks

    def open(self, spider: Spider) -> None:
        """Nothing is asked yet: the spider says what is to be crawled."""
        self.spider = spider

    def close(self, reason: str) -> Deferred[Any]:
        """Acknowledge what is done, give the rest back; the queue stays."""
        self._ready.clear()  # their leases are given back with the rest
        return deferred_from_coro(self._book.worker.close())

    def flush(self) -> None:
        """The queue is everybody's: nothing is ever flushed."""

    def __len__(self) -> int:
        return len(self._ready)

    def has_pending_requests(self) -> bool:
        """Whether something is at hand; whether more is to be waited for, the spider's `start` knows."""
        return bool(self._ready)

    def next_request(self) -> Request | None:
        """A request whose time has come, if one is at hand."""
        if not self._ready:
            return None
        request = self._ready.popleft()
        if token_of(request):
            self._book.worker.begun(request)
        return request

    def enqueue_request(self, request: Request) -> bool:
        """A leased request is at hand now; a follow-up, a redirect or a retry goes into the queue."""
        if request is self._handing:
            self._ready.append(request)
            return True
        dealer, token = dealer_of(request), token_of(request)
        if dealer is None:
            self._ready.append(request)
            return True
        worker = self._book.worker
        if token is None or token.startswith(CHILD):
            request.meta.pop("token", None)
            worker.telling.push(request, dealer, token.removeprefix(CHILD) if token else None)
            return True
        return worker.telling.lead(request, token) if is_led(request) else worker.telling.requeue(request, token)

    # What the worker tells

    def handed(self, request: Request) -> None:
        """A lease's time has come."""
        assert self._crawler.engine is not None
        self._handing = request
        try:
            self._crawler.engine.crawl(request)
        finally:
            self._handing = None

    # Holding back

    def hold(self, dealer: str, until: float, why: str, *, probe: bool = False) -> None:
        """As `HoldingScheduler` has it, for all workers."""
        if until > self._held.get(dealer, 0.0):
            self._held[dealer] = until
        self._book.worker.hold(dealer, until, why, probe=probe)

    def learn_holds(self, until: Mapping[str, float]) -> None:
        """What this and other workers hold back now, until when by our clock."""
        for dealer in until.keys() - self._held.keys():
            self._book.worker.put_back_dealer(dealer)
        self._held = dict(until)

    def release(self, dealer: str) -> None:
        """As `HoldingScheduler` has it, for all workers."""
        self._held.pop(dealer, None)
        self._book.worker.outbox.add(["release", dealer])

    def is_held(self, dealer: str) -> bool:
        """As far as this worker knows."""
        return self._held.get(dealer, 0.0) > time.time()

    def slow_down(self, dealer: str, delay_s: float) -> bool:
        """Let so much time pass between two requests of all workers together."""
        self._book.worker.outbox.add(["slow", dealer, delay_s])
        return True

    def drop(self, dealer: str) -> None:
        """The queue itself lets go of a crawl that was cut short."""

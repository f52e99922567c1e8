"""Scrapy's own scheduler, which also tells the crawl book what was queued: the default, for one process.

Requests that must wait (`meta["not_before"]`) stand in a heap, and a dealer's can be held back as a whole; both by the
clock of one timer, so that nothing sleeps and other dealers go on.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import count
from math import inf
from typing import Any, Final, cast

from scrapy import Request, Spider
from scrapy.core.scheduler import Scheduler
from scrapy.crawler import Crawler
from twisted.internet.defer import Deferred

from crawler.frontier.holding import NOT_BEFORE, HoldingQueue
from crawler.frontier.vanishing import REDIRECTED, Vanishing, arrived, is_led
from crawler.tracking.crawl_book import CrawlBook, crawl_book_of, dealer_of, token_of

logger = logging.getLogger(__name__)

PROBE_ANSWER_S: Final = 90.0
"""A probe that was lost (forbidden by robots.txt, say) is followed by another after so long: above DOWNLOAD_TIMEOUT."""

LET_GO_A_TURN: Final = 500
"""Requests of crawls that were cut short which are settled in one turn of the event loop."""

_OF_ANOTHER: Final = frozenset({"retry_times", REDIRECTED, "put_back"})
"""Marks of a request that takes another's place, and was counted with it."""


@dataclass(slots=True)
class _Hold:
    until: float
    probe: bool
    probing: bool = False
    """Whether the probe is under way: `until` is then when another one follows it."""


class LocalScheduler(Scheduler):
    """Counts requests where they are queued: later refusals (robots, other hosts) reach the errback instead."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting: list[tuple[float, int, Request]] = []
        self._order = count()
        self._ready: deque[Request] = deque()
        self._woken: set[Request] = set()
        self._holds: dict[str, _Hold] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._next_turn: asyncio.Handle | None = None
        assert self.crawler is not None
        self._vanishing = Vanishing(self.crawler)

    # What Scrapy's engine asks

    def open(self, spider: Spider) -> Deferred[None] | None:
        """What is queued from an earlier run (JOBDIR) waits until its dealer's crawl goes on: `go_on`."""
        opened = super().open(spider)
        for dealer in list(self._queues[-1].pqueues):
            self._holds[dealer] = _Hold(inf, probe=False)
            self._vanishing.forgot(dealer)
            for queue in self._queues:
                queue.hold(dealer)
        return opened

    def go_on(self, dealer: str, crawl: object | None) -> None:
        """A dealer's paused crawl goes on; without one what is queued of it is let go of."""
        for queue in self._queues if crawl is None else ():
            while queue.take(dealer):
                pass
        self.release(dealer)

    def enqueue_request(self, request: Request) -> bool:
        """Queue a request under its token: a first page's is made here, a redirect or retry keeps its forerunner's.

        The token of a request that was asked for before is settled at once.
        """
        if request in self._woken:
            self._woken.discard(request)
            self._ready.append(request)
            return True
        dealer = dealer_of(request)
        if dealer is None:
            return super().enqueue_request(request)
        token = token_of(request)
        if token is None:
            token = request.meta["token"] = self._book.opened(dealer)
        led = is_led(request)
        if led:  # also one that was to be asked again before: where it leads to is another matter
            request = request.replace(dont_filter=False)
            arrived(request)
        queued = self._wait_or_queue(request)
        if led:
            (self._vanishing.queued if queued else self._vanishing.vanished)(request, dealer)
        if not queued:
            self._book.settled(dealer, token)
        elif _OF_ANOTHER.isdisjoint(request.meta):
            self._book.crawls[dealer].requests += 1
        return queued

    def next_request(self) -> Request | None:
        """The next request whose time has come; those of a crawl that was cut short are settled here, some a turn."""
        return self._next(LET_GO_A_TURN)

    def _next(self, most_let_go: float) -> Request | None:
        let_go = 0
        while request := self._ready.popleft() if self._ready else super().next_request():
            dealer = dealer_of(request)
            if dealer is not None and self._book.crawls[dealer].cut_short:
                self._book.never_asked(request)
                let_go += 1
                if let_go >= most_let_go:
                    self._soon()
                    return None
            elif request.meta.get(NOT_BEFORE, 0) > time.time():  # of a job that was taken up again
                self._wait(request)
            else:
                return request
        return None

    def _soon(self) -> None:
        """Go on in the loop's next turn: others have theirs before."""
        if self._next_turn is None:
            self._next_turn = asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        self._next_turn = None
        self._wake()

    def __len__(self) -> int:
        return super().__len__() + len(self._waiting) + len(self._ready)

    def close(self, reason: str) -> Deferred[None] | None:
        """What waits, and what was to be asked once more at the end, goes back into the queue, for JOBDIR."""
        self._book.before_pause(reason)
        if self._next_turn is not None:  # what is still to be let go of is not for the next run
            self._next_turn.cancel()
            self._ready.extend(list(iter(lambda: self._next(inf), None)))
        if self._timer is not None:
            self._timer.cancel()
        for request in (*self._ready, *(request for _, _, request in self._waiting)):
            super().enqueue_request(request.replace(dont_filter=True))
        self._ready.clear()
        self._waiting.clear()
        return super().close(reason)

    # Holding back

    def hold(self, dealer: str, until: float, why: str, *, probe: bool = False) -> None:
        """As `HoldingScheduler` has it."""
        known = self._holds.get(dealer)
        if known is not None and not known.probing and until <= known.until:
            known.probe |= probe
            return
        logger.info("%s: no requests for %.0f s: %s", dealer, max(until - time.time(), 0), why)
        self._holds[dealer] = _Hold(until, probe or (known is not None and known.probe))
        for queue in self._queues:
            queue.hold(dealer)
        self._arm()

    def release(self, dealer: str) -> None:
        """As `HoldingScheduler` has it."""
        if self._holds.pop(dealer, None) is not None:
            for queue in self._queues:
                queue.release(dealer)
            self._wake()

    def is_held(self, dealer: str) -> bool:
        """As `HoldingScheduler` has it."""
        hold = self._holds.get(dealer)
        return hold is not None and not hold.probing

    def drop(self, dealer: str) -> None:
        """A dealer's crawl was cut short: let go of all its requests, which `next_request` settles."""
        self._ready.extend(request for _, _, request in self._waiting if dealer_of(request) == dealer)
        self._waiting = [entry for entry in self._waiting if dealer_of(entry[2]) != dealer]
        heapify(self._waiting)
        self._holds.pop(dealer, None)
        for queue in self._queues:
            queue.release(dealer)
        self._wake()

    # By the clock

    def _wait_or_queue(self, request: Request) -> bool:
        soon = request.meta.get(NOT_BEFORE, 0) <= time.time()
        hold = self._holds.get(dealer_of(request) or "")
        probe = REDIRECTED in request.meta and hold is not None and hold.probing  # its answer is what all wait for
        if soon and not probe:
            return super().enqueue_request(request)
        if not request.dont_filter and self.df.request_seen(request):
            return False
        if soon:
            self._ready.append(request)
        else:
            self._wait(request)
        return True

    def _wait(self, request: Request) -> None:
        heappush(self._waiting, (request.meta[NOT_BEFORE], next(self._order), request))
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        times = [hold.until for hold in self._holds.values() if hold.until < inf]
        times += [self._waiting[0][0]] if self._waiting else []
        if times:
            wait_s = max(min(times) - time.time(), 0)
            self._timer = asyncio.get_running_loop().call_later(wait_s + 0.001, self._tick)

    def _tick(self) -> None:
        now = time.time()
        self._timer = None
        for dealer, hold in list(self._holds.items()):
            if hold.until <= now:
                self._end_of_hold(dealer, hold, now)
        while self._waiting and self._waiting[0][0] <= now:
            super().enqueue_request(heappop(self._waiting)[2].replace(dont_filter=True))
        self._wake()
        self._arm()

    def _end_of_hold(self, dealer: str, hold: _Hold, now: float) -> None:
        if hold.probe:
            for queue in self._queues:
                if probe := queue.take(dealer):
                    self._ready.append(probe)
                    hold.until, hold.probing = now + PROBE_ANSWER_S, True
                    return
        self._holds.pop(dealer)
        for queue in self._queues:
            queue.release(dealer)

    def _wake(self) -> None:
        """Have the engine look at the queue now: by itself it does so every five seconds."""
        if (request := self.next_request()) is not None:
            assert self.crawler is not None
            assert self.crawler.engine is not None
            self._woken.add(request)
            self.crawler.engine.crawl(request)

    @property
    def _queues(self) -> list[HoldingQueue]:
        found = [self.mqs] if self.dqs is None else [self.mqs, self.dqs]
        return cast("list[HoldingQueue]", found)  # SCHEDULER_PRIORITY_QUEUE

    @property
    def _book(self) -> CrawlBook:
        assert self.crawler is not None
        return crawl_book_of(self.crawler)


def go_on(crawler: Crawler, dealer: str, crawl: object | None) -> None:
    """Let a dealer's paused crawl go on, or let go of it where there is none."""
    assert crawler.engine is not None
    assert isinstance(crawler.engine.scheduler, LocalScheduler)
    crawler.engine.scheduler.go_on(dealer, crawl)

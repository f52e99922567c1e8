"""Holding a dealer's requests back: the contract of both schedulers, and Scrapy's queue with that ability."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, cast, runtime_checkable

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.pqueues import DownloaderAwarePriorityQueue, ScrapyPriorityQueue

NOT_BEFORE = "not_before"
"""In a request's `meta`: Unix time before which it is not handed out."""


class HoldingScheduler(Protocol):
    """What both schedulers can do."""

    def hold(self, dealer: str, until: float, why: str, *, probe: bool = False) -> None:
        """Hand out none of a dealer's requests before `until` (Unix time); a later call may only lengthen.

        `probe`: one request is let through then, and the rest waits on until `release` or a longer hold.
        """

    def release(self, dealer: str) -> None:
        """End a hold."""

    def is_held(self, dealer: str) -> bool:
        """Whether a dealer's requests are held back now; not while a probe is under way."""


@runtime_checkable
class Slowing(Protocol):
    """A scheduler that keeps the pace itself, for more than one process."""

    def slow_down(self, dealer: str, delay_s: float) -> bool:
        """Let at least so much time pass between two requests to a dealer; False where it does already."""


def scheduler_of(crawler: Crawler) -> HoldingScheduler:
    """The scheduler of a crawl that runs."""
    assert crawler.engine is not None
    return cast(HoldingScheduler, crawler.engine.scheduler)


class HoldingQueue(DownloaderAwarePriorityQueue):
    """Scrapy's fair queue (a queue a download slot); the queues of held slots are set aside."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._held: dict[str, ScrapyPriorityQueue | None] = {}

    def hold(self, slot: str) -> None:
        """Hand out nothing of a slot."""
        if slot not in self._held:
            self._held[slot] = self.pqueues.pop(slot, None)

    def release(self, slot: str) -> None:
        """Hand it out again."""
        queue = self._held.pop(slot, None)
        if queue is not None and len(queue):
            self.pqueues[slot] = queue
        elif queue is not None:
            queue.close()

    def take(self, slot: str) -> Request | None:
        """One request of a held slot."""
        queue = self._held.get(slot)
        return queue.pop() if queue is not None and len(queue) else None

    def push(self, request: Request) -> None:
        """Scrapy's call."""
        slot: str = request.meta.get("download_slot", "")
        if slot not in self._held:
            super().push(request)
            return
        queue = self._held[slot]
        if queue is None:
            queue = self._held[slot] = self.pqfactory(slot)
        queue.push(request)

    def close(self) -> dict[str, list[int]]:
        """What is held is kept for the next run like the rest."""
        for slot in tuple(self._held):
            self.release(slot)
        return super().close()

    def __len__(self) -> int:
        held: Iterable[ScrapyPriorityQueue] = (queue for queue in self._held.values() if queue is not None)
        return super().__len__() + sum(map(len, held))

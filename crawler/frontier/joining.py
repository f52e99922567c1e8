"""The crawls that a worker takes part in: learnt from the queue with their first request, forgotten when they end."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final

from redis.exceptions import RedisError
from scrapy.crawler import Crawler
from sqlalchemy.exc import SQLAlchemyError

from crawler.dealers.declaration import Dealer
from crawler.fetching.politeness import download_slots
from crawler.frontier.account import add, difference, flat
from crawler.frontier.outbox import Told
from crawler.frontier.queue import Lease
from crawler.frontier.shared_tracker import Work
from crawler.revisits.memory import PageMemory
from crawler.tracking.crawl_signals import crawl_began
from crawler.tracking.dealer_crawl import DealerCrawl, SectionWalk
from crawler.tracking.failure_book import failure_book_of
from crawler.tracking.verdict import CUT_SHORT
from inventory.log_lines import event

if TYPE_CHECKING:
    from crawler.frontier.shared_book import SharedCrawlBook
    from crawler.frontier.worker import Worker

logger = logging.getLogger(__name__)

UNKNOWN_S: Final = 60.0
"""So long a dealer without a file here is left to other workers."""

PAUSE_S: Final = 5.0
"""So long a crawl is left alone that Redis or the database kept from being learnt."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a lease has counted, and what is to be done when the queue took it."""

    numbers: Mapping[str, int]
    told: Told


class Joining:
    """Crawls by id, with the worker's own view of them; leases of crawls that are just being learnt wait here."""

    def __init__(self, crawler: Crawler, book: SharedCrawlBook, worker: Worker) -> None:
        self._crawler = crawler
        self._book = book
        self._worker = worker
        self.crawls: dict[int, DealerCrawl] = {}
        self._sent: dict[int, dict[str, int]] = {}
        self._waiting: dict[int, list[tuple[Lease, float]]] = {}
        self._unknown: dict[int, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._numbers = count(1)
        self._away = False

    @property
    def waiting(self) -> int:
        """Leases that wait here."""
        return sum(map(len, self._waiting.values()))

    @property
    def leases(self) -> list[Lease]:
        """The leases that wait here."""
        return [lease for leases in self._waiting.values() for lease, _ in leases]

    @property
    def unknown(self) -> list[int]:
        """Crawls of dealers that have no file here."""
        now = time.monotonic()
        self._unknown = {crawl_id: until for crawl_id, until in self._unknown.items() if until > now}
        return list(self._unknown)

    def crawl_of(self, lease: Lease, since: float) -> DealerCrawl | None:
        """The crawl of a lease; None where it is learnt first, and the lease waits for that."""
        crawl = self.crawls.get(lease.crawl_id)
        if crawl is None:
            first = lease.crawl_id not in self._waiting
            self._waiting.setdefault(lease.crawl_id, []).append((lease, since))
            if first:
                task = asyncio.create_task(self._join(lease.crawl_id))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        return crawl

    def give_up(self) -> list[Lease]:
        """The leases that wait here, which are given back."""
        leases, self._waiting = self.leases, {}
        return leases

    def counted(self, work: Work) -> Counted:
        """What a lease counted. Once it is accepted, our own view of the crawl has it too."""
        numbers = flat(work.account)

        def told(accepted: bool) -> None:
            if accepted and work.crawl.crawl_id in self._sent:
                add(work.crawl, numbers)
                sent = self._sent[work.crawl.crawl_id]
                for name, n in numbers.items():
                    sent[name] = sent.get(name, 0) + n

        return Counted(numbers, told)

    def say_what_else_was_counted(self) -> None:
        """What was counted beside any request (pauses, say) goes into the common account."""
        for crawl_id, crawl in self.crawls.items():
            now = flat(crawl)
            more = difference(now, self._sent[crawl_id])
            if more:
                self._sent[crawl_id] = now
                self._worker.outbox.add(["add", crawl_id, more, next(self._numbers)])

    def leave(self, crawl_id: int) -> None:
        """A crawl is closed: what was remembered of its pages is let go."""
        crawl = self.crawls.pop(crawl_id, None)
        self._sent.pop(crawl_id, None)
        if crawl is not None:
            crawl.ended = True
            crawl.memory = PageMemory()

    async def _join(self, crawl_id: int) -> None:
        try:
            crawl = await self._learn(crawl_id)
        except (RedisError, OSError, SQLAlchemyError) as error:
            self._cannot(crawl_id, error)
            crawl = None
        except Exception:
            logger.exception("a bug of ours in joining crawl %d: left to other workers", crawl_id)
            self._unknown[crawl_id] = time.monotonic() + UNKNOWN_S
            crawl = None
        waiting = self._waiting.pop(crawl_id, [])
        for lease, since in waiting:
            if crawl is None:
                self._worker.outbox.add(["back", crawl_id, lease.request_id, lease.holder, 0.0])
            else:
                self._worker.take(lease, crawl, since)

    def _cannot(self, crawl_id: int, error: Exception) -> None:
        """Nor can another crawl: nothing more of this one is taken for some seconds, and it is said once."""
        self._unknown[crawl_id] = time.monotonic() + PAUSE_S
        if isinstance(error, SQLAlchemyError):
            self._book.queue_ledger.failed()
        level = logging.DEBUG if self._away else logging.WARNING
        logger.log(level, "crawl %d cannot be joined yet: %s: tried again", crawl_id, type(error).__name__)
        self._away = True

    async def _learn(self, crawl_id: int) -> DealerCrawl | None:
        state = await self._worker.queue.state(crawl_id)
        if "dealer" not in state:
            return None
        dealer = self._worker.spider.dealer_named(state["dealer"])
        if dealer is None:
            logger.warning("%s is queued, and has no file here: left to other workers", state["dealer"])
            self._unknown[crawl_id] = time.monotonic() + UNKNOWN_S
            return None
        if not await self._book.queue_ledger.renew({dealer.name: state["owner"]}):  # all of us were away for long
            logger.warning("%s: crawl %d ends: %s", dealer.name, crawl_id, CUT_SHORT["lease_lost"])
            await self._worker.queue.cut(crawl_id, "lease_lost")
            return None
        reading = state.get("reading") or None
        recalled = None
        if reading is not None and not state.get("fresh"):
            recalled = await self._book.queue_ledger.recall(dealer.name, reading, fresh=False)
        failures = failure_book_of(self._crawler)
        await failures.recall(dealer.name)
        failures.asks_again(dealer.name, bool(state.get("retry")))
        memory = PageMemory(dealer.name, crawl_id, reading, recalled)
        crawl = crawl_of_state(dealer, crawl_id, state, memory)
        self._worker.closing.owners[crawl_id] = state["owner"]
        self._know(crawl)
        return crawl

    def _know(self, crawl: DealerCrawl) -> None:
        assert crawl.crawl_id is not None
        self.crawls[crawl.crawl_id] = crawl
        self._sent[crawl.crawl_id] = {}
        name = crawl.dealer.name
        self._book.crawls[name] = crawl
        self._away = False
        assert self._crawler.engine is not None
        # The pace is kept for all workers together, by when each request is leased.
        slot = download_slots([crawl.dealer], 0.0)[name] | {"delay": 0, "concurrency": 16}
        self._crawler.engine.downloader.per_slot_settings[name] = slot
        began = event("crawl_joined", **crawl.name_fields(), sections=list(crawl.sections))
        logger.info("%s: works at crawl %s", name, crawl.crawl_id, extra=began)
        self._crawler.signals.send_catch_log(crawl_began, crawl=crawl)


def crawl_of_state(dealer: Dealer, crawl_id: int, state: Mapping[str, str], memory: PageMemory) -> DealerCrawl:
    """A crawl as the queue describes it, with nothing counted."""
    given_up = json.loads(state["given_up"]) if state.get("given_up") else None
    return DealerCrawl(
        dealer=dealer,
        crawl_id=crawl_id,
        sections={name: SectionWalk() for name in json.loads(state["sections"])},
        started=time.monotonic() - max(0.0, time.time() - float(state["started"])),
        memory=memory,
        narrowed=bool(state.get("narrowed")),
        limit=int(state["limit"]) if state.get("limit") else None,
        browser_first=bool(state.get("browser_first")),
        seen_before=tuple(json.loads(state["seen_before"])),
        sections_before={name: tuple(seen) for name, seen in json.loads(state["sections_before"]).items()},
        cut_short=state.get("cut_short"),
        given_up=(given_up[0], given_up[1]) if given_up else None,
    )

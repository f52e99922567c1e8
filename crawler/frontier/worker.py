"""The worker's side of the queue: a background task that leases requests, and hands each over when its time has come.

Nothing here waits for Redis but this task. What Redis does not answer is asked again; the requests in our hands go on
meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from redis.exceptions import RedisError
from scrapy import Request
from scrapy.crawler import Crawler

from crawler.frontier.closing import Closing
from crawler.frontier.joining import Joining
from crawler.frontier.opening import cap_of
from crawler.frontier.outbox import PAUSES_S, Outbox
from crawler.frontier.queue import Lease, SharedQueue
from crawler.frontier.redis_errors import is_lasting, told
from crawler.frontier.shared_tracker import SharedTracker, Work
from crawler.frontier.telling import UNREAD, Telling
from crawler.frontier.wire import unpacked, visit_of
from crawler.tracking.crawl_signals import request_counted
from crawler.tracking.dealer_crawl import DealerCrawl
from pipelines.outcomes import STORE_FAILED

if TYPE_CHECKING:
    from crawler.frontier.shared_book import SharedCrawlBook
    from crawler.spiders.base import DealerSpider

logger = logging.getLogger(__name__)

NOT_BEGUN: Final = 64
"""Leases that wait here for the downloader, at most: more would be missing elsewhere."""

IN_WORK: Final = 3000
"""Leases of one worker at most, those included whose listings are not committed yet."""

AHEAD_S: Final = 0.7
"""So long before its time a request is leased."""

EARLY_S: Final = 0.2
"""So long before its time a request goes into the downloader, where `Pace` has it wait: a busy process is in time."""

PER_DEALER: Final = 16
POLL_S: Final = 0.25
"""How often the queue is looked at by a worker that could do more."""

SHORT_S: Final = 0.01
LAST_WORDS_S: Final = 15.0
STORE_PAUSE_S: Final = 5.0
"""So long after the database refused its listings a request is done again."""

REFUSALS: Final = 10
"""So often one after the other Redis may refuse to let us in (no rights, a wrong password): half a minute."""

KILLED: Final = "killed_workers"
"""In `meta`: workers died with this request so often that it is given up."""

DEADLY: Final = 5


class Worker:
    """One crawler process's part in the shared crawls. `start` begins to lease, `close` gives everything back."""

    def __init__(self, crawler: Crawler, book: SharedCrawlBook, queue: SharedQueue) -> None:
        self._crawler = crawler
        self._book = book
        self.queue = queue
        self.tracker = SharedTracker(self._settled)
        self.outbox = Outbox(queue, self.wake, self._lost)
        self.joining = Joining(crawler, book, self)
        self.closing = Closing(crawler, book, self)
        self.telling = Telling(crawler, book, self)
        self.only: set[int] | None = None
        self._begun = 0
        self._leasing = False
        self._loop_task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._timers: dict[str, tuple[asyncio.TimerHandle, Lease, DealerCrawl]] = {}
        self._offset_s = 0.0
        self._away = False
        self._say_what_we_hold = False

    @property
    def spider(self) -> DealerSpider:
        """The spider that makes requests of visits."""
        from crawler.spiders.base import DealerSpider

        assert isinstance(self._crawler.spider, DealerSpider)
        return self._crawler.spider

    # When it works

    def start(self, only: Iterable[int] | None) -> None:
        """Begin to lease: of these crawls, or of all (None)."""
        self.only = None if only is None else set(only)
        self._leasing = True
        if self._loop_task is None:
            self._loop_task = asyncio.create_task(self._loop())

    def stop_leasing(self) -> None:
        """Take nothing more, and give back what has not begun; what is in work goes on."""
        self._leasing = False
        for _, lease, _ in list(self._timers.values()):
            self._give_back(lease)
        for timer, *_ in self._timers.values():
            timer.cancel()
        self._timers.clear()
        for lease in self.joining.give_up():
            self._give_back(lease)

    async def close(self) -> None:
        """Say the last words: what is done, what goes back; then this worker is gone."""
        self.stop_leasing()
        for token in list(self.tracker.works):
            if work := self.tracker.taken(token):
                self._give_back(work.lease)
        await self.closing.finish()
        said = await self.outbox.drain(0.0 if self.queue.given_up else LAST_WORDS_S)
        if self._loop_task is not None:
            self._loop_task.cancel()
        if said:
            try:
                await self.queue.leave()
            except (RedisError, OSError):
                logger.debug("the queue does not hear that this worker leaves")
        await self.queue.close()

    def wake(self) -> None:
        """There may be more to do."""
        self._wake.set()

    # What the scheduler tells

    def begun(self, request: Request) -> None:
        """The engine took a request that was handed over."""
        self._begun -= 1
        if self._begun < NOT_BEGUN // 2:
            self.wake()

    def landed(self, request: Request) -> None:
        """The dealer has answered, or never will."""
        work = self.tracker.works.get(request.meta.get("token", ""))
        if work is not None and cap_of(work.crawl.dealer):
            self.outbox.add(["landed", work.lease.crawl_id, work.lease.request_id])

    def put_back_dealer(self, dealer: str) -> None:
        """Give back what has not begun of a dealer."""
        for token, (timer, lease, crawl) in list(self._timers.items()):
            if crawl.dealer.name == dealer:
                timer.cancel()
                del self._timers[token]
                self._give_back(lease)

    def hold(self, dealer: str, until: float, why: str, *, probe: bool) -> None:
        """No worker hands out a dealer's requests before this Unix time of our clock."""
        self.outbox.add(["hold", dealer, self.by_redis(until), why, probe])
        self.put_back_dealer(dealer)

    # The work

    async def _loop(self) -> None:
        pauses, refused = iter(PAUSES_S), 0
        while True:
            try:
                wait_s = await self._turn()
                if self._away:
                    logger.info("Redis answers again")
                    self._away = False
                pauses = iter(PAUSES_S)
                refused = 0
            except (RedisError, OSError) as error:
                refused = refused + 1 if is_lasting(error) else 0
                if refused == REFUSALS:
                    self._book.locked_out(told(error))
                    return
                if not self._away:
                    logger.warning("%s: waiting for it", told(error))
                self._away = self._say_what_we_hold = True
                wait_s = next(pauses, PAUSES_S[-1])
            except Exception:
                logger.exception("a bug of ours in the worker")
                wait_s = 1.0
            self._wake.clear()
            try:
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()
            except TimeoutError:
                pass
            await asyncio.sleep(SHORT_S if not self._away else wait_s)

    async def _turn(self) -> float:
        """One look at the queue; the seconds until the next."""
        room = 0
        if self._leasing:
            waiting = self._begun + len(self._timers) + self.joining.waiting
            room = max(0, min(NOT_BEGUN - waiting, IN_WORK - len(self.tracker.works)))
        holding = None
        if self._say_what_we_hold:
            leases = [work.lease for work in self.tracker.works.values()]
            leases += [lease for _, lease, _ in self._timers.values()] + self.joining.leases
            holding = [*(lease.name for lease in leases), *self.outbox.leases]
        self._say_what_we_hold = False
        answer = await self.queue.lease(
            room, per=PER_DEALER, ahead_s=AHEAD_S, only=self.only, skip=self.joining.unknown, holding=holding
        )
        self._offset_s = answer.now - time.time()
        here = asyncio.get_running_loop().time()
        for lease in answer.leases:
            crawl = self.joining.crawl_of(lease, here)
            if crawl is not None:
                self.take(lease, crawl, here)
        self._book.scheduler.learn_holds({name: at - self._offset_s for name, at in answer.held.items()})
        for crawl_id in answer.to_close:
            self.closing.close(crawl_id)
        self.closing.look_after()
        if not room:
            return min(POLL_S, self.queue.lease_s / 4)
        return min(POLL_S, max(answer.wait_s, 0.05 if not answer.leases else 0.0))

    def take(self, lease: Lease, crawl: DealerCrawl, since: float) -> None:
        """Hand a request over when its time has come; `since` is the loop's time of the answer that gave it."""
        loop = asyncio.get_running_loop()
        due = since + lease.start_in_s
        if due - EARLY_S <= loop.time():
            self._hand_over(lease, crawl, due)
            return
        timer = loop.call_at(due - EARLY_S, self._hand_over, lease, crawl, due)
        self._timers[lease.name] = (timer, lease, crawl)

    def _hand_over(self, lease: Lease, crawl: DealerCrawl, due: float) -> None:
        self._timers.pop(lease.name, None)
        if not self._leasing:
            self._give_back(lease)
            return
        token = self.tracker.leased(lease, crawl, due)
        try:
            request = unpacked(lease.payload, self.spider.request(crawl, visit_of(lease.payload)))
        except Exception:  # of another version of ours: what it would lead to is missing
            logger.exception("%s: a request in the queue cannot be read", crawl.dealer.name)
            self.telling.cut(lease.crawl_id, UNREAD)
            self.tracker.works[token].account.errors["bug"] += 1
            self.tracker.settled(crawl.dealer.name, token)
            return
        request.meta["token"] = token
        if lease.lost >= DEADLY:
            request.meta[KILLED] = lease.lost
        if crawl.limited and not self.tracker.works[token].account.has_room and lease.request_id.startswith("s"):
            section = self.tracker.works[token].account.sections.get(visit_of(lease.payload).section)
            if section is not None:
                section.truncated = True
            self.tracker.settled(crawl.dealer.name, token)
            return
        self._begun += 1
        self._book.scheduler.handed(request)

    def _settled(self, work: Work) -> None:
        if work.account.dropped[STORE_FAILED]:  # not done: the database was away
            self._give_back(work.lease, self.by_redis(time.time() + STORE_PAUSE_S))
        else:
            self.end(work, ["ack"], [])

    def end(self, work: Work, what: list[str], more: list[object]) -> None:
        """A lease ends in this way, with what it counted."""
        lease = work.lease
        self._crawler.signals.send_catch_log(request_counted, account=work.account)
        counted = self.joining.counted(work)
        self.outbox.add([*what, lease.crawl_id, lease.request_id, lease.holder, counted.numbers, *more], counted.told)

    def _give_back(self, lease: Lease, not_before: float = 0.0) -> None:
        self.outbox.add(["back", lease.crawl_id, lease.request_id, lease.holder, not_before])

    def _lost(self) -> None:
        self._say_what_we_hold = True

    def by_redis(self, at: float) -> float:
        """A Unix time of our clock by Redis's."""
        return at + self._offset_s if at else 0.0

"""The crawl book of a worker among many: what a page gives is counted with its lease, and one worker closes a crawl."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Final, cast

from redis.exceptions import RedisError
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from sqlalchemy.exc import SQLAlchemyError

from crawler.frontier.awaiting import STOPPED, until_ended
from crawler.frontier.connecting import queue_redis, unfit_for_a_queue
from crawler.frontier.distributed import DistributedScheduler
from crawler.frontier.opening import QUEUE, Wanted, is_wanted, queue_crawl
from crawler.frontier.outbox import cut
from crawler.frontier.queue import SharedQueue, worker_name
from crawler.frontier.queue_ledger import QueueLedger
from crawler.frontier.redis_errors import QUEUE_LOCKED, told
from crawler.frontier.wire import Failed
from crawler.frontier.worker import Worker
from crawler.platforms.base import UnreadablePage
from crawler.platforms.visit import Visit
from crawler.revisits.memory import visits
from crawler.spiders.plan import Planned
from crawler.tracking.crawl_book import CrawlBook, crawl_book_of, token_of
from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.ledgers import DryLedger
from crawler.tracking.verdict import Verdict
from inventory.engine import said
from inventory.ledger import Busy, NotDue
from inventory.log_lines import event
from inventory.pages import KnownPage
from inventory.settings import Settings, load_settings

logger = logging.getLogger(__name__)

ANOTHER: Final = (
    "a crawl of it that began with other arguments (-a limit, category, fresh, retry) is queued, nobody works at it: "
    "`scrapy work`, or `scrapy crawl` with those, goes on with it"
)

LEAST_LEFT_S: Final = 60.0
"""A wait that a dealer asks for is never too long while a crawl goes on, if it is not longer than this."""


class SharedCrawlBook(CrawlBook):
    """`worker` is this process's part; `crawls` are those that it takes part in, as it sees them."""

    def __init__(self, crawler: Crawler, settings: Settings) -> None:
        super().__init__(crawler, DryLedger(), settings.lease_seconds, settings.max_crawl_minutes)
        self._settings = settings
        self.queue_ledger = QueueLedger(settings)
        self._redis = queue_redis(settings, crawler.settings)
        queue = SharedQueue(self._redis, worker=worker_name(), lease_s=settings.lease_seconds, ttl_s=ttl_s(settings))
        self.worker = Worker(crawler, self, queue)
        self._tracker = self.worker.tracker
        self.awaited: dict[int, str] = {}
        """Crawls that this process queued and waits for, with their dealers."""
        self._all_ended = asyncio.Event()
        self._ending: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SharedCrawlBook:
        """Reads the environment."""
        book = cls(crawler, load_settings())
        book.listen(crawler)
        crawler.signals.connect(book.request_left_downloader, signals.request_left_downloader)
        return book

    @property
    def scheduler(self) -> DistributedScheduler:
        """The scheduler of this process."""
        assert self._crawler.engine is not None
        return cast(DistributedScheduler, self._crawler.engine.scheduler)

    # What spiders ask

    async def work(self) -> None:
        """Work at whatever is queued, until this is cancelled."""
        try:
            self.worker.start(None)
            await self._warn()
            await asyncio.Event().wait()
        finally:
            self.worker.stop_leasing()

    async def crawl_together(
        self, planned: Sequence[Planned], *, limit: int | None, fresh: bool, due: bool = False
    ) -> None:
        """Queue these dealers, and work at them (with whoever else does) until they are done."""
        try:
            for entry in planned:
                visits = await self.worker.spider.to_retry(entry)
                if visits is not None and not visits:
                    self.nothing_failed.append(entry.dealer.name)
                else:
                    await self._queue(entry, Wanted(limit, fresh, visits, due))
            if self.awaited:
                self.worker.start(self.awaited)
                await self._warn()
                patience_s = self._settings.redis_wait_s
                stays_away = self.worker.closing.database_stays_away
                left = await until_ended(self.awaited, self._all_ended, self.worker.queue, patience_s, stays_away)
                self._leave(left)
        except (RedisError, OSError, SQLAlchemyError) as error:
            database = isinstance(error, SQLAlchemyError)
            logger.error("%s", f"DATABASE_URL: {said(error)}" if database else told(error))
            gone = "the database" if database else "Redis"
            self._leave(dict.fromkeys(self.awaited.values(), f"{gone} went away while dealers were queued"))
        finally:
            self.worker.stop_leasing()

    async def _queue(self, entry: Planned, wanted: Wanted) -> None:
        spider, queue, name = self.worker.spider, self.worker.queue, entry.dealer.name
        queued = await queue_crawl(entry, spider.platforms[name], wanted, queue, self.queue_ledger, self._settings)
        of_queue = isinstance(queued, Busy) and queued.owner == QUEUE
        if of_queue and (going := (await queue.running()).get(name)) is not None:
            if await queue.stopped([going]):
                self._leave({name: STOPPED.format(name=name)})
                return
            if not await queue.is_worked_at(going):  # whoever queued it is gone: this process helps until it is done
                if not is_wanted(await queue.state(going), entry, wanted):
                    self._leave({name: ANOTHER})
                    return
                queued = going
        if isinstance(queued, int):
            self.awaited[queued] = name
            self.worker.closing.owners[queued] = (await queue.state(queued)).get("owner", "")
            return
        if isinstance(queued, NotDue):
            self.not_due.append(name)
            return
        self.skipped[name] = queued
        skipped = event("crawl_skipped", dealer=name, owner=queued.owner)
        logger.warning("%s is skipped: %s is crawling it", name, queued.owner, extra=skipped)

    def locked_out(self, why: str) -> None:
        """Redis refuses us for good: this process ends, and says so; leases run out, and the queue stays as it is."""
        if self.worker.queue.given_up:
            return
        logger.error("%s: the process ends", why, extra=event("queue_locked", why=why))
        self.worker.queue.give_up()
        self.left |= dict.fromkeys(self.awaited.values(), why)
        assert self._crawler.engine is not None
        self._ending = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason=QUEUE_LOCKED))

    async def _warn(self) -> None:
        try:
            if unfit := await unfit_for_a_queue(self._redis):
                logger.warning("%s", unfit)
        except (RedisError, OSError):
            logger.debug("Redis cannot be asked what it does when it is full")  # the worker says that it is away

    def _leave(self, left: Mapping[str, str]) -> None:
        """Crawls (dealer → why) that go on without this process."""
        self.left |= left
        for name, why in left.items():
            logger.warning("%s: %s", name, why, extra=event("crawl_left", dealer=name, why=why))

    def ended(self, crawl_id: int, verdict: Verdict) -> None:
        """A crawl is closed, here or elsewhere."""
        if self.awaited.pop(crawl_id, None) is not None and not self.awaited:
            self._all_ended.set()

    async def follows(self, page: KnownPage) -> list[Visit]:
        """Where an unchanged page led to. Raises `UnreadablePage` where that was forgotten meanwhile."""
        if not page.leads_on:
            return []
        follows = await self.queue_ledger.follows(page.page_id)
        if follows is None:
            raise UnreadablePage("is unchanged, and where it led to is forgotten")
        return visits(follows)

    def seconds_left(self, dealer: str) -> float:
        """How long it may still take, at least; never nothing: that its time is up is for the queue to say, where it
        stands still while the crawl is stopped."""
        return max(super().seconds_left(dealer), LEAST_LEFT_S)

    def put_off(self, request: Request, token: str | None, failed: Failed, wait_s: float, most: int) -> bool:
        """Ask for a request so long after all else of its crawl, whoever does; False where it cannot be kept."""
        return token is not None and self.worker.telling.put_off(request, token, failed, wait_s, most)

    def failed(self, dealer: str, error: BaseException, url: str, token: str | None = None) -> str:
        """As in one process; who is led to a block page that another worker saw asks for it himself."""
        name = super().failed(dealer, error, url, token)
        if name == "blocked" and (crawl_id := self.account(dealer, token).crawl_id):
            self.worker.telling.blocked(crawl_id, url)
        return name

    def cut_short(self, dealer: str, reason: str, told: str, failure_class: str) -> None:
        """As in one process; here all workers hear of it."""
        crawl = self.crawls[dealer]
        if crawl.cut_short or crawl.crawl_id is None:
            return
        crawl.cut_short, crawl.given_up = reason, (failure_class, told)
        logger.warning("%s: its crawl ends early: %s", dealer, told)
        self.worker.outbox.add(cut(crawl.crawl_id, reason, failure_class, told))
        self.worker.put_back_dealer(dealer)

    # What signals tell

    def request_left_downloader(self, request: Request) -> None:
        """The dealer has answered."""
        self.worker.landed(request)

    def response_received(self, request: Request, response: Response | None = None) -> None:
        """Count a page; a held dealer that was tried and has answered is held no longer."""
        super().response_received(request)
        work = self.worker.tracker.works.get(token_of(request) or "")
        if work is not None and work.lease.probe and response is not None and response.status < 429:
            self.worker.outbox.add(["release", work.crawl.dealer.name])

    async def spider_closed(self, reason: str) -> None:
        """Nothing is closed: the crawls go on elsewhere, or when somebody comes again."""
        self.queue_ledger.dispose()

    def _done(self, crawl: DealerCrawl) -> None:
        """No crawl ends here because this process does."""


def ttl_s(settings: Settings) -> int:
    """How long the queue keeps what nobody touches: the longest crawl and three days."""
    return int(settings.max_crawl_minutes * 60) + 3 * 86_400


def shared_book_of(crawler: Crawler) -> SharedCrawlBook | None:
    """The crawl book of a worker; None in a process that crawls for itself."""
    book = crawl_book_of(crawler)
    return book if isinstance(book, SharedCrawlBook) else None

"""Pipeline 900: buffers listings and sightings of pages, and writes them in batches off the event loop.

`process_item` returns at once and waits only while two batches are unwritten: awaiting a flush there would hold the
response whose items it waits for. A batch is written at 500 rows, every 0.5 s, when the scheduler is empty and at
the end. After the commit the batch is announced (`listings_stored`), which settles the requests it came from. Pages
are written behind their listings (`pages_stored`): what a page gave is stored before the page counts as known.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final, TypeVar

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from sqlalchemy.exc import OperationalError

from inventory.engine import said, writer_engine
from inventory.listing import Listing
from inventory.pages import CrawlItem, PageRead, PageSeen
from inventory.settings import load_settings
from inventory.store.batch import Stored, store
from inventory.store.pages import store_pages
from pipelines.corrections.applying import corrected
from pipelines.identity.matching import IdentityRules
from pipelines.outcomes import REFUSED, STORE_FAILED, Unusable, listings_stored, pages_stored
from pipelines.page_accounts import PageAccounts

logger = logging.getLogger(__name__)

Written = TypeVar("Written")

BATCH_ROWS: Final = 500
FLUSH_S: Final = 0.5
UNWRITTEN_BATCHES: Final = 2
TRIES_S: Final = (1.0, 4.0, 10.0)
"""Waits between tries of a batch that the database did not take: a restart takes a few seconds. Scrapy's setting
STORE_TRIES_S (`-s STORE_TRIES_S=0.1,0.5`) says others."""


class Store:
    """The last step of a crawl's listings."""

    def __init__(self, crawler: Crawler, tries_s: Sequence[float] = TRIES_S) -> None:
        self._crawler = crawler
        self._tries_s = tuple(tries_s)
        self._engine = writer_engine(load_settings())
        self._buffer: list[CrawlItem] = []
        self._accounts = PageAccounts()
        self._room = asyncio.Semaphore(UNWRITTEN_BATCHES)
        self._writing: set[asyncio.Task[None]] = set()
        self._order = asyncio.Lock()
        self._ticking: asyncio.Task[None] | None = None
        self._gave_up = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Store:
        """Scrapy's constructor."""
        pipeline = cls(crawler, [float(wait_s) for wait_s in crawler.settings.getlist("STORE_TRIES_S", list(TRIES_S))])
        crawler.signals.connect(pipeline.flush_if_idle, signals.scheduler_empty)
        crawler.signals.connect(pipeline.item_dropped, signals.item_dropped)
        crawler.signals.connect(pipeline.item_error, signals.item_error)
        return pipeline

    async def open_spider(self) -> None:
        """Begin to flush by the clock."""
        self._ticking = asyncio.create_task(self._tick())

    async def close_spider(self) -> None:
        """Write what is left."""
        if self._ticking is not None:
            self._ticking.cancel()
        self.flush()
        while self._writing:
            await asyncio.gather(*self._writing)
        self._engine.dispose()

    async def process_item(self, item: CrawlItem) -> CrawlItem:
        """Take a listing or a page; wait only while the database lags two batches behind."""
        if self._gave_up:
            raise Unusable(STORE_FAILED, "the database cannot be written")
        if isinstance(item, PageRead):
            self._take(self._accounts.read(item))
        else:
            self._take(item)
        if isinstance(item, Listing):
            self._take(self._accounts.arrived(item))
        if len(self._buffer) >= BATCH_ROWS:
            self.flush()
            async with self._room:
                pass
        return item

    def item_dropped(self, item: CrawlItem, exception: DropItem) -> None:
        """A pipeline refused a listing: its page may be complete now. What the store refuses, it finds out itself."""
        reason = exception.reason if isinstance(exception, Unusable) else "dropped"
        if isinstance(item, Listing) and reason not in (REFUSED, STORE_FAILED):
            self._take(self._accounts.dropped(item, reason))

    def item_error(self, item: CrawlItem) -> None:
        """A pipeline failed on a listing: its page may be complete now, and is not to be remembered."""
        if isinstance(item, Listing):
            self._take(self._accounts.failed(item))

    def _take(self, item: CrawlItem | None) -> None:
        if item is not None:
            self._buffer.append(item)

    def flush(self) -> None:
        """Hand what is buffered to a writer."""
        if self._buffer:
            batch, self._buffer = self._buffer, []
            task = asyncio.ensure_future(self._write(batch))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    def flush_if_idle(self) -> None:
        """Nothing more is queued: write now, unless a batch is being written, behind which more can gather."""
        if not self._writing:
            self.flush()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            self.flush_if_idle()

    async def _write(self, batch: list[CrawlItem]) -> None:
        async with self._room, self._order:  # in order: a later sight of a listing is written later
            listings = [item for item in batch if isinstance(item, Listing)]
            seen = [item for item in batch if not isinstance(item, Listing)]
            if await self._write_listings(listings):
                await self._write_pages(seen)
            else:
                await self._give_up(seen)

    async def _write_listings(self, batch: list[Listing]) -> bool:
        write = partial(store, self._engine, batch, IdentityRules(), _now, corrected)
        began = time.perf_counter()
        stored = await self._try(write, batch) if batch else Stored()
        if stored is None:
            await self._give_up(batch)
            return False
        for listing, why in stored.refused:
            logger.error("%s: the database refused %s: %s", listing.dealer, listing.identity_key, why)
            self._drop(listing, REFUSED, why)
        if batch:
            seconds = time.perf_counter() - began
            self._crawler.signals.send_catch_log(listings_stored, outcomes=stored.outcomes, seconds=seconds)
        return True

    async def _write_pages(self, seen: list[PageSeen]) -> None:
        outcomes = await self._try(partial(store_pages, self._engine, seen, _now()), seen) if seen else []
        if outcomes is None:
            await self._give_up(seen)
        elif outcomes:
            self._crawler.signals.send_catch_log(pages_stored, outcomes=outcomes)

    async def _try(self, write: Callable[[], Written], batch: Sequence[CrawlItem]) -> Written | None:
        for wait_s in (*self._tries_s, None):
            if self._gave_up:
                return None
            try:
                return await asyncio.to_thread(write)
            except OperationalError as error:
                logger.warning("the database did not take a batch of %d: %s", len(batch), said(error))
            except Exception as error:  # a bug of ours too: the listings must be settled, or their crawl never closes
                logger.exception("the database cannot take a batch of %d: %s", len(batch), said(error))
                return None
            if wait_s is not None:
                await asyncio.sleep(wait_s)
        return None

    async def _give_up(self, batch: Sequence[CrawlItem]) -> None:
        for item in batch:
            self._drop(item, STORE_FAILED, "the database cannot be written")
        if not self._gave_up:
            self._gave_up = True
            logger.error(
                "the crawl ends: the database cannot be written; what is stored stays, nothing was half stored"
            )
            assert self._crawler.engine is not None
            _keep(asyncio.ensure_future(self._crawler.engine.close_spider_async(reason=STORE_FAILED)))

    def _drop(self, item: CrawlItem, reason: str, detail: str) -> None:
        self._crawler.signals.send_catch_log(
            signals.item_dropped, item=item, exception=Unusable(reason, detail), response=None, spider=None
        )


_KEPT: set[asyncio.Future[None]] = set()


def _keep(task: asyncio.Future[None]) -> None:
    """Hold a task until it is done: the loop itself keeps only a weak reference."""
    _KEPT.add(task)
    task.add_done_callback(_KEPT.discard)


def _now() -> datetime:
    return datetime.now(UTC)

"""Pipeline 900: buffers listings and writes them in batches off the event loop.

`process_item` returns at once and waits only while two batches are unwritten: awaiting a flush there would hold the
response whose items it waits for. A batch is written at 500 rows, every 0.5 s, when the scheduler is empty and at
the end. After the commit the batch is announced (`listings_stored`), which settles the requests it came from.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Final

from scrapy import signals
from scrapy.crawler import Crawler
from sqlalchemy.exc import OperationalError

from inventory.engine import said, writer_engine
from inventory.listing import Listing
from inventory.settings import load_settings
from inventory.store.batch import Stored, store
from pipelines.identity.ladder import same_thing
from pipelines.outcomes import Unusable, listings_stored

logger = logging.getLogger(__name__)

BATCH_ROWS: Final = 500
FLUSH_S: Final = 0.5
UNWRITTEN_BATCHES: Final = 2
TRIES_S: Final = (1.0, 4.0, 10.0)
"""Waits between tries of a batch that the database did not take: a restart takes a few seconds."""


class Store:
    """The last step of a crawl's listings."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._engine = writer_engine(load_settings())
        self._buffer: list[Listing] = []
        self._room = asyncio.Semaphore(UNWRITTEN_BATCHES)
        self._writing: set[asyncio.Task[None]] = set()
        self._order = asyncio.Lock()
        self._ticking: asyncio.Task[None] | None = None
        self._gave_up = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Store:
        """Scrapy's constructor."""
        pipeline = cls(crawler)
        crawler.signals.connect(pipeline.flush_if_idle, signals.scheduler_empty)
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

    async def process_item(self, item: Listing) -> Listing:
        """Take a listing; wait only while the database lags two batches behind."""
        if self._gave_up:
            raise Unusable("store_failed", "the database cannot be written")
        self._buffer.append(item)
        if len(self._buffer) >= BATCH_ROWS:
            self.flush()
            async with self._room:
                pass
        return item

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

    async def _write(self, batch: list[Listing]) -> None:
        async with self._room, self._order:  # in order: a later sight of a listing is written later
            stored = await self._try(batch)
        if stored is None:
            await self._give_up(batch)
            return
        for listing, why in stored.refused:
            logger.error("%s: the database refused %s: %s", listing.dealer, listing.identity_key, why)
            self._drop(listing, "refused_by_database", why)
        self._crawler.signals.send_catch_log(listings_stored, outcomes=stored.outcomes)

    async def _try(self, batch: list[Listing]) -> Stored | None:
        for wait_s in (*TRIES_S, None):
            if self._gave_up:
                return None
            try:
                return await asyncio.to_thread(store, self._engine, batch, same_thing, _now)
            except OperationalError as error:
                logger.warning("the database did not take a batch of %d: %s", len(batch), said(error))
            except Exception as error:  # a bug of ours too: the listings must be settled, or their crawl never closes
                logger.exception("the database cannot take a batch of %d: %s", len(batch), said(error))
                return None
            if wait_s is not None:
                await asyncio.sleep(wait_s)
        return None

    async def _give_up(self, batch: list[Listing]) -> None:
        for listing in batch:
            self._drop(listing, "store_failed", "the database cannot be written")
        if not self._gave_up:
            self._gave_up = True
            logger.error(
                "the crawl ends: the database cannot be written; what is stored stays, nothing was half stored"
            )
            assert self._crawler.engine is not None
            _keep(asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="store_failed")))

    def _drop(self, listing: Listing, reason: str, detail: str) -> None:
        self._crawler.signals.send_catch_log(
            signals.item_dropped, item=listing, exception=Unusable(reason, detail), response=None, spider=None
        )


_KEPT: set[asyncio.Future[None]] = set()


def _keep(task: asyncio.Future[None]) -> None:
    """Hold a task until it is done: the loop itself keeps only a weak reference."""
    _KEPT.add(task)
    task.add_done_callback(_KEPT.discard)


def _now() -> datetime:
    return datetime.now(UTC)

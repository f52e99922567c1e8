"""Writes a vertical's Parquet snapshot when its crawls have ended and SNAPSHOT_DIR is set. It never fails a crawl."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from pathlib import Path

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.spiders.base import DealerSpider
from crawler.tracking.crawl_book import crawl_book_of
from crawler.tracking.crawl_signals import vertical_done
from crawler.tracking.dealer_crawl import DealerCrawl
from inventory.database import stored
from inventory.settings import Settings, load_settings

logger = logging.getLogger(__name__)


class Snapshot:
    """Waits for the engine to stop: by then every batch is stored and every dealer's crawl is closed."""

    def __init__(self, crawler: Crawler, settings: Settings, folder: Path) -> None:
        self._crawler = crawler
        self._settings = settings
        self._folder = folder
        self._vertical: str | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Snapshot:
        """Scrapy's constructor. Raises `NotConfigured` without SNAPSHOT_DIR, and on a dry run."""
        settings = load_settings()
        if settings.snapshot_dir is None or crawler.settings.getbool("DRY_RUN"):
            raise NotConfigured
        snapshot = cls(crawler, settings, settings.snapshot_dir)
        crawler.signals.connect(snapshot.spider_opened, signals.spider_opened)
        crawler.signals.connect(snapshot.engine_stopped, signals.engine_stopped)
        crawler.signals.connect(snapshot.vertical_done, vertical_done)
        return snapshot

    def spider_opened(self, spider: Spider) -> None:
        """Whose vertical it is; `scrapy shell` and the like have none."""
        if isinstance(spider, DealerSpider) and spider.name == spider.vertical:
            self._vertical = spider.vertical

    async def engine_stopped(self) -> None:
        """Write it in a thread, where the run stored anything."""
        if self._vertical is not None and stored_anything(crawl_book_of(self._crawler).crawls.values()):
            await self._careful(self._vertical)

    async def vertical_done(self, vertical: str) -> None:
        """A worker never stops: it writes when the last crawl of a vertical is closed."""
        if self._vertical is None:
            await self._careful(vertical)

    async def _careful(self, vertical: str) -> None:
        try:
            await asyncio.to_thread(self._write, vertical)
        except Exception:
            logger.exception("the snapshot in %s could not be written; the crawls are stored", self._folder)

    def _write(self, vertical: str) -> None:
        from inventory.snapshots.writing import write_snapshot  # Arrow is large, and most runs do without

        engine = stored(self._settings)
        try:
            written = write_snapshot(engine, self._folder, vertical, self._settings.data_licence or None)
        finally:
            engine.dispose()
        logger.info("snapshot of %s: %d listings, %d bytes", vertical, written.rows, written.bytes)


def stored_anything(crawls: Iterable[DealerCrawl]) -> bool:
    """Whether any row can differ: even an unchanged listing was seen again, and what was not seen may be gone."""
    return any(crawl.stored.total() or crawl.pages for crawl in crawls)

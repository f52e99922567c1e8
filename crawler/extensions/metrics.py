"""Prometheus metrics of a crawling process: served on METRICS_PORT while it runs, and written to METRICS_FILE."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server, write_to_textfile
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.metrics.collector import CrawlerMetrics, Works
from crawler.spiders.base import DealerSpider
from crawler.tracking.crawl_signals import crawl_began, crawl_closed, request_counted
from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.verdict import Verdict
from inventory.listing import Listing
from inventory.settings import Settings, load_settings
from pipelines.outcomes import listings_stored

logger = logging.getLogger(__name__)

FILE_S: Final = 60.0
"""How often a long-lived process writes its file again."""


class Metrics:
    """Counts for the metrics and sees that they can be had. It never fails a crawl."""

    def __init__(self, settings: Settings, works: Callable[[], Works] | None = None) -> None:
        self._settings = settings
        self._file: Path | None = None
        self._writing: asyncio.Task[None] | None = None
        self._server: tuple[WSGIServer, threading.Thread] | None = None
        self._ours = CollectorRegistry()
        self._metrics = CrawlerMetrics(self._ours, works)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Metrics:
        """Scrapy's constructor. Raises `NotConfigured` without METRICS_PORT and METRICS_FILE, and on a dry run."""
        settings = load_settings()
        asked = settings.metrics_port is not None or settings.metrics_file is not None
        if not asked or crawler.settings.getbool("DRY_RUN"):
            raise NotConfigured
        metrics = cls(settings, partial(works_of, crawler) if settings.distributed else None)
        for handler, signal in (
            (metrics.spider_opened, signals.spider_opened),
            (metrics.engine_stopped, signals.engine_stopped),
            (metrics.began, crawl_began),
            (metrics.closed, crawl_closed),
            (metrics.counted, request_counted),
            (metrics.stored, listings_stored),
        ):
            crawler.signals.connect(handler, signal)
        return metrics

    def spider_opened(self, spider: Spider) -> None:
        """Begin to serve and to write; `scrapy shell` and the like have nothing to."""
        if not isinstance(spider, DealerSpider):
            return
        if self._settings.metrics_port is not None:
            self._serve(self._settings.metrics_port, self._settings.metrics_host)
        if self._settings.metrics_file is not None:
            self._file = Path(str(self._settings.metrics_file).replace("{vertical}", spider.vertical))
            self._writing = asyncio.create_task(self._write_again(self._file))

    def began(self, crawl: DealerCrawl) -> None:
        """A crawl is open."""
        self._metrics.began(crawl)

    def closed(self, crawl: DealerCrawl, verdict: Verdict) -> None:
        """A crawl is done."""
        self._metrics.closed(crawl, verdict)

    def counted(self, account: DealerCrawl) -> None:
        """A leased request is done."""
        self._metrics.counted(account)

    def stored(self, outcomes: Sequence[tuple[Listing, str]], seconds: float = 0.0) -> None:
        """A batch is committed."""
        self._metrics.stored(seconds)

    async def engine_stopped(self) -> None:
        """Every crawl is closed: the file's last state, and no server any more."""
        if self._writing is not None:
            self._writing.cancel()
        if self._file is not None:
            await asyncio.to_thread(self._write, self._file)
        if self._server is not None:
            server, thread = self._server
            await asyncio.to_thread(server.shutdown)
            server.server_close()
            thread.join()

    def _serve(self, port: int, host: str) -> None:
        """In a thread of its own. The process's own figures are served only: node_exporter has such of its own."""
        served = CollectorRegistry()
        served.register(self._ours)
        ProcessCollector(registry=served)
        try:
            self._server = start_http_server(port, addr=host, registry=served)
        except OSError as error:
            logger.warning("no metrics on %s:%d: %s (METRICS_PORT)", host, port, error.strerror or error)

    async def _write_again(self, file: Path) -> None:
        while True:
            await asyncio.sleep(FILE_S)
            await asyncio.to_thread(self._write, file)

    def _write(self, file: Path) -> None:
        """In one step: a reader finds the old file or the new one."""
        try:
            write_to_textfile(str(file), self._ours)
        except OSError as error:
            logger.warning("the metrics could not be written to %s: %s (METRICS_FILE)", file, error.strerror or error)


def works_of(crawler: Crawler) -> Works:
    """What a worker of the shared queue has in hand."""
    from crawler.frontier.shared_book import shared_book_of  # needs Redis's packages, which one process does without

    book = shared_book_of(crawler)
    found: dict[str, tuple[int, int]] = {}
    for work in list(book.worker.tracker.works.values()) if book is not None else ():
        leases, is_open = found.get(work.crawl.dealer.name, (0, 0))
        found[work.crawl.dealer.name] = leases + 1, is_open + work.open
    return found

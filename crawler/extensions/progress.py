"""Shows how the crawls go: a live table on a terminal, a log line a dealer and minute elsewhere."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TextIO

from rich.console import Console
from rich.live import Live
from scrapy import Spider, signals
from scrapy.crawler import Crawler

from crawler.reports.table import progress_line, progress_table, report_table, summary
from crawler.spiders.base import DealerSpider
from crawler.tracking.crawl_book import CrawlBook, crawl_book_of
from inventory.log_lines import event
from inventory.settings import load_settings

logger = logging.getLogger(__name__)

LIVE_S = 0.25
LINE_S = 10.0


class Progress:
    """Reports from the crawl book; says one summary line at the end, and a table where a person looks."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._console = Console(stderr=True)
        self._live: Live | None = None
        self._task: asyncio.Task[None] | None = None
        self._planned: list[str] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Progress:
        """Scrapy's constructor."""
        progress = cls(crawler)
        crawler.signals.connect(progress.spider_opened, signals.spider_opened)
        crawler.signals.connect(progress.engine_stopped, signals.engine_stopped)
        return progress

    @property
    def _book(self) -> CrawlBook:
        return crawl_book_of(self._crawler)

    def spider_opened(self, spider: Spider) -> None:
        """Begin to show; `scrapy shell` and the like have nothing to."""
        if not isinstance(spider, DealerSpider):
            return
        self._planned = [entry.dealer.name for entry in spider.planned]
        if self._console.is_terminal and not self._crawler.settings.getbool("DRY_RUN"):
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
            _send_logs_through_the_display(sys.__stderr__, sys.stderr)
        self._task = asyncio.create_task(self._show())

    def engine_stopped(self) -> None:
        """Everything is closed: the report."""
        if self._task is None:
            return
        self._task.cancel()
        if self._live is not None:
            _send_logs_through_the_display(sys.stderr, sys.__stderr__)
            self._live.stop()
        book = self._book
        if self._console.is_terminal:
            self._console.print(report_table(book.crawls, book.closed, book.skipped))
        text = summary(book.crawls, book.closed, book.skipped)
        if load_settings().log_format == "json":
            outcomes = {name: verdict.outcome for name, verdict in book.closed.items()}
            level = logging.INFO if set(outcomes.values()) == {"healthy"} else logging.WARNING
            logger.log(level, "%s", text, extra=event("run_ended", outcomes=outcomes, skipped=sorted(book.skipped)))
        else:
            sys.stderr.write(text + "\n")

    async def _show(self) -> None:
        while True:
            if self._live is not None:
                book = self._book
                waiting = [name for name in self._planned if name not in book.crawls and name not in book.skipped]
                self._live.update(progress_table(book.crawls, book.closed, waiting), refresh=True)
                await asyncio.sleep(LIVE_S)
            else:
                await asyncio.sleep(LINE_S)
                for crawl in self._book.crawls.values():
                    if not crawl.ended:
                        logger.info(progress_line(crawl))


def _send_logs_through_the_display(before: TextIO | None, after: TextIO | None) -> None:
    """Log lines written past a live table would tear it: the display's own standard error puts them above it."""
    for handler in logging.root.handlers:
        if isinstance(handler, logging.StreamHandler) and handler.stream is before and after is not None:
            handler.setStream(after)

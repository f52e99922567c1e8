"""Shows how the crawls go: a live table on a terminal, a log line a dealer and minute elsewhere."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Mapping
from typing import TextIO

from rich.console import Console
from rich.live import Live
from scrapy import Spider, signals
from scrapy.crawler import Crawler

from crawler.reports.crawl import DealerReport, broken, crawl_table, reports, what_broke
from crawler.reports.table import progress_line, progress_table, summary
from crawler.spiders.base import DealerSpider
from crawler.tracking.crawl_book import CrawlBook, crawl_book_of
from inventory.database import stored
from inventory.engine import said
from inventory.ledger import Busy
from inventory.log_lines import event
from inventory.past_crawls import Past, past_of
from inventory.settings import load_settings

logger = logging.getLogger(__name__)

LIVE_S = 0.25
LINE_S = 10.0


class Progress:
    """Reports from the crawl book; at the end a report where a person looks, else what broke and a summary line."""

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

    async def engine_stopped(self) -> None:
        """Everything is closed: the report."""
        if self._task is None:
            return
        self._task.cancel()
        if self._live is not None:
            _send_logs_through_the_display(sys.stderr, sys.__stderr__)
            self._live.stop()
        book = self._book
        found = reports(book.crawls, book.closed, await self._past())
        text = summary(book.crawls, book.closed, book.skipped, book.left)
        if load_settings().log_format == "json":
            _log_end(text, found, sorted(book.skipped))
        elif self._console.is_terminal:
            _print_end(self._console, text, found, book.skipped)
        else:
            _write_end(text, found)

    async def _past(self) -> dict[str, Past]:
        """What the dealers' last crawls were like, read off the event loop; a report does without where it must."""
        crawls = {name: crawl.crawl_id for name, crawl in self._book.crawls.items() if crawl.crawl_id}
        if not crawls or self._crawler.settings.getbool("DRY_RUN"):
            return {}
        try:
            return await asyncio.to_thread(_read_past, crawls)
        except Exception as error:
            logger.warning("the last crawls could not be read to compare with: %s", said(error))
            return {}

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


def _read_past(crawls: dict[str, int]) -> dict[str, Past]:
    engine = stored(load_settings())
    try:
        return past_of(engine, crawls)
    finally:
        engine.dispose()


def _log_end(text: str, found: list[DealerReport], skipped: list[str]) -> None:
    healthy = bool(found) and all(report.outcome == "healthy" for report in found)
    fields = event("run_ended", dealers=[report.as_json() for report in found], skipped=skipped)
    logger.log(logging.INFO if healthy else logging.WARNING, "%s", text, extra=fields)


def _print_end(console: Console, text: str, found: list[DealerReport], skipped: Mapping[str, Busy]) -> None:
    console.print(crawl_table(found, skipped))
    for dealer, lines in what_broke(found, skipped):
        console.print(f"\n[bold]{dealer}[/]")
        for line in lines:
            console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"\n{text}", markup=False, highlight=False, soft_wrap=True)


def _write_end(text: str, found: list[DealerReport]) -> None:
    """For a log or a mail: what is not healthy, and the summary line."""
    for report in found:
        if report.outcome != "healthy":
            sys.stderr.writelines(f"{report.dealer}: {line}\n" for line in broken(report))
    sys.stderr.write(f"{text}\n")


def _send_logs_through_the_display(before: TextIO | None, after: TextIO | None) -> None:
    """Log lines written past a live table would tear it: the display's own standard error puts them above it."""
    for handler in logging.root.handlers:
        if isinstance(handler, logging.StreamHandler) and handler.stream is before and after is not None:
            handler.setStream(after)

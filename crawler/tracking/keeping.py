"""Keeps the reservations of this run's dealers in the ledger, and closes their crawls there, off the event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import asdict

from scrapy.crawler import Crawler

from crawler.revisits.memory import PageMemory
from crawler.tracking.crawl_signals import crawl_closed
from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.ledgers import Ledger
from crawler.tracking.report_row import report_of
from crawler.tracking.verdict import CUT_SHORT, Verdict, judge
from inventory.log_lines import event

logger = logging.getLogger(__name__)


class Keeping:
    """`closed` gets the verdict on each crawl that is closed, by dealer."""

    def __init__(self, crawler: Crawler, ledger: Ledger, lease_s: float, closed: dict[str, Verdict]) -> None:
        self._crawler = crawler
        self._ledger = ledger
        self._lease_s = lease_s
        self._closed = closed
        self._closing: set[asyncio.Task[None]] = set()
        self._renewing: asyncio.Task[None] | None = None

    def renew(self, crawls: Mapping[str, DealerCrawl]) -> None:
        """Keep the reservations of what goes on of these crawls from now on, until `finish`."""
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._renew(crawls))

    def close(self, crawl: DealerCrawl) -> None:
        """Begin to close a crawl that has ended."""
        task = asyncio.ensure_future(self._close(crawl))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def finish(self) -> None:
        """Wait for what is being closed, and keep nothing more."""
        if self._closing:
            await asyncio.gather(*self._closing)
        if self._renewing is not None:
            self._renewing.cancel()

    async def _close(self, crawl: DealerCrawl) -> None:
        verdict = judge(crawl)
        name, self._closed[crawl.dealer.name] = crawl.dealer.name, verdict
        report = report_of(crawl, verdict)
        level = logging.INFO if verdict.outcome == "healthy" else logging.WARNING
        closed = event("crawl_closed", **crawl.name_fields(), seconds=crawl.seconds, **asdict(report))
        logger.log(level, "%s: %s %s", name, verdict.outcome, verdict.reason, extra=closed)
        try:
            if not await self._ledger.end(name, crawl.crawl_id, report):
                self._closed[name] = Verdict("stopped", CUT_SHORT["lease_lost"], "lease_lost")
                logger.warning("%s: %s", name, CUT_SHORT["lease_lost"])
        except Exception:
            logger.exception("%s: its crawl could not be closed in the database", name)
        self._crawler.signals.send_catch_log(crawl_closed, crawl=crawl, verdict=self._closed[name])
        crawl.memory = PageMemory()  # a run over many dealers remembers the pages of those that it crawls now

    async def _renew(self, crawls: Mapping[str, DealerCrawl]) -> None:
        while True:
            await asyncio.sleep(self._lease_s / 3)
            going = [name for name, crawl in crawls.items() if not crawl.ended]
            try:
                kept = await self._ledger.renew(going)
            except Exception:
                logger.exception("the leases of %s could not be renewed", ", ".join(going))
                continue
            for name in set(going) - kept:
                crawls[name].cut_short = crawls[name].cut_short or "lease_lost"

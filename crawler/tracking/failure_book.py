"""The failure book: what failed for good is written down, and what failed for now is asked once more at the end.

A Scrapy extension. Spiders tell it what failed and what came; rows are written in batches, off the event loop.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider, IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError
from sqlalchemy import Engine

from crawler.fetching.retry_rule import rule_of
from crawler.frontier.dropping import LOCAL_SCHEDULER
from crawler.frontier.holding import NOT_BEFORE
from crawler.platforms.visit import Visit
from crawler.tracking.crawl_book import crawl_book_of, token_of
from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.error_class import error_class, error_text
from crawler.tracking.retry_marks import FIRST_FAILED, LAST_TRY
from crawler.tracking.together import Together
from inventory.engine import said, writer_engine
from inventory.pages import digest
from inventory.settings import load_settings
from inventory.store.failures import FailureBatch, FailureRow, store_failures, to_retry, unresolved
from pipelines.parsing.urls import canonical_url

logger = logging.getLogger(__name__)

FLUSH_S: Final = 2.0
FLUSH_ROWS: Final = 500
MOST_ROWS: Final = 10_000
"""Rows of one crawl: of a dealer whose pages have all changed, more would say nothing new (`crawls.errors` counts)."""

MOST_PUT_OFF: Final = 100
"""Pages of a dealer that are asked once more at the end of its walk: of more, the dealer itself is in trouble."""

PUT_OFF_WAIT: Final = 5
"""Units of RETRY_BACKOFF_S from the end of the walk to that: a short walk has not given the dealer any time."""

NOT_KEPT: Final = frozenset({"robots", "offsite", "shutdown", "lease_lost"})
"""What a dealer forbids or does not own, and what another process goes on with, is not to be asked for again."""


class FailureBook:
    """What failed in the crawls of this run."""

    def __init__(self, crawler: Crawler, engine: Engine | None, backoff_s: float) -> None:
        self._crawler = crawler
        self._engine = engine
        self._backoff_s = backoff_s
        self._batch = FailureBatch()
        self._rows: dict[str, int] = {}
        self._before: dict[str, dict[str, int]] = {}
        self._put_off: dict[str, list[tuple[Request, BaseException]]] = {}
        self._again: set[str] = set()
        self._writing: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._waiting: list[tuple[str, str]] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> FailureBook:
        """Nothing is kept of a dry run."""
        settings = load_settings()
        engine = None if crawler.settings.getbool("DRY_RUN") else writer_engine(settings)
        book = cls(crawler, engine, settings.retry_backoff_s)
        crawler.signals.connect(book.spider_idle, signals.spider_idle)
        crawler.signals.connect(book.spider_closed, signals.spider_closed)
        crawler.signals.connect(book.spider_opened, signals.spider_opened)
        return book

    def spider_opened(self) -> None:
        """Have the crawl book ask and tell. Of several processes none knows when a dealer's walk is at its end."""
        crawls = crawl_book_of(self._crawler)
        crawls.let_go = self.never_asked
        if self._crawler.settings["SCHEDULER"] == LOCAL_SCHEDULER:
            crawls.before_end = self.once_more

    # What spiders ask and tell

    async def recall(self, dealer: str) -> None:
        """Learn which pages of a dealer failed before, so that those that come now are known as resolved."""
        if self._engine is not None:
            self._before[dealer] = await asyncio.to_thread(unresolved, self._engine, dealer)

    async def to_retry(self, dealer: str) -> list[FailureRow]:
        """What failed in a dealer's last crawl and may be asked for again."""
        if self._engine is None:
            return []
        rows = await asyncio.to_thread(to_retry, self._engine, dealer)
        self._again.add(dealer)
        return rows

    def asks_again(self, dealer: str, again: bool) -> None:
        """Whether a dealer's crawl is one of what failed before: what fails in it was asked for once more."""
        (self._again.add if again else self._again.discard)(dealer)
        self._rows.pop(dealer, None)

    def puts_off(self, crawl: DealerCrawl, request: Request, error: BaseException) -> bool:
        """Whether a failure is of the kind that passes: then it counts only if it fails once more at the end."""
        waiting = self._put_off.setdefault(crawl.dealer.name, [])
        if crawl_book_of(self._crawler).before_end != self.once_more or crawl.limited or crawl.cut_short:
            return False
        if LAST_TRY in request.meta or (isinstance(error, IgnoreRequest) and not isinstance(error, HttpError)):
            return False
        if not rule_of(error_class(error)).retries or len(waiting) >= MOST_PUT_OFF:
            return False
        waiting.append((request, error))
        return True

    def failed(self, crawl: DealerCrawl, request: Request, visit: Visit, error: BaseException) -> None:
        """A request failed for good, or its page cannot be read."""
        status = error.response.status if isinstance(error, HttpError) else None
        self._note(crawl, request, visit, error_class(error), error_text(error), status)

    def came(self, crawl: DealerCrawl, visit: Visit) -> None:
        """A page was read."""
        known = self._before.get(crawl.dealer.name)
        if known and (url_hash := _hash(visit.url)) in known:
            self._batch.resolved.setdefault(crawl.dealer.name, set()).add(url_hash)
            self._soon()

    # What the crawl book asks and tells

    def never_asked(self, crawl: DealerCrawl, request: Request) -> None:
        """A queued request of a crawl that was cut short is let go of: a retry goes on with it."""
        reason = crawl.cut_short or "dropped"
        self._note(crawl, request, Visit(**request.cb_kwargs["visit"]), reason, "was not asked for any more", None)

    def once_more(self, crawl: DealerCrawl) -> bool:
        """A dealer's walk is at its end: ask for what was put off; whether there is anything."""
        waiting = self._put_off.pop(crawl.dealer.name, [])
        assert self._crawler.engine is not None
        for request, _ in waiting:
            again = request.replace(dont_filter=True)
            again.meta.pop("token", None)
            again.meta[LAST_TRY] = True
            again.meta[NOT_BEFORE] = time.time() + PUT_OFF_WAIT * self._backoff_s
            again.meta["retry_times"] = request.meta.get("retry_times", 0) + 1
            self._crawler.engine.crawl(again)
        if waiting:
            logger.info("%s: %d pages that failed are asked once more", crawl.dealer.name, len(waiting))
        return bool(waiting)

    def spider_idle(self) -> None:
        """Nothing is under way, though items may still wait to be stored. Raises `DontCloseSpider` where there is."""
        open_crawls = [crawl for crawl in crawl_book_of(self._crawler).crawls.values() if not crawl.ended]
        queued = [self.once_more(crawl) for crawl in open_crawls if not crawl.cut_short]
        if any(queued):
            raise DontCloseSpider

    async def spider_closed(self) -> None:
        """Write what is left."""
        for name, waiting in self._put_off.items():
            for request, error in waiting:
                crawl = crawl_book_of(self._crawler).crawls[name]
                self.failed(crawl, request, Visit(**request.cb_kwargs["visit"]), error)
        await self._write()
        if self._writing is not None:
            await self._writing
        if self._engine is not None:
            self._engine.dispose()

    # Writing

    def _note(
        self, crawl: DealerCrawl, request: Request, visit: Visit, name: str, message: str, status: int | None
    ) -> None:
        dealer = crawl.dealer.name
        if self._engine is None or name in NOT_KEPT or self._rows.get(dealer, 0) >= MOST_ROWS or not crawl.crawl_id:
            return
        self._rows[dealer] = self._rows.get(dealer, 0) + 1
        url_hash, now = _hash(visit.url), datetime.now(UTC)
        first = request.meta.get(FIRST_FAILED)
        hidden = crawl.dealer.without_secrets
        row = FailureRow(
            crawl_id=crawl.crawl_id,
            dealer=dealer,
            url=hidden(visit.url),
            url_hash=url_hash,
            kind=visit.kind,
            section=visit.section,
            visit=_without(visit.as_short_json(), hidden),
            failure_class=name[:30],
            status=status,
            message=hidden(message),
            attempts=request.meta.get("retry_times", 0) + (name != crawl.cut_short),
            first_at=datetime.fromtimestamp(first, UTC) if first else now,
            last_at=now,
            requeued=self._before.get(dealer, {}).get(url_hash, 0) + 1 if dealer in self._again else 0,
        )
        self._batch.rows.append(row)
        self._keep_open(dealer, token_of(request))
        self._soon()

    def _keep_open(self, dealer: str, token: str | None) -> None:
        """Where others would do it again, a request is not done before its row is written."""
        book = crawl_book_of(self._crawler)
        if token is not None and isinstance(book, Together):
            book.waits(dealer, token)
            self._waiting.append((dealer, token))

    def _soon(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.ensure_future(self._write_later())

    async def _write_later(self) -> None:
        if len(self._batch) < FLUSH_ROWS:
            await asyncio.sleep(FLUSH_S)
        await self._write()

    async def _write(self) -> None:
        async with self._turn:
            batch, self._batch = self._batch, FailureBatch()
            waiting, self._waiting = self._waiting, []
            if self._engine is None or not len(batch):
                return
            try:
                await asyncio.to_thread(store_failures, self._engine, batch, datetime.now(UTC))
            except Exception as error:  # it is an account of trouble, and must not add to it
                logger.warning("%d failures could not be written down: %s", len(batch.rows), said(error))
            for dealer, token in waiting:
                crawl_book_of(self._crawler).settled(dealer, token)


def failure_book_of(crawler: Crawler) -> FailureBook:
    """The failure book of a run; crawler.settings enables it."""
    found = crawler.get_extension(FailureBook)
    assert found is not None
    return found


def _hash(url: str) -> str:
    return digest(canonical_url(url).encode())


def _without(value: Any, hidden: Callable[[str], str]) -> Any:
    """A JSON value with what is secret hidden in its texts."""
    if isinstance(value, str):
        return hidden(value)
    if isinstance(value, dict):
        return {name: _without(entry, hidden) for name, entry in value.items()}
    return [_without(entry, hidden) for entry in value] if isinstance(value, list) else value

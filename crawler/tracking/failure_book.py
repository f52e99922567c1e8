"""The failure book: what failed for good is written down, and what failed for now is asked once more at the end.

A Scrapy extension. Spiders tell it what failed and what came; rows are written in batches, off the event loop.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider, IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from crawler.fetching.retry_rule import rule_of
from crawler.frontier.dropping import LOCAL_SCHEDULER, MOST_LET_GO
from crawler.frontier.holding import NOT_BEFORE
from crawler.frontier.wire import Failed, Left
from crawler.platforms.visit import Visit
from crawler.tracking.crawl_book import crawl_book_of, token_of
from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.error_class import error_class, error_text
from crawler.tracking.failure_rows import NOT_KEPT, hash_of, row_of
from crawler.tracking.retry_marks import LAST_TRY
from crawler.tracking.together import Together
from inventory.engine import said, writer_engine
from inventory.settings import load_settings
from inventory.store.failures import FailureBatch, FailureRow, store_failures, to_retry, unresolved

logger = logging.getLogger(__name__)

FLUSH_S: Final = 2.0
FLUSH_ROWS: Final = 500
MOST_PUT_OFF: Final = 100
"""Pages of a dealer that are asked once more at the end of its walk: of more, the dealer itself is in trouble."""

PUT_OFF_WAIT: Final = 5
"""Units of RETRY_BACKOFF_S from the end of the walk to that: a short walk has not given the dealer any time."""

NEVER_ASKED: Final = "was not asked for any more"


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
        if crawl.limited or crawl.cut_short or LAST_TRY in request.meta or not rule_of(error_class(error)).retries:
            return False
        if isinstance(error, IgnoreRequest) and not isinstance(error, HttpError):
            return False
        book, waiting = crawl_book_of(self._crawler), self._put_off.setdefault(crawl.dealer.name, [])
        if isinstance(book, Together):
            hidden = crawl.dealer.without_secrets
            failed = Failed(error_class(error), hidden(error_text(error)), _status(error))
            wait_s = PUT_OFF_WAIT * self._backoff_s
            return book.put_off(_last_try(request), token_of(request), failed, wait_s, MOST_PUT_OFF)
        if book.before_end != self.once_more or len(waiting) >= MOST_PUT_OFF:
            return False
        waiting.append((request, error))
        return True

    def failed(self, crawl: DealerCrawl, request: Request, visit: Visit, error: BaseException) -> None:
        """A request failed for good, or its page cannot be read."""
        self._note(crawl, request, visit, error_class(error), error_text(error), _status(error))

    def came(self, crawl: DealerCrawl, visit: Visit) -> None:
        """A page was read."""
        known = self._before.get(crawl.dealer.name)
        if known and (url_hash := hash_of(visit.url)) in known:
            self._batch.resolved.setdefault(crawl.dealer.name, set()).add(url_hash)
            self._soon()

    # What the crawl book asks and tells

    def never_asked(self, crawl: DealerCrawl, request: Request) -> None:
        """A queued request of a crawl that was cut short is let go of: a retry goes on with it."""
        reason = crawl.cut_short or "dropped"
        self._note(crawl, request, Visit(**request.cb_kwargs["visit"]), reason, NEVER_ASKED, None)

    async def left(self, crawl: DealerCrawl, left: Iterable[Left]) -> list[dict[str, int]]:
        """Write down what is left of a crawl that several processes shared; what each request counts.

        Raises `OperationalError`.
        """
        batch, numbers = FailureBatch(), []
        for request in left:
            failed = request.failed or Failed(crawl.cut_short or "dropped", NEVER_ASKED, None)
            numbers.append({f"errors.{failed.error_class}": 1})
            if request.failed is not None:
                part = "failed_pages" if request.visit.kind == "section" else "unread"
                numbers[-1][f"sections.{request.visit.section}.{part}"] = 1
            tries = request.meta.get("retry_times", 0)
            if (row := self._row(crawl, request.visit, failed, request.meta, tries)) is not None:
                batch.rows.append(row)
        try:
            if self._engine is not None and len(batch):
                await asyncio.to_thread(store_failures, self._engine, batch, datetime.now(UTC))
        except OperationalError:
            raise
        except Exception as error:  # as in `_write`
            logger.warning("%d failures could not be written down: %s", len(batch.rows), said(error))
        return numbers

    def once_more(self, crawl: DealerCrawl) -> bool:
        """A dealer's walk is at its end: ask for what was put off; whether there is anything."""
        waiting = self._put_off.pop(crawl.dealer.name, [])
        assert self._crawler.engine is not None
        for request, _ in waiting:
            again = _last_try(request)
            again.meta[NOT_BEFORE] = time.time() + PUT_OFF_WAIT * self._backoff_s
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
        attempts = request.meta.get("retry_times", 0) + (name != crawl.cut_short)
        row = self._row(crawl, visit, Failed(name, message, status), request.meta, attempts)
        if row is not None:
            self._batch.rows.append(row)
            self._keep_open(crawl.dealer.name, token_of(request))
            self._soon()

    def _row(
        self, crawl: DealerCrawl, visit: Visit, failed: Failed, meta: Mapping[str, Any], attempts: int
    ) -> FailureRow | None:
        """None where it is not written down."""
        dealer, name = crawl.dealer.name, failed.error_class
        if self._engine is None or name in NOT_KEPT or self._rows.get(dealer, 0) >= MOST_LET_GO or not crawl.crawl_id:
            return None
        self._rows[dealer] = self._rows.get(dealer, 0) + 1
        again = self._before.get(dealer, {}).get(hash_of(visit.url), 0) + 1 if dealer in self._again else 0
        what, now = (name, failed.message, failed.status), datetime.now(UTC)
        return row_of(crawl, visit, what, meta=meta, attempts=attempts, requeued=again, now=now)

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


def _status(error: BaseException) -> int | None:
    return error.response.status if isinstance(error, HttpError) else None


def _last_try(request: Request) -> Request:
    """The same once more, and no further."""
    again: Request = request.replace(dont_filter=True)
    again.meta.pop("token", None)
    again.meta[LAST_TRY] = True
    again.meta["retry_times"] = request.meta.get("retry_times", 0) + 1
    return again

"""The base of both spiders: walks its dealers' sections and details through their platforms."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from typing import Any, ClassVar, Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.dealers.declaration import Dealer
from crawler.dealers.loading import load_dealers
from crawler.fetching.politeness import concurrency_for, download_slots
from crawler.fetching.rendering.configuring import enable_rendering
from crawler.frontier.local import go_on
from crawler.platforms import platform_of
from crawler.platforms.base import Platform
from crawler.platforms.visit import DETAIL_PRIORITY, Visit
from crawler.revisits.memory import NOT_MODIFIED
from crawler.revisits.version import reading_version
from crawler.spiders.arguments import Narrowing, narrowing_of
from crawler.spiders.due import due_of
from crawler.spiders.pages import Pages
from crawler.spiders.plan import Planned, plan
from crawler.spiders.retrying import retry_of
from crawler.tracking.crawl_book import CrawlBook, crawl_book_of, token_of
from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.error_class import GONE
from crawler.tracking.failure_book import FailureBook, failure_book_of
from crawler.tracking.job import job_of
from crawler.tracking.together import Together
from inventory.listing import Vertical
from inventory.settings import load_settings


class DealerSpider(Spider):
    """Walks every dealer of one vertical: section → pages → details → listings.

    Set `name` and `vertical`; override nothing else. What differs between dealers stands in their files, what
    differs between kinds of site in a platform. Callbacks are this class's own methods and requests carry only JSON,
    so that a queue can keep them.

    Example::

        class EquipmentSpider(DealerSpider):
            name = "equipment"
            vertical = "equipment"
    """

    vertical: ClassVar[Vertical]

    def __init__(
        self,
        planned: list[Planned],
        limit: int | None,
        fresh: bool = False,
        retry: bool = False,
        due: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.planned = planned
        self.limit = limit
        self.fresh = fresh
        self.retry = retry
        self.due = due
        self.facts: dict[str, dict[str, str | None]] = {}
        """DEALER_FACTS: what pages of a dealer that name no currency or country mean."""
        self.platforms: dict[str, Platform] = {entry.dealer.name: platform_of(entry.dealer) for entry in planned}
        self._pages = Pages(self)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Reads the dealer files and gives each dealer its download slot.

        Raises `DealerFileError`, `UnknownDealerName`, `ArgumentError` or `PlatformError` (the `crawl` command has
        checked for them before).
        """
        settings = load_settings()
        narrowing = narrowing_of(kwargs)
        planned = cls.planned_of(load_dealers(settings.dealers_dir, os.environ), narrowing)
        planned = due_of(planned, settings) if narrowing.due else planned
        dealers = [entry.dealer for entry in planned]
        slots = download_slots(dealers, settings.download_delay_s)
        crawler.settings.set("DOWNLOAD_SLOTS", slots, priority="spider")
        wanted = concurrency_for(dealers, crawler.settings.getint("CONCURRENT_REQUESTS"))
        crawler.settings.set("CONCURRENT_REQUESTS", wanted, priority="spider")
        facts = {dealer.name: {"currency": dealer.currency, "country": dealer.country} for dealer in dealers}
        crawler.settings.set("DEALER_FACTS", facts, priority="spider")
        enable_rendering(crawler.settings, dealers, settings)
        # A copy of the listings (-O) is to be whole: those of pages that are not read again would be missing.
        fresh = narrowing.fresh or bool(crawler.settings.getdict("FEEDS"))
        spider = super().from_crawler(crawler, planned, narrowing.limit, fresh, narrowing.retry, narrowing.due)
        spider.facts = facts
        return spider

    @classmethod
    def planned_of(cls, dealers: Mapping[str, Dealer], narrowing: Narrowing) -> list[Planned]:
        """What a run of this spider crawls. Raises what `plan` does."""
        return plan(dealers, cls.vertical, narrowing)

    @property
    def book(self) -> CrawlBook:
        """Where crawls are opened and closed."""
        return crawl_book_of(self.crawler)

    @property
    def failures(self) -> FailureBook:
        """Where it is noted what failed."""
        return failure_book_of(self.crawler)

    async def start(self) -> AsyncIterator[Request]:
        """The first pages of every section of every dealer that nobody else crawls now."""
        if isinstance(self.book, Together):
            await self.book.crawl_together(self.planned, limit=self.limit, fresh=self.fresh, due=self.due)
            return
        for entry in self.planned:
            dealer = entry.dealer
            job = job_of(self.crawler)
            if job is not None and dealer.name in job.done:
                self.book.done_before.append(dealer.name)
                continue
            paused = job.paused.get(dealer.name) if job is not None else None
            visits = await self._first_visits(entry) if paused is None or not paused.begun else []
            if not visits and paused is None:
                self.book.nothing_failed.append(dealer.name)
                continue
            crawl = await self.book.begin(
                dealer,
                entry.sections if not self.retry else tuple(dict.fromkeys(visit.section for visit in visits)),
                narrowed=entry.narrowed or self.retry,
                limit=self.limit,
                reading=self._reading(dealer),
                fresh=self.fresh,
                due=self.due,
                paused=paused,
            )
            if paused is not None:
                go_on(self.crawler, dealer.name, crawl)
            if crawl is None:
                continue
            await self.failures.recall(dealer.name)
            for walk in crawl.sections.values() if self.retry else ():
                walk.truncated = True  # a few pages of it are no walk
            for visit in visits:
                await self._earlier_ones(crawl)
                if crawl.has_room:
                    yield self.request(crawl, visit)
                else:
                    crawl.sections[visit.section].truncated = True
            self.book.release(dealer.name)

    async def _first_visits(self, entry: Planned) -> list[Visit]:
        """Where a dealer's crawl begins: at the first pages of its sections, or where the last one failed (`retry`)."""
        platform = self.platforms[entry.dealer.name]
        if not self.retry:
            return list(platform.entrances(entry.sections))
        retry = retry_of(await self.failures.to_retry(entry.dealer.name), platform, entry.sections)
        if retry.told:
            self.logger.info("%s: %s", entry.dealer.name, retry.told)
        return list(retry.visits)

    async def to_retry(self, entry: Planned) -> tuple[Visit, ...] | None:
        """The pages to which a run is narrowed by `retry`; None where it is not."""
        return tuple(await self._first_visits(entry)) if self.retry else None

    def dealer_named(self, name: str) -> Dealer | None:
        """A dealer of this run."""
        return next((entry.dealer for entry in self.planned if entry.dealer.name == name), None)

    def _reading(self, dealer: Dealer) -> str | None:
        """By which rules pages are read; None where nothing is remembered: trial runs stop early or store nothing."""
        if self.limit is not None or self.crawler.settings.getbool("DRY_RUN"):
            return None
        return reading_version(dealer, self.platforms[dealer.name])

    async def _earlier_ones(self, crawl: DealerCrawl) -> None:
        """With a limit, sections are walked one after the other: the first may hold as many as were asked for."""
        while crawl.limited and len(crawl.open) > 1:  # noqa: ASYNC110 (a trial run is worth no signal of its own)
            await asyncio.sleep(0.02)

    def request(self, crawl: DealerCrawl, visit: Visit) -> Request:
        """A visit as a request in its dealer's slot, with the conditions under which a known page is not sent again."""
        section = visit.kind == "section"
        own = self.platforms[crawl.dealer.name].request_meta(visit)
        statuses = [NOT_MODIFIED, *own.get("handle_httpstatus_list", ())]
        return Request(
            visit.url,
            callback=self.section if section else self.detail,
            errback=self.failed,
            headers=crawl.memory.headers(visit),
            cb_kwargs={"dealer": crawl.dealer.name, "visit": visit.as_json()},
            meta=own | {"download_slot": crawl.dealer.name, "handle_httpstatus_list": statuses},
            priority=0 if section else DETAIL_PRIORITY + visit.urgency,
        )

    async def section(self, response: Response, dealer: str, visit: dict[str, Any]) -> AsyncIterator[Any]:
        """A page of a section was fetched."""
        here = Visit(**visit)
        crawl = self._account(dealer, response.request)
        walk = crawl.sections[here.section]
        try:
            async for found in self._pages.given(response, crawl, here):
                yield found
            walk.pages += 1
            self.failures.came(crawl, here)
        except Exception as error:
            walk.failed_pages += 1
            self._unreadable(crawl, here, error, response)

    async def detail(self, response: Response, dealer: str, visit: dict[str, Any]) -> AsyncIterator[Any]:
        """A detail page was fetched."""
        crawl = self._account(dealer, response.request)
        try:
            async for found in self._pages.given(response, crawl, Visit(**visit)):
                yield found
            self.failures.came(crawl, Visit(**visit))
        except Exception as error:
            crawl.sections[visit["section"]].unread += 1
            self._unreadable(crawl, Visit(**visit), error, response)

    async def failed(self, failure: Failure) -> None:
        """A request failed for good: counted by class, and its section is not complete then."""
        request: Request = failure.request  # type: ignore[attr-defined]
        dealer, visit = request.cb_kwargs["dealer"], Visit(**request.cb_kwargs["visit"])
        error = failure.value or RuntimeError("failed without a reason")
        crawl = self._account(dealer, request)
        if not self.failures.puts_off(crawl, request, error):
            self.failures.failed(crawl, request, visit, error)
            name = self.book.failed(dealer, error, request.url, token_of(request))
            if visit.kind == "section":
                crawl.sections[visit.section].failed_pages += 1
            elif name in GONE:
                crawl.note_gone(visit)
            else:
                crawl.sections[visit.section].unread += 1
        if token := token_of(request):
            self.book.settled(dealer, token)

    def _account(self, dealer: str, request: Request | None) -> DealerCrawl:
        return self.book.account(dealer, token_of(request) if request is not None else None)

    def _unreadable(self, crawl: DealerCrawl, visit: Visit, error: Exception, response: Response) -> None:
        assert response.request is not None
        dealer, token = crawl.dealer.name, token_of(response.request)
        self.failures.failed(crawl, response.request, visit, error)
        if self.book.failed(dealer, error, response.url, token) == "bug":
            self.logger.exception("%s: a bug of ours on %s", dealer, response.url)

"""The crawl book: opens a crawl for each dealer (under a lease), follows it, and closes it when it is done.

A Scrapy extension: spiders ask it to begin, the scheduler and the spider middleware tell it of requests, the
pipelines of listings.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler

from crawler.dealers.declaration import Dealer
from crawler.fetching.politeness import put_back
from crawler.frontier.account import add
from crawler.frontier.dropping import Dropping
from crawler.platforms.base import UnreadablePage
from crawler.platforms.visit import Visit
from crawler.revisits.memory import PageMemory, visits
from crawler.tracking.crawl_signals import crawl_began
from crawler.tracking.dealer_crawl import DealerCrawl, SectionWalk
from crawler.tracking.error_class import Refused, error_class, error_text
from crawler.tracking.keeping import Keeping
from crawler.tracking.ledgers import DatabaseLedger, DryLedger, Ledger, PausingLedger, reserved
from crawler.tracking.outcomes import Outcomes
from crawler.tracking.paused import PausedCrawl
from crawler.tracking.tracker import Tracker
from crawler.tracking.verdict import Verdict
from inventory.ledger import Busy, NotDue
from inventory.log_lines import event
from inventory.pages import CrawlItem, KnownPage
from inventory.settings import load_settings
from pipelines.outcomes import listings_stored, pages_stored

logger = logging.getLogger(__name__)


class CrawlBook:
    """All crawls of this run by dealer: `crawls` as they go on, `closed` with their verdicts, `skipped` with why."""

    def __init__(self, crawler: Crawler, ledger: Ledger, lease_s: float, max_minutes: float) -> None:
        self._crawler = crawler
        self._ledger = ledger
        self._max_seconds = max_minutes * 60
        self._tracker = Tracker(self._done)
        self.closed: dict[str, Verdict] = {}
        self._keeping = Keeping(crawler, ledger, lease_s, self.closed)
        self.outcomes = Outcomes(self)
        self.skipped: dict[str, Busy] = {}
        self.left: dict[str, str] = {}
        """Dealers whose crawl stays open and goes on another time, with why and how."""
        self.nothing_failed: list[str] = []
        """Dealers that are not crawled as nothing failed there, where only that was asked for."""
        self.not_due: list[str] = []
        """Dealers that others have crawled since they were found due, where only that was asked for."""
        self.planned: tuple[str, ...] = ()
        self.done_before: list[str] = []
        """Dealers that an earlier run of this job (JOBDIR) was done with."""
        self.pauses = False
        """Whether a run that a signal stops leaves its crawls open."""
        self.before_end: Callable[[DealerCrawl], bool] | None = None
        """Asked when a crawl's last token was settled; True where it queued more."""
        self.let_go: Callable[[DealerCrawl, Request], None] | None = None
        """Told of each request that is never asked, as its crawl was cut short."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CrawlBook:
        """Reads DRY_RUN from Scrapy's settings and the rest from the environment."""
        settings = load_settings()
        ledger: Ledger
        ledger = DryLedger() if crawler.settings.getbool("DRY_RUN") else DatabaseLedger(settings)
        book = cls(crawler, ledger, settings.lease_seconds, settings.max_crawl_minutes)
        book.listen(crawler)
        return book

    def listen(self, crawler: Crawler) -> None:
        """Hear of what happens in a run."""
        for handler, signal in (
            (self.spider_closed, signals.spider_closed),
            (self.response_received, signals.response_received),
            (self.outcomes.item_dropped, signals.item_dropped),
            (self.outcomes.item_error, signals.item_error),
            (self.outcomes.stored, listings_stored),
            (self.outcomes.pages_stored, pages_stored),
        ):
            crawler.signals.connect(handler, signal)

    @property
    def crawls(self) -> dict[str, DealerCrawl]:
        """Every crawl that this run began."""
        return self._tracker.crawls

    # What spiders ask and tell

    async def begin(
        self,
        dealer: Dealer,
        sections: Sequence[str],
        *,
        narrowed: bool,
        limit: int | None,
        reading: str | None = None,
        fresh: bool = False,
        due: bool = False,
        paused: PausedCrawl | None = None,
    ) -> DealerCrawl | None:
        """Open a dealer's crawl; None where another process crawls it (said in the log and in `skipped`).

        `reading` is the version of the rules by which pages are read: those read by the same rules are remembered,
        none without it. `fresh` forgets them. `paused` is a crawl to go on with; None too where it was closed since.
        `due`: None too where it is not due any more (`not_due`).
        """
        limited = limit is not None
        begun = await reserved(self._ledger, dealer, paused, narrowed=narrowed, limited=limited, due=due)
        if begun is None:
            logger.warning("%s: its paused crawl was closed by another run: it does not go on", dealer.name)
            return None
        if isinstance(begun, NotDue):
            self.not_due.append(dealer.name)
            return None
        if isinstance(begun, Busy):
            self.skipped[dealer.name] = begun
            skipped = event("crawl_skipped", dealer=dealer.name, owner=begun.owner)
            logger.warning("%s is skipped: %s is crawling it", dealer.name, begun.owner, extra=skipped)
            return None
        recalled = await self._ledger.recall(dealer.name, reading, fresh=fresh) if reading else None
        crawl = DealerCrawl(
            dealer=dealer,
            crawl_id=begun.crawl_id,
            sections={name: SectionWalk() for name in sections},
            started=time.monotonic(),
            memory=PageMemory(dealer.name, begun.crawl_id, reading, recalled),
            narrowed=narrowed,
            limit=limit,
            seen_before=begun.seen_before,
            sections_before=begun.sections_before,
            browser_first=begun.browser_first,
        )
        self._tracker.begin(crawl)
        if paused is not None:
            add(crawl, paused.counted)
            crawl.started -= paused.seconds
            self._tracker.resume(dealer.name, paused.open)
        began = event("crawl_began", **crawl.name_fields(), sections=list(crawl.sections))
        logger.info("%s: crawl %s begins", dealer.name, crawl.crawl_id, extra=began)
        self._crawler.signals.send_catch_log(crawl_began, crawl=crawl)
        self._keeping.renew(self.crawls)
        return crawl

    def release(self, dealer: str) -> None:
        """All first requests of a dealer are queued."""
        self._tracker.release(dealer)

    async def follows(self, page: KnownPage) -> list[Visit]:
        """Where an unchanged page led to. Raises `UnreadablePage` where that was forgotten meanwhile."""
        if not page.leads_on:
            return []
        follows = await self._ledger.follows(page.page_id)
        if follows is None:
            raise UnreadablePage("is unchanged, and where it led to is forgotten")
        return visits(follows)

    def account(self, dealer: str, token: str | None) -> DealerCrawl:
        """Where what a token's request gives is counted."""
        return self._tracker.account(dealer, token)

    def failed(self, dealer: str, error: BaseException, url: str, token: str | None = None) -> str:
        """Count a request that failed for good; its class."""
        name = error_class(error)
        crawl = self.account(dealer, token)
        crawl.errors[name] += 1
        if name == "blocked":
            crawl.blocked.add(url)
        hidden = crawl.dealer.without_secrets
        shown, text = hidden(url), hidden(error_text(error))
        fields = event("page_failed", **crawl.name_fields(), **{"class": name}, url=shown, error=text)
        logger.log(
            logging.DEBUG if name in ("robots", "offsite") else logging.WARNING,
            "%s: %s: %s (%s)", dealer, name, shown, text, extra=fields,
        )  # fmt: skip
        return name

    # What the scheduler and the middlewares tell

    def opened(self, dealer: str, parent: str | None = None) -> str:
        """A request was queued, which the one of the token `parent` led to: its token."""
        return self._tracker.opened(dealer, parent)

    def settled(self, dealer: str, token: str) -> None:
        """The work of a token's request, or one of its items, is done."""
        self._tracker.settled(dealer, token)

    def waits(self, dealer: str, token: str) -> None:
        """The work of a token's request is not done before one thing more is `settled`."""
        self._tracker.item(dealer, token)

    def item(self, item: CrawlItem, token: str) -> None:
        """A request yielded a listing or a page: mark it with its crawl and request."""
        item.crawl_id = self.account(item.dealer, token).crawl_id
        item.request_token = token
        self._tracker.item(item.dealer, token)

    def check(self, dealer: str) -> None:
        """Raise `Refused` where nothing more may be asked of a dealer: time is up, or its lease was lost."""
        crawl = self.crawls.get(dealer)
        if crawl is None:
            return
        if not crawl.cut_short and self.seconds_left(dealer) <= 0:
            crawl.cut_short = "time_up"
        if crawl.cut_short:
            raise Refused(crawl.cut_short, f"the crawl was cut short: {crawl.cut_short}")

    def seconds_left(self, dealer: str) -> float:
        """How long a dealer's crawl may still take (MAX_CRAWL_MINUTES)."""
        return self._max_seconds - (time.monotonic() - self.crawls[dealer].started)

    def cut_short(self, dealer: str, reason: str, told: str, failure_class: str) -> None:
        """End a dealer's crawl early through the dealer's own fault: it counts as failed, with this class."""
        crawl = self.crawls[dealer]
        if crawl.cut_short:
            return
        crawl.cut_short, crawl.given_up = reason, (failure_class, told)
        logger.warning("%s: its crawl ends early: %s", dealer, told)
        assert self._crawler.engine is not None
        if isinstance(scheduler := self._crawler.engine.scheduler, Dropping):
            scheduler.drop(dealer)
        put_back(self._crawler.engine.downloader, dealer)

    def never_asked(self, request: Request) -> None:
        """A queued request of a crawl that was cut short is let go of."""
        dealer, token = dealer_of(request), token_of(request)
        if dealer and token:
            crawl = self.crawls[dealer]
            crawl.errors[crawl.cut_short or "dropped"] += 1
            if self.let_go is not None:
                self.let_go(crawl, request)
            self.settled(dealer, token)

    # What signals tell

    def response_received(self, request: Request) -> None:
        """Count a page; robots.txt and the like have no token and are none."""
        if (token := token_of(request)) and (dealer := dealer_of(request)):
            self.account(dealer, token).pages += 1

    async def spider_closed(self, reason: str) -> None:
        """Close what is still open: the run ended before those dealers were done."""
        for crawl in self.crawls.values():
            if self.is_paused(crawl, reason) and isinstance(self._ledger, PausingLedger):
                await self._ledger.pause(crawl.dealer.name, crawl.crawl_id)
                logger.info("%s: paused", crawl.dealer.name)
            elif not crawl.ended:
                crawl.cut_short = crawl.cut_short or reason
                crawl.ended = True
                self._done(crawl)
        await self._keeping.finish()
        self._ledger.dispose()

    def before_pause(self, reason: str) -> None:
        """The queue is about to be kept: what crawls that stay open would ask once more at their end goes into it."""
        for crawl in self.crawls.values():
            if self.before_end is not None and self.is_paused(crawl, reason):
                self.before_end(crawl)

    def is_paused(self, crawl: DealerCrawl, reason: str) -> bool:
        """Whether a crawl stays open where the run ends for this reason, to go on another time (JOBDIR)."""
        return self.pauses and reason == "shutdown" and not crawl.ended and not crawl.cut_short

    def _done(self, crawl: DealerCrawl) -> None:
        crawl.ended = False
        if not crawl.cut_short and self.before_end is not None and self.before_end(crawl):
            return
        crawl.ended = True
        self._keeping.close(crawl)


def crawl_book_of(crawler: Crawler) -> CrawlBook:
    """The crawl book of a run; crawler.settings enables it."""
    book = crawler.get_extension(CrawlBook)
    assert book is not None
    return book


def dealer_of(request: Request) -> str | None:
    """The dealer whose page a request asks for; None for robots.txt and the like."""
    found: Any = request.cb_kwargs.get("dealer")
    return found if isinstance(found, str) else None


def token_of(request: Request) -> str | None:
    """The token that follows a queued request."""
    found: Any = request.meta.get("token")
    return found if isinstance(found, str) else None

"""What became of listings and pages, as the pipelines say by signals: counted in the account of their request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from scrapy.exceptions import DropItem
from twisted.python.failure import Failure

from crawler.tracking.dealer_crawl import BUG, DealerCrawl
from inventory.listing import Listing
from inventory.pages import CrawlItem
from inventory.store.pages import PageOutcome
from pipelines.outcomes import Unusable


class Accounts(Protocol):
    """The crawl book, as far as it is needed here."""

    @property
    def crawls(self) -> Mapping[str, DealerCrawl]:
        """Every crawl that this run began, by dealer."""

    def account(self, dealer: str, token: str | None) -> DealerCrawl:
        """Where what a token's request gives is counted."""

    def settled(self, dealer: str, token: str) -> None:
        """The work of a token's request, or one of its items, is done."""


class Outcomes:
    """Receivers of signals: each counts an item, and tells that it is done."""

    def __init__(self, book: Accounts) -> None:
        self._book = book

    def item_dropped(self, item: CrawlItem, exception: DropItem) -> None:
        """A pipeline refused an item: count its reason."""
        reason = exception.reason if isinstance(exception, Unusable) else "dropped"
        if isinstance(item, Listing):
            self._account(item).note_dropped(item, reason)
        else:
            self._account(item).dropped[reason] += 1
        self._settle(item)

    def item_error(self, item: CrawlItem, failure: Failure) -> None:
        """A pipeline failed on an item: a bug of ours, counted as one."""
        if isinstance(item, Listing):
            self._account(item).note_dropped(item, BUG)
        else:
            self._account(item).errors[BUG] += 1
        self._settle(item)

    def stored(self, outcomes: Sequence[tuple[Listing, str]]) -> None:
        """A batch is committed."""
        for listing, outcome in outcomes:
            if listing.dealer in self._book.crawls:
                self._account(listing).note_stored(listing, outcome)
                self._settle(listing)

    def pages_stored(self, outcomes: Sequence[PageOutcome]) -> None:
        """Sightings of pages are committed, behind their listings."""
        for outcome in outcomes:
            if outcome.page.dealer in self._book.crawls:
                self._account(outcome.page).note_page(outcome)
                self._settle(outcome.page)

    def _account(self, item: CrawlItem) -> DealerCrawl:
        return self._book.account(item.dealer, item.request_token)

    def _settle(self, item: CrawlItem) -> None:
        if item.request_token is not None:
            self._book.settled(item.dealer, item.request_token)

"""One dealer's crawl while it runs: what is open, what was found, what went wrong."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from crawler.dealers.declaration import Dealer
from crawler.platforms.visit import Visit
from crawler.revisits.memory import UNREADABLE, PageMemory
from inventory.listing import Listing
from inventory.pages import PageUnchanged, filled_fields
from inventory.store.pages import PageOutcome
from pipelines.outcomes import REFUSED, STORE_FAILED

BROKEN_RECORD: Final = "broken_record"
"""Among what a page dropped: records that cannot be read."""

LIST_CUT_SHORT: Final = "list_cut_short"
"""Among what a page dropped: further things that its list says it has and does not show."""

SEEN_TWICE: Final = "seen_twice"
"""Why a listing is left out that this crawl has seen elsewhere."""

BUG: Final = "bug"
"""A failure of ours."""

SHELLS_ENOUGH: Final = 3
"""Empty shells of a dealer after which its pages are not asked for by plain HTTP first."""

UNSTORED: Final = frozenset({REFUSED, STORE_FAILED, BUG})
"""Why a listing that was there is not in the database, through no fault of its page: what was not seen may be it."""


@dataclass(slots=True)
class SectionWalk:
    """How far a section was walked. `complete` means to its end, with every page of it read."""

    pages: int = 0
    listings: int = 0
    """What it offers, whether or not another section offers it too: which one was read first is chance."""
    failed_pages: int = 0
    truncated: bool = False
    unread: int = 0
    """Details and records that were there and could not be read: what they offer was not seen, and may not be gone."""

    @property
    def complete(self) -> bool:
        """Whether every listing of the section was there to be seen (in a crawl that was not cut short)."""
        return self.pages > 0 and not self.failed_pages and not self.truncated


@dataclass(slots=True)
class DealerCrawl:
    """The live account of a crawl. Counted by the tracker, judged by `verdict`, shown by the progress extension."""

    dealer: Dealer
    crawl_id: int | None
    sections: dict[str, SectionWalk]
    started: float
    memory: PageMemory = field(default_factory=PageMemory)
    narrowed: bool = False
    limit: int | None = None
    seen_before: tuple[int, ...] = ()
    sections_before: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    pages: int = 0
    pages_unchanged: int = 0
    pages_skipped: int = 0
    pages_rendered: int = 0
    """Asked of a browser, also those that it could not draw."""

    credits_used: int = 0
    """Of the hosted rendering API."""

    shells: int = 0
    """Pages that plain HTTP brought empty."""

    browser_first: bool = False
    """Whether its pages are known to be empty without a browser."""

    requests: int = 0
    asked: int = 0
    asked_before: int = 0
    """Asked for by requests that have an account of their own."""

    lastmod_judged: int = 0
    lastmod_missed: int = 0
    stored: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    open: dict[str, int] = field(default_factory=dict)
    cut_short: str | None = None
    given_up: tuple[str, str] | None = None
    """Failure class and reason, where it was cut short through the dealer's own fault."""
    pauses: int = 0
    """How often its dealer was left alone because it kept failing."""
    blocked: set[str] = field(default_factory=set)
    """Addresses of pages that were block pages."""
    ended: bool = False

    @property
    def seconds(self) -> float:
        """How long it takes so far, one decimal."""
        return round(time.monotonic() - self.started, 1)

    def name_fields(self) -> dict[str, Any]:
        """By what a line of the log can be found again."""
        return {"crawl": self.crawl_id, "dealer": self.dealer.name, "vertical": self.dealer.vertical}

    @property
    def seen(self) -> int:
        """Listings that went into the store, each counted once (`again` is one that came twice in a batch)."""
        return self.stored["new"] + self.stored["changed"] + self.stored["unchanged"]

    @property
    def pages_saved(self) -> int:
        """Pages that were not read again, because they have not changed."""
        return self.pages_unchanged + self.pages_skipped

    @property
    def limited(self) -> bool:
        """Whether `limit=` was asked for."""
        return self.limit is not None

    @property
    def has_room(self) -> bool:
        """Whether `limit` lets one more thing be asked for."""
        return self.limit is None or self.asked_before + self.asked < self.limit

    def note_stored(self, listing: Listing, outcome: str) -> None:
        """A listing is committed: count it, its section and the fields it has."""
        self.stored[outcome] += 1
        if outcome == "again":
            return
        if listing.section in self.sections:
            self.sections[listing.section].listings += 1
        self.filled.update(filled_fields(listing))

    def note_dropped(self, listing: Listing, reason: str) -> None:
        """A listing was not stored: counted by reason (a bug is counted as an error), and in its section."""
        (self.errors if reason == BUG else self.dropped)[reason] += 1
        if (walk := self.sections.get(listing.section or "")) is None:
            return
        if reason == SEEN_TWICE:
            walk.listings += 1
        elif reason in UNSTORED:
            walk.unread += 1

    def note_page(self, outcome: PageOutcome) -> None:
        """A page's sighting is committed: one that has not changed brings its listings along."""
        page = outcome.page
        self.memory.note(page)
        self.lastmod_judged += (
            page.proves_lastmod if isinstance(page, PageUnchanged) else page.record_before is not None
        )
        if not isinstance(page, PageUnchanged):
            self.lastmod_missed += page.lastmod_missed
            return
        if page.skipped:
            self.pages_skipped += 1
        else:
            self.pages_unchanged += 1
        self.stored["unchanged"] += len(outcome.present) - outcome.relisted
        self.stored["changed"] += outcome.relisted
        self.dropped.update({reason: n for reason, n in page.dropped.items() if reason != UNREADABLE})
        if LIST_CUT_SHORT in page.dropped and page.section in self.sections:
            self.sections[page.section].truncated = True
        if page.seen_twice:
            self.dropped[SEEN_TWICE] += page.seen_twice
        if page.section in self.sections:
            self.sections[page.section].listings += len(outcome.present) + page.seen_twice
            self.sections[page.section].unread += page.dropped.get(BROKEN_RECORD, 0)
        for fields, numbers in page.listings.items():
            present = len(outcome.present & numbers.keys())
            self.filled.update(dict.fromkeys(fields.split(), present))

    def note_gone(self, visit: Visit) -> None:
        """A page is not there any more: a sitemap that still vouches for it lies."""
        before = self.memory.lastmod_missed
        self.memory.gone(visit)
        self.lastmod_missed += self.memory.lastmod_missed and not before

    @property
    def lastmod_lied(self) -> bool:
        """Whether the dealer's sitemaps did not tell of a change, now or before."""
        return self.lastmod_missed > 0 or self.memory.lastmod_missed

    def fill(self) -> dict[str, float]:
        """Field → share of the listings seen that have it, three decimals."""
        return {name: round(n / self.seen, 3) for name, n in sorted(self.filled.items()) if n} if self.seen else {}

    def sections_json(self) -> dict[str, dict[str, Any]]:
        """For `crawls.sections`: section → how it was walked."""
        return {
            name: {
                "pages": walk.pages,
                "listings": walk.listings,
                "complete": walk.complete and not self.cut_short,
                "unread": walk.unread,
            }
            for name, walk in self.sections.items()
        }

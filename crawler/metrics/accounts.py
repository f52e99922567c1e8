"""What crawls have counted, added up over all crawls of a process: metrics are read by a thread of their own."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Final

from crawler.tracking.dealer_crawl import DealerCrawl

OUTCOMES: Final = ("new", "changed", "unchanged")


@dataclass(slots=True)
class Account:
    """The counts of a dealer's crawls."""

    pages: Counter[str] = field(default_factory=Counter)
    """fetched (an answer came), unchanged (of those, not read), skipped (not asked for), rendered (by a browser)."""
    failures: Counter[str] = field(default_factory=Counter)
    listings: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    pauses: int = 0
    credits: int = 0

    def take(self, crawl: DealerCrawl) -> Account:
        """Add what a crawl has counted by now. Each count is copied in one step: the crawl goes on meanwhile."""
        pages = self.pages
        pages["fetched"] += crawl.pages
        pages["unchanged"] += crawl.pages_unchanged
        pages["skipped"] += crawl.pages_skipped
        pages["rendered"] += crawl.pages_rendered
        stored = crawl.stored
        for outcome in OUTCOMES:  # zeros as well: a series that begins with 0 shows its first rise
            self.listings[outcome] += stored[outcome]
        for mine, theirs in ((self.failures, crawl.errors), (self.dropped, crawl.dropped)):
            for name, n in list(theirs.items()):
                mine[name] += n
        self.pauses += crawl.pauses
        self.credits += crawl.credits_used
        return self

    def copy(self) -> Account:
        """The same counts, to go on with."""
        return replace(
            self,
            pages=self.pages.copy(),
            failures=self.failures.copy(),
            listings=self.listings.copy(),
            dropped=self.dropped.copy(),
        )


class Accounts:
    """By dealer: what its former crawls of this process counted, and the one that goes on (or went on last)."""

    def __init__(self) -> None:
        self._past: dict[str, Account] = {}
        self._last: dict[str, DealerCrawl] = {}
        self._lock = threading.Lock()

    def began(self, crawl: DealerCrawl) -> None:
        """A dealer's next crawl: the last one's counts are final."""
        name = crawl.dealer.name
        with self._lock:
            if name in self._last:
                self._past.setdefault(name, Account()).take(self._last[name])
            self._last[name] = crawl

    def counted(self, account: DealerCrawl) -> None:
        """What one request gave, where each has an account of its own."""
        with self._lock:
            self._past.setdefault(account.dealer.name, Account()).take(account)

    def totals(self) -> dict[str, tuple[Account, int]]:
        """By dealer: all counts, which never fall, and how many requests and items of it are open now."""
        with self._lock:
            return {
                name: (self._past.get(name, Account()).copy().take(crawl), sum(list(crawl.open.values())))
                for name, crawl in sorted(self._last.items())
            }

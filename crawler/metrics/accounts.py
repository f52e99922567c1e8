"""What crawls have counted, added up over all crawls of a process: metrics are read by a thread of their own."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field

from crawler.tracking.dealer_crawl import DealerCrawl


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

    def __add__(self, other: Account) -> Account:
        return Account(
            pages=_sum(self.pages, other.pages),
            failures=_sum(self.failures, other.failures),
            listings=_sum(self.listings, other.listings),
            dropped=_sum(self.dropped, other.dropped),
            pauses=self.pauses + other.pauses,
            credits=self.credits + other.credits,
        )


def _sum(one: Counter[str], other: Counter[str]) -> Counter[str]:
    """Unlike `+` of counters it keeps zeros: a series that begins with 0 shows its first rise."""
    both = Counter(one)
    both.update(other)
    return both


def account_of(crawl: DealerCrawl) -> Account:
    """What a crawl has counted by now. Copied in one step each: the crawl goes on meanwhile."""
    pages = {
        "fetched": crawl.pages,
        "unchanged": crawl.pages_unchanged,
        "skipped": crawl.pages_skipped,
        "rendered": crawl.pages_rendered,
    }
    stored = dict(crawl.stored)
    return Account(
        pages=Counter(pages),
        failures=Counter(dict(crawl.errors)),
        listings=Counter({outcome: stored.get(outcome, 0) for outcome in ("new", "changed", "unchanged")}),
        dropped=Counter(dict(crawl.dropped)),
        pauses=crawl.pauses,
        credits=crawl.credits_used,
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
                self._past[name] = self._past.get(name, Account()) + account_of(self._last[name])
            self._last[name] = crawl

    def counted(self, account: DealerCrawl) -> None:
        """What one request gave, where each has an account of its own."""
        name = account.dealer.name
        with self._lock:
            self._past[name] = self._past.get(name, Account()) + account_of(account)

    def totals(self) -> dict[str, tuple[Account, int]]:
        """By dealer: all counts, which never fall, and how many requests and items of it are open now."""
        with self._lock:
            return {
                name: (self._past.get(name, Account()) + account_of(crawl), sum(list(crawl.open.values())))
                for name, crawl in sorted(self._last.items())
            }

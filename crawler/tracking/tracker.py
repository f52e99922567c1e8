"""Counts what is still open of each dealer's crawl, so that it closes when its last request and item are done.

A request is followed by its token: opened when it is queued (a redirect or retry keeps its token, so the old one
ends when the replacement's work does), one more for each item it yields, and settled when its callback has ended
and its items are committed or dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count

from crawler.tracking.dealer_crawl import DealerCrawl

HOLD = "start"
"""The token that keeps a crawl open while its first requests are being queued."""


class Tracker:
    """All crawls of a run. `on_done` is told once for each crawl whose last token was settled."""

    def __init__(self, on_done: Callable[[DealerCrawl], None]) -> None:
        self.crawls: dict[str, DealerCrawl] = {}
        self._on_done = on_done
        self._numbers = count(1)

    def begin(self, crawl: DealerCrawl) -> None:
        """Follow a crawl, held open until `release`."""
        self.crawls[crawl.dealer.name] = crawl
        crawl.open[HOLD] = 1

    def resume(self, dealer: str, tokens: Iterable[str]) -> None:
        """Requests with these tokens are queued from an earlier run; new tokens are others."""
        self.crawls[dealer].open |= dict.fromkeys(tokens, 1)
        numbers = [int(token.rpartition(":")[2]) for token in self.crawls[dealer].open if ":" in token]
        self._numbers = count(max([next(self._numbers), *(number + 1 for number in numbers)]))

    def release(self, dealer: str) -> None:
        """The crawl's first requests are queued."""
        self.settled(dealer, HOLD)

    def account(self, dealer: str, token: str | None) -> DealerCrawl:
        """Where what the request of this token gives is counted: in the dealer's crawl."""
        return self.crawls[dealer]

    def opened(self, dealer: str, parent: str | None = None) -> str:
        """A request was queued, which the one of the token `parent` led to: its token."""
        token = f"{dealer}:{next(self._numbers)}"
        self.crawls[dealer].open[token] = 1
        return token

    def item(self, dealer: str, token: str) -> None:
        """The request of this token yielded an item."""
        crawl = self.crawls[dealer]
        if token in crawl.open:
            crawl.open[token] += 1

    def settled(self, dealer: str, token: str) -> None:
        """The callback of this token ended, or one of its items is committed or dropped."""
        crawl = self.crawls[dealer]
        left = crawl.open.get(token, 0) - 1
        if left > 0:
            crawl.open[token] = left
            return
        crawl.open.pop(token, None)
        if not crawl.open and not crawl.ended:
            crawl.ended = True
            self._on_done(crawl)

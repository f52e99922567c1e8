"""Requests in work that several processes share: a token is a lease, with an account of its own.

A lease is done when its callback has ended, each of its items is committed and each of its follow-ups is queued. Only
then is it acknowledged, together with what was counted: what a killed worker counted and did not acknowledge is
counted by whoever does it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from crawler.frontier.account import blank
from crawler.frontier.queue import Lease
from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.tracker import Tracker

CHILD: Final = "+"
"""Before the token of the request that led to this one: it is to be queued."""


@dataclass(slots=True)
class Work:
    """A lease in work. `due`: the event loop's time from which on it may be sent."""

    lease: Lease
    crawl: DealerCrawl
    account: DealerCrawl
    due: float
    open: int = 1
    listings: set[str] = field(default_factory=set)
    """What its page has given so far."""


class SharedTracker(Tracker):
    """`on_settled` is told of each lease that is done."""

    def __init__(self, on_settled: Callable[[Work], None]) -> None:
        super().__init__(lambda crawl: None)
        self._on_settled = on_settled
        self.works: dict[str, Work] = {}
        self._counted = count(1)

    def leased(self, lease: Lease, crawl: DealerCrawl, due: float) -> str:
        """A request is in our hands: its token."""
        token = f"{lease.crawl_id}:{lease.request_id}:{next(self._counted)}"
        self.works[token] = Work(lease, crawl, blank(crawl, lease.asked), due)
        return token

    def taken(self, token: str) -> Work | None:
        """A lease ends in another way than by being done."""
        return self.works.pop(token, None)

    def account(self, dealer: str, token: str | None) -> DealerCrawl:
        """The account of a token's request; of what nobody is working on any more, one that nobody reads."""
        if token is None:
            return self.crawls[dealer]
        work = self.works.get(token.removeprefix(CHILD))
        return work.account if work is not None else blank(self.crawls[dealer])

    def opened(self, dealer: str, parent: str | None = None) -> str:
        """A page led to a request: its page is not done before that is queued."""
        if parent is not None and (work := self.works.get(parent)) is not None:
            work.open += 1
        return f"{CHILD}{parent or ''}"

    def item(self, dealer: str, token: str) -> None:
        """The request of this token yielded an item."""
        if (work := self.works.get(token)) is not None:
            work.open += 1

    def settled(self, dealer: str, token: str) -> None:
        """The callback of this token ended, one of its items is committed or dropped, or a follow-up is queued."""
        token = token.removeprefix(CHILD)
        work = self.works.get(token)
        if work is None:
            return
        work.open -= 1
        if work.open <= 0:
            del self.works[token]
            self._on_settled(work)

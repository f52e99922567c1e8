"""What each page that was read gave, kept until all of its listings have passed the pipelines.

Listings are told apart by the token of their request; a page waits for its last listing, stored or dropped.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from inventory.listing import Listing
from inventory.pages import PageRead, digest, filled_fields
from pipelines.parsing.money import parse_money

KNOWN_ALL_THE_SAME: Final = "seen_twice"
"""A listing dropped for this reason is stored: the page gave it, and may be the only one that gives it tomorrow."""


@dataclass(slots=True)
class _Account:
    listings: dict[str, list[str]] = field(default_factory=dict)
    record: list[tuple[str, str | None]] = field(default_factory=list)
    prices: set[Decimal] = field(default_factory=set)
    dropped: Counter[str] = field(default_factory=Counter)
    broken: bool = False
    page: PageRead | None = None


class PageAccounts:
    """The accounts of the pages that are being read. Each method gives the page back that it completed, if any."""

    def __init__(self) -> None:
        self._open: dict[str, _Account] = {}

    def arrived(self, listing: Listing) -> PageRead | None:
        """A listing goes into the store."""
        if listing.request_token is None or listing.identity_key is None:
            return None
        self._note(self._of(listing.request_token), listing)
        return self._completed(listing.request_token)

    def dropped(self, listing: Listing, reason: str) -> PageRead | None:
        """A pipeline refused a listing."""
        if listing.request_token is None:
            return None
        account = self._of(listing.request_token)
        if reason == KNOWN_ALL_THE_SAME:
            self._note(account, listing)
        else:
            account.dropped[reason] += 1
            account.record.append((reason, listing.url))
        return self._completed(listing.request_token)

    def failed(self, listing: Listing) -> PageRead | None:
        """A pipeline failed on a listing: its page must be read again."""
        if listing.request_token is None:
            return None
        account = self._of(listing.request_token)
        account.broken = True
        account.record.append(("failed", listing.url))
        return self._completed(listing.request_token)

    def read(self, page: PageRead) -> PageRead | None:
        """A page was read to its end, and has given `expected` listings."""
        if page.request_token is None:
            return page
        self._of(page.request_token).page = page
        return self._completed(page.request_token)

    def _of(self, token: str) -> _Account:
        return self._open.setdefault(token, _Account())

    def _note(self, account: _Account, listing: Listing) -> None:
        assert listing.identity_key is not None
        account.listings.setdefault(" ".join(filled_fields(listing)), []).append(listing.identity_key)
        account.record.append((listing.identity_key, listing.content_hash))
        account.prices.update(price for price in (listing.price, listing.regular_price) if price is not None)

    def _completed(self, token: str) -> PageRead | None:
        account = self._open[token]
        page = account.page
        if page is None or len(account.record) < page.expected:
            return None
        del self._open[token]
        page.listings = account.listings
        page.record_hash = digest([sorted(account.record, key=str), sorted(page.dropped.items())])
        page.dropped = dict(Counter(page.dropped) + account.dropped)
        page.broken = page.broken or account.broken
        page.disagrees = contradicts(page.list_price, account.prices) and not page.doubted_before
        return page


def contradicts(list_price: str | None, prices: set[Decimal]) -> bool:
    """Whether a price beside a link is none of those on the page that it leads to; unknown is no contradiction."""
    listed = parse_money(list_price).amount if list_price else None
    return listed is not None and bool(prices) and listed not in prices

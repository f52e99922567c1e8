"""A dealer's pages as crawls remember them: what was read from one, and that one has not changed since.

Both kinds of sighting are items of a crawl like listings, and are stored behind the listings of their page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import orjson

from inventory.listing import BOOKKEEPING, Listing

Kind = Literal["section", "detail"]


@dataclass(slots=True, kw_only=True)
class PageRead:
    """A page that was read whole, with what the next crawl must know of it.

    The spider fills it while it reads; `listings` (names of filled fields → identity keys), `record_hash`,
    `disagrees` and what was `dropped` by the pipelines are filled when all of its listings have passed them.
    """

    dealer: str
    url: str
    """Without secrets."""
    url_hash: str = ""
    """Of the canonical address as it was asked for; without it, of `url`."""
    kind: Kind
    section: str
    reading: str
    etag: str | None = None
    last_modified: str | None = None
    content_hash: str = ""
    list_hash: str = ""
    list_price: str | None = None
    """The price beside its link, as text: compared with the page's own."""
    lastmod: str | None = None
    follows: list[dict[str, Any]] | None = field(default_factory=list)
    """The visits it led to; None: too many to be remembered, so the page is not either."""
    expected: int = 0
    """How many listings the page gave."""

    record_before: str | None = None
    """The `record_hash` that it should still have if its sitemap's `lastmod` is honest; None: nothing to prove."""
    doubted_before: bool = False
    """The list disagreed with it in the same way last time: that is how this dealer is."""

    listings: dict[str, list[str]] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    record_hash: str = ""
    disagrees: bool = False
    broken: bool = False
    """A listing of it was lost to a bug of ours, or it was not read to its end: it must be read again."""

    crawl_id: int | None = None
    request_token: str | None = None

    @property
    def lastmod_missed(self) -> bool:
        """Whether the page changed and its sitemap's `lastmod` did not tell."""
        return self.record_before is not None and self.record_before != self.record_hash


@dataclass(slots=True, kw_only=True)
class PageUnchanged:
    """A page that still is as it was read: its listings count as seen without being read again."""

    dealer: str
    url: str
    section: str
    page_id: int
    listings: dict[str, dict[int, str]]
    """Names of filled fields (with a blank between) → listing id → identity key."""
    dropped: Mapping[str, int] = field(default_factory=dict)
    lastmod: str | None = None
    proves_lastmod: bool = False
    skipped: bool = False
    """Nobody asked for it: its sitemap says that it has not changed, and is believed."""
    seen_twice: int = 0
    """Listings left out because this crawl has seen them elsewhere."""

    crawl_id: int | None = None
    request_token: str | None = None

    @property
    def listing_ids(self) -> list[int]:
        """Its listings, those seen elsewhere left out."""
        return [listing_id for group in self.listings.values() for listing_id in group]


PageSeen = PageRead | PageUnchanged
CrawlItem = Listing | PageRead | PageUnchanged
"""What a crawl hands to the pipelines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPage:
    """A remembered page that may be relied on: all its listings are stored, and nothing of them is in question."""

    page_id: int
    section: str
    etag: str | None
    last_modified: str | None
    content_hash: str
    record_hash: str
    list_hash: str
    disagrees: bool
    lastmod: str | None
    fetched_at: datetime
    listings: Mapping[str, list[int]]
    dropped: Mapping[str, int]
    leads_on: bool
    """Whether it led to further pages; they are kept in the database until they are wanted."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """What is remembered of a dealer: its pages by `url_hash`, its listings' identity keys, how honest `lastmod` is."""

    pages: Mapping[str, KnownPage] = field(default_factory=dict)
    identity: Mapping[int, str] = field(default_factory=dict)
    lastmod_proofs: int = 0
    lastmod_missed: bool = False


def digest(value: bytes | Any) -> str:
    """32 hex digits of bytes, or of a JSON value."""
    packed = value if isinstance(value, bytes) else orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(packed, digest_size=16).hexdigest()


def filled_fields(listing: Listing) -> list[str]:
    """The fields of a listing that say something, bookkeeping aside."""
    return [
        name for name, value in listing.as_dict().items() if value not in (None, [], {}) and name not in BOOKKEEPING
    ]

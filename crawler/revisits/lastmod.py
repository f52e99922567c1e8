"""When a sitemap's `lastmod` may be believed. Pure.

It orders the work. A page is left out on its word alone only after three healthy crawls in which every page whose
`lastmod` had not moved proved unchanged; then a twentieth of those pages is asked for all the same, another one in
each crawl, and a single change that `lastmod` did not tell of ends the trust.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from inventory.pages import digest

PROOFS_WANTED: Final = 3
"""Healthy crawls without a miss before `lastmod` is believed."""

SAMPLE: Final = 20
"""One page in so many is asked for although `lastmod` says that it has not changed: 5 %."""

MARGIN: Final = timedelta(hours=1)
"""How far a dealer's clock may be from ours."""

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_ZONES: Final = timedelta(hours=14)
"""A time without a zone may be anybody's."""


def is_believed(proofs: int, missed: bool) -> bool:
    """Whether pages may be left out on the word of a dealer's sitemaps."""
    return proofs >= PROOFS_WANTED and not missed


def vouches(then: str | None, now: str | None, fetched_at: datetime) -> bool:
    """Whether `lastmod` says that a page fetched at that time has not changed since.

    It must be what it was then, and a later change must have moved it: a date alone cannot tell of a change on the
    day of the visit.
    """
    if then is None or then != now:
        return False
    latest = latest_change(then)
    return latest is not None and latest + MARGIN < fetched_at


def latest_change(lastmod: str) -> datetime | None:
    """The last moment that a W3C date or time may mean; None for what is neither (a year or month tells too little)."""
    try:
        found = datetime.fromisoformat(lastmod.strip())
    except ValueError:
        return None
    resolution = timedelta(days=1) if _DAY.fullmatch(lastmod.strip()) else timedelta(minutes=1)
    try:
        if found.tzinfo is None:
            return found.replace(tzinfo=UTC) + _ZONES + resolution
        return found.astimezone(UTC) + resolution
    except OverflowError:
        return None


def in_sample(url_hash: str, crawl_id: int) -> bool:
    """Whether a page is among the twentieth that this crawl asks for all the same."""
    return int(digest(f"{crawl_id} {url_hash}".encode()), 16) % SAMPLE == 0

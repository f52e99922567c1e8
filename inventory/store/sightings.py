"""In which order what was seen is taken. Pure.

A crawl sees now. An ingested listing may say when it was observed (`observed_at`), and a file may tell of one listing
many times: its observations are stored one after the other, by their time. What is older than the last that is known
of a listing never overwrites it and makes no event: it only widens the time in which the listing is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from inventory.listing import Listing

Name = tuple[str, str]
"""(dealer, identity_key)"""

_NOW: Final = datetime.max.replace(tzinfo=UTC)


def rounds(batch: Sequence[Listing]) -> tuple[list[dict[Name, Listing]], list[Listing]]:
    """A batch as rounds that hold each listing once, to be stored one after the other; and those left out.

    Left out are sights of a listing at the same time: the one read last counts.
    """
    sights: dict[Name, dict[datetime, Listing]] = {}
    left_out: list[Listing] = []
    for listing in batch:
        assert listing.identity_key is not None
        times = sights.setdefault((listing.dealer, listing.identity_key), {})
        when = listing.observed_at or _NOW
        if when in times:
            left_out.append(times[when])
        times[when] = listing
    parted: list[dict[Name, Listing]] = []
    for name, times in sights.items():
        for number, when in enumerate(sorted(times)):
            if number == len(parted):
                parted.append({})
            parted[number][name] = times[when]
    return parted, left_out


def is_late(stored: Mapping[str, Any], listing: Listing) -> bool:
    """Whether a newer sight of the listing, or that it is gone, is known already."""
    when = listing.observed_at
    if when is None:
        return False
    gone_at = stored["gone_at"] if stored["status"] == "gone" else None
    return bool(when < stored["last_seen"] or (gone_at is not None and when < gone_at))


def widened(stored: Mapping[str, Any], listing: Listing) -> dict[str, datetime]:
    """What a late observation changes: `first_seen` and `last_seen`."""
    when = listing.observed_at
    assert when is not None
    return {"first_seen": min(stored["first_seen"], when), "last_seen": max(stored["last_seen"], when)}

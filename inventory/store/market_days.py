"""How long something is on the market. Pure.

A listing's days begin again when it is relisted. A unit's go on: over all its listings, and over gaps in which nobody
offered it, up to 180 days; the days of such a gap count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from inventory.store.replay import PastEvent

SAME_STAY: Final = timedelta(days=180)
"""A unit that comes back within this time was on the market all along."""

_BEGIN: Final = frozenset({"listed", "relisted"})
_END: Final = frozenset({"delisted", "sold_marked"})


class Offered(NamedTuple):
    """A time in which a listing was on offer; `end` is None while it is."""

    start: datetime
    end: datetime | None


def times_offered(history: Iterable[PastEvent], first_seen: datetime | None = None) -> list[Offered]:
    """The times in which a listing was on offer, oldest first.

    `history` has the events of one listing in any order; kinds that neither begin nor end a time are passed over.
    `first_seen` may be before the first event, where an older observation came later. A time ends when the listing was
    marked as sold or judged gone; one that was sold when first seen was on offer for no time.
    """
    found: list[Offered] = []
    for event in sorted(history, key=lambda event: event.id):
        going_on = bool(found) and found[-1].end is None
        if event.kind in _BEGIN and not going_on:
            begun = min(event.at, first_seen) if first_seen and not found else event.at
            sold = event.kind == "listed" and (event.changes or {}).get("price_status") == [None, "sold"]
            found.append(Offered(begun, begun if sold else None))
        elif event.kind in _END and going_on:
            found[-1] = Offered(found[-1].start, max(event.at, found[-1].start))
    return found


def listing_days(offered: Sequence[Offered], now: datetime) -> int | None:
    """Whole days of a listing's last time on offer, until now or its end; None where it never was."""
    if not offered:
        return None
    return _days(offered[-1], now)


def unit_days(offered: Iterable[Sequence[Offered]], now: datetime) -> int | None:
    """Whole days of a unit's last stay on the market, of the times of each of its listings; None where it never was.

    A stay goes on while the next offer begins at most 180 days after all before it have ended.
    """
    stay: Offered | None = None
    for time in sorted((time for times in offered for time in times), key=lambda time: time.start):
        if stay is None or (stay.end is not None and time.start - stay.end > SAME_STAY):
            stay = time
        elif stay.end is not None:
            stay = Offered(stay.start, None if time.end is None else max(stay.end, time.end))
    return None if stay is None else _days(stay, now)


def _days(time: Offered, now: datetime) -> int:
    return max((time.end or now) - time.start, timedelta(0)).days

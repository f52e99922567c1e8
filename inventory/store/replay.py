"""The stock of a past day, rebuilt from events. Pure.

What comes back is what dealers said: the scalar fields of a listing, and its `status`. Left out is what makes no
event: fields that inference writes (`INFERRED`) and those whose change is no news (`QUIET`: ratings, confidences, the
section). A value that newer rules read otherwise from a text that has not changed is no dealer's word either, and
shows only beside the dealer's next change of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from inventory.columns import Money
from inventory.listing import INFERRED
from inventory.store.history import QUIET
from inventory.store.merge import STORED_FIELDS
from inventory.tables import listings

REPLAYED: Final = tuple(name for name in STORED_FIELDS if name not in INFERRED | QUIET)
"""The fields that events suffice to rebuild."""

_MONEY: Final = frozenset(name for name in REPLAYED if isinstance(listings.c[name].type, Money))


class PastEvent(NamedTuple):
    """A row of `events`."""

    id: int
    listing_id: int
    at: datetime
    kind: str
    changes: Mapping[str, Any] | None


def stock_at(events: Iterable[PastEvent], at: datetime) -> dict[int, dict[str, Any]]:
    """Each listing that was known at a time: its id → the fields in `REPLAYED`, and `status`.

    `events` are all events of the listings asked for, in any order. Sold and gone listings are among the result: what
    was on offer has the status `active`.
    """
    stock: dict[int, dict[str, Any]] = {}
    for event in sorted((event for event in events if event.at <= at), key=lambda event: event.id):
        if event.kind == "listed":
            stock[event.listing_id] = dict.fromkeys(REPLAYED)
        known = stock.get(event.listing_id)
        if known is None:
            continue  # its beginning was not given
        changes = event.changes or {}
        known.update({name: _typed(name, change[1]) for name, change in changes.items() if name in REPLAYED})
        if event.kind == "listed":
            known["status"] = "sold" if known["price_status"] == "sold" else "active"
        if "status" in changes:
            known["status"] = changes["status"][1]
    return stock


def _typed(name: str, value: Any) -> Any:
    return round(Decimal(value), 2) if name in _MONEY and value is not None else value

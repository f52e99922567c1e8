"""Adds listings that are not stored yet: their rows, details and first events, and a unit for each.

Most stay alone in their unit. So it is made before: a listing that is given its unit later is written twice, with an
entry in each of its table's indexes. Linking takes away the units of those that belong to another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from inventory.listing import Listing
from inventory.store.candidates import new_candidate
from inventory.store.corrections import Corrected, Corrections
from inventory.store.history import first_event
from inventory.store.listing_rows import Key, bookkeeping, event_row, status_of
from inventory.store.many_rows import insert_in_order, next_ids
from inventory.store.matching import Candidate
from inventory.store.merge import DETAIL_FIELDS, values_of
from inventory.tables import events, listing_details, listings, units

_UNCORRECTED: Final = Corrected()


@dataclass(slots=True)
class _New:
    """A listing to be added, under its new ids."""

    id: int
    unit_id: int
    entry: tuple[Key, Listing]
    now: datetime
    values: dict[str, Any] = field(default_factory=dict)
    """Its columns as its source has them: known once its row is made."""
    corrected: Corrected = _UNCORRECTED

    @property
    def listing(self) -> Listing:
        return self.entry[1]

    @property
    def seen(self) -> datetime:
        return self.entry[1].observed_at or self.now


def add(
    connection: Connection,
    new: Mapping[Key, Listing],
    known: Corrections,
    meet: Callable[[Candidate], None],
    now: datetime,
) -> None:
    """Store listings that are not stored yet; `meet` gets each as the rules of identity look at it.

    Each begins with the event `listed`, which has all that is known of it. Where another writer adds one of them
    meanwhile, the database refuses all. `meet` is called while the database is at work, and may not use the connection.
    """
    if not new:
        return
    ids, unit_ids = next_ids(connection, listings, len(new)), next_ids(connection, units, len(new))
    ordered = sorted(new.items(), key=lambda entry: entry[0])
    made = [_New(*entry, now) for entry in zip(ids, unit_ids, ordered, strict=True)]
    parts = (
        (units, (_unit_row(one, now) for one in made)),
        (listings, (_row(one, known) for one in made)),
        (listing_details, map(_detail_row, made)),
        (events, _first_events(made, meet, now)),
    )
    insert_in_order(connection, parts)


def _details(listing: Listing) -> dict[str, Any]:
    return {name: getattr(listing, name) for name in DETAIL_FIELDS}


def _row(one: _New, known: Corrections) -> dict[str, Any]:
    (dealer_id, identity_key), listing = one.entry
    one.values = values_of(listing)
    if known.bears(listing.dealer, identity_key):
        said = one.values | _details(listing) | {"serial_key": listing.serial_key}
        one.corrected = known.over(listing.dealer, identity_key, said)
    seen = one.seen
    own = {
        "id": one.id,
        "unit_id": one.unit_id,
        "dealer_id": dealer_id,
        "identity_key": identity_key,
        "first_seen": seen,
        "last_seen": seen,
        "last_changed": seen,
        "status": status_of(listing),
    }
    return own | one.values | bookkeeping(listing) | one.corrected.columns_of(listings)


def _unit_row(one: _New, now: datetime) -> dict[str, Any]:
    return {
        "id": one.unit_id,
        "vertical": one.listing.vertical,
        "created_at": now,
        "listing_id": one.id,
        "listings_count": 1,
        "dealers_count": 1,
        "first_seen": one.seen,
        "last_seen": one.seen,
        "status": status_of(one.listing),
    }


def _detail_row(one: _New) -> dict[str, Any]:
    return {"listing_id": one.id} | _details(one.listing) | one.corrected.columns_of(listing_details)


def _first_events(made: Iterable[_New], meet: Callable[[Candidate], None], now: datetime) -> Iterator[dict[str, Any]]:
    for one in made:
        yield event_row(one.id, one.listing, first_event(one.values), now)
        meet(new_candidate(one.id, one.unit_id, one.listing, one.values, one.corrected.values, one.seen))

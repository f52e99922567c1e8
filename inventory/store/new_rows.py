"""Adds listings that are not stored yet: their rows, details and first events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from inventory.listing import Listing
from inventory.store.corrections import Corrections
from inventory.store.history import first_event
from inventory.store.listing_rows import Key, bookkeeping, event_row, status_of
from inventory.store.many_rows import insert_rows
from inventory.store.merge import DETAIL_FIELDS, values_of
from inventory.tables import events, listing_details, listings

_UNIQUE = ("dealer_id", "identity_key")


def add(connection: Connection, new: Mapping[Key, Listing], known: Corrections, now: datetime) -> dict[Key, int]:
    """Store listings; the ids of those that another writer has not added meanwhile.

    Each begins with the event `listed`, which has all that is known of it.
    """
    if not new:
        return {}
    rows, wide, history = [], {}, {}
    for key, listing in sorted(new.items(), key=lambda entry: entry[0]):
        seen = listing.observed_at or now
        values = values_of(listing)
        details = {name: getattr(listing, name) for name in DETAIL_FIELDS}
        corrected = known.over(listing.dealer, key[1], {**values, **details, "serial_key": listing.serial_key})
        rows.append(
            values
            | bookkeeping(listing)
            | {
                "dealer_id": key[0],
                "identity_key": key[1],
                "first_seen": seen,
                "last_seen": seen,
                "last_changed": seen,
                "status": status_of(listing),
            }
            | corrected.columns_of(listings)
        )
        wide[key] = details | corrected.columns_of(listing_details)
        history[key] = first_event(values)
    found = insert_rows(connection, listings, rows, unless=_UNIQUE, returning=("id", *_UNIQUE))
    ids = {(dealer_id, key): listing_id for listing_id, dealer_id, key in found}
    insert_rows(connection, listing_details, [{"listing_id": ids[key]} | wide[key] for key in wide if key in ids])
    insert_rows(
        connection, events, [event_row(ids[key], new[key], event, now) for key, event in history.items() if key in ids]
    )
    return ids

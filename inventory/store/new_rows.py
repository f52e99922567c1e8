"""Adds listings that are not stored yet: their rows, details and first events, and a unit for each.

Most stay alone in their unit. So it is made before: a listing that is given its unit later is written twice, with an
entry in each of its table's indexes. Linking takes away the units of those that belong to another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete

from inventory.listing import Listing
from inventory.store.corrections import Corrections
from inventory.store.dialect import within
from inventory.store.history import first_event
from inventory.store.listing_rows import Key, bookkeeping, event_row, status_of
from inventory.store.many_rows import insert_rows, next_ids
from inventory.store.merge import DETAIL_FIELDS, values_of
from inventory.tables import events, listing_details, listings, units

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
    ids = _insert(connection, rows, now)
    insert_rows(connection, listing_details, [{"listing_id": ids[key]} | wide[key] for key in wide if key in ids])
    insert_rows(
        connection, events, [event_row(ids[key], new[key], event, now) for key, event in history.items() if key in ids]
    )
    return ids


def _insert(connection: Connection, rows: Sequence[dict[str, Any]], now: datetime) -> dict[Key, int]:
    """The rows with a unit each; key → id of those that are not there already."""
    unit_ids = next_ids(connection, units, len(rows))
    for listing_id, unit_id, row in zip(next_ids(connection, listings, len(rows)), unit_ids, rows, strict=True):
        row.update(id=listing_id, unit_id=unit_id)
    insert_rows(connection, units, [_unit_of(row, now) for row in rows])
    added = insert_rows(connection, listings, rows, unless=_UNIQUE, returning=("id", "unit_id", *_UNIQUE))
    if without := set(unit_ids) - {row.unit_id for row in added}:
        connection.execute(delete(units).where(within(connection, units.c.id, without)))
    return {(row.dealer_id, row.identity_key): row.id for row in added}


def _unit_of(row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    same = {name: row[name] for name in ("vertical", "first_seen", "last_seen", "status")}
    return {
        **same, "id": row["unit_id"], "created_at": now, "listing_id": row["id"], "listings_count": 1,
        "dealers_count": 1,
    }  # fmt: skip

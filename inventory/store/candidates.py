"""Stored listings as the rules of identity look at them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, select

from inventory.listing import Listing
from inventory.store.crowds import counted
from inventory.store.dialect import within
from inventory.store.listing_rows import status_of
from inventory.store.matching import Candidate, Matching
from inventory.tables import dealers, listing_details, listings

_OF_LISTING: Final = tuple(
    field.name for field in fields(Candidate) if field.name not in ("listing_id", "name", "breed_sizes", "crowd")
)
"""In the order of a candidate's fields: `breed_sizes` and `crowd` are its last."""
_VALUES_OF: Final = itemgetter(*_OF_LISTING)
_COLUMNS: Final = (
    listings.c.id,
    dealers.c.name,
    listings.c.identity_key,
    listing_details.c.breed_sizes,
    *(listings.c[name] for name in _OF_LISTING),
)
_SOURCE: Final = listings.join(dealers).outerjoin(
    listing_details, and_(listing_details.c.listing_id == listings.c.id, listings.c.vertical == "dog")
)


def candidates(connection: Connection, ids: Collection[int]) -> dict[int, Candidate]:
    """The listings of these ids, by id."""
    if not ids:
        return {}
    query = select(*_COLUMNS).select_from(_SOURCE).where(within(connection, listings.c.id, ids))
    return {row[0]: _candidate(row) for row in connection.execute(query).all()}


def read_missing(connection: Connection, known: dict[int, Candidate], ids: Iterable[int], matching: Matching) -> None:
    """Add those of these listings that are not known yet, with their crowds: all keys are written by now."""
    if missing := [listing_id for listing_id in ids if listing_id not in known]:
        known |= counted(connection, candidates(connection, missing), matching)


def new_candidate(
    listing_id: int,
    unit_id: int,
    listing: Listing,
    values: Mapping[str, Any],
    corrected: Mapping[str, Any],
    seen: datetime,
) -> Candidate:
    """A listing that is being stored, as it would be read: `values` are its columns as its source has them, laid over
    by what is `corrected`, and `seen` is when it was."""
    said = {
        **values,
        "unit_id": unit_id,
        "status": status_of(listing),
        "first_seen": seen,
        "last_seen": seen,
        "gone_at": None,
        "serial_key": listing.serial_key,
        "breed_sizes": listing.breed_sizes,
        **corrected,
    }
    sizes = said["breed_sizes"] if listing.vertical == "dog" else None
    breed_sizes = tuple(sizes) if isinstance(sizes, list) else None
    return Candidate(*(listing_id, (listing.dealer, listing.identity_key), *_VALUES_OF(said), breed_sizes))


def _candidate(row: Row[Any]) -> Candidate:
    listing_id, dealer, identity_key, sizes, *values = tuple(row)
    breed_sizes = tuple(sizes) if isinstance(sizes, list) else None
    return Candidate(*(listing_id, (dealer, identity_key), *values, breed_sizes))

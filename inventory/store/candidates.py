"""Stored listings as the rules of identity look at them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, select

from inventory.store.crowds import counted
from inventory.store.dialect import within
from inventory.store.matching import Candidate, Matching
from inventory.tables import dealers, listing_details, listings

_OF_LISTING: Final = tuple(
    field.name for field in fields(Candidate) if field.name not in ("listing_id", "name", "breed_sizes", "crowd")
)
"""In the order of a candidate's fields: `breed_sizes` and `crowd` are its last."""
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


def candidates(connection: Connection, ids: Iterable[int]) -> dict[int, Candidate]:
    """The listings of these ids, by id."""
    query = select(*_COLUMNS).select_from(_SOURCE).where(within(connection, listings.c.id, ids))
    return {row[0]: _candidate(row) for row in connection.execute(query)}


def read_missing(connection: Connection, known: dict[int, Candidate], ids: Iterable[int], matching: Matching) -> None:
    """Add those of these listings that are not known yet, with their crowds: all keys are written by now."""
    if missing := [listing_id for listing_id in ids if listing_id not in known]:
        known |= counted(connection, candidates(connection, missing), matching)


def _candidate(row: Row[Any]) -> Candidate:
    listing_id, dealer, identity_key, sizes, *values = tuple(row)
    breed_sizes = tuple(sizes) if isinstance(sizes, list) else None
    return Candidate(*(listing_id, (dealer, identity_key), *values, breed_sizes))

"""Stores a batch of listings in one transaction: new, changed, unchanged; events; unit links.

An unchanged listing (equal content hash) costs one comparison and one touch of `last_seen`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from inventory.engine import said
from inventory.listing import Listing
from inventory.store.changed_rows import TOUCH, bring_up_to_date
from inventory.store.corrections import Correct, in_force, name_of
from inventory.store.dialect import REFUSALS, is_of_a_row
from inventory.store.listing_rows import Key
from inventory.store.many_rows import are_among
from inventory.store.matching import Candidate, Matching
from inventory.store.new_rows import add
from inventory.store.renamed import renamed
from inventory.store.sightings import rounds
from inventory.store.turns import in_turn
from inventory.store.uncollected import uncollected
from inventory.store.units import Fresh, link
from inventory.tables import dealers, listings


@dataclass(slots=True)
class Stored:
    """What became of a batch: one word a listing (`new`, `changed`, `unchanged`, `again`), or why it was refused."""

    outcomes: list[tuple[Listing, str]] = field(default_factory=list)
    refused: list[tuple[Listing, str]] = field(default_factory=list)


class UnknownDealer(LookupError):
    """A listing names a dealer that is not in the `dealers` table."""


def store(
    engine: Engine,
    batch: Sequence[Listing],
    matching: Matching,
    now: Callable[[], datetime],
    correct: Correct | None = None,
) -> Stored:
    """Store a batch; a listing that the database refuses is left out with its reason and the others are stored.

    `correct` applies what people know better; without it a listing that is corrected raises `NoRules`.
    Raises SQLAlchemy's `OperationalError` where the database is out of reach or full: nothing of the batch is
    stored then, and it may be tried again.
    """
    try:
        with uncollected():
            return Stored(in_turn(engine, lambda connection: _store(connection, batch, matching, now(), correct)))
    except REFUSALS as error:
        if not is_of_a_row(error):
            raise
        if len(batch) == 1:
            return Stored(refused=[(batch[0], said(error))])
    half = len(batch) // 2
    first, second = (store(engine, part, matching, now, correct) for part in (batch[:half], batch[half:]))
    return Stored(first.outcomes + second.outcomes, first.refused + second.refused)


def _store(
    connection: Connection, batch: Sequence[Listing], matching: Matching, now: datetime, correct: Correct | None
) -> list[tuple[Listing, str]]:
    known = in_force(connection, {name_of(listing.dealer, listing.identity_key) for listing in batch}, correct)
    ids = _dealer_ids(connection, {listing.dealer for listing in batch})
    parts, left_out = rounds(batch)
    outcomes = [(listing, "again") for listing in left_out]
    to_link: set[int] = set()
    fresh: dict[int, Fresh] = {}

    def meet(one: Candidate) -> None:
        fresh[one.listing_id] = Fresh(one, tuple(matching.keys_of(one)))
        to_link.add(one.listing_id)

    for part in parts:
        wanted = {(ids[dealer], key): listing for (dealer, key), listing in part.items()}
        rows = _stored_rows(connection, wanted)
        unknown = {key: listing for key, listing in wanted.items() if key not in rows}
        rows |= renamed(connection, unknown, rows.keys(), TOUCH, now) if unknown else {}
        old = {key: listing for key, listing in wanted.items() if key in rows}
        for row in rows.values():
            fresh.pop(row["id"], None)  # it was new a round ago, and is otherwise now
        outcomes += bring_up_to_date(connection, old, rows, known, to_link, now)
        new = {key: listing for key, listing in wanted.items() if key not in rows}
        add(connection, new, known, meet, now)
        outcomes += [(listing, "new") for listing in new.values()]
    link(connection, to_link, matching, now, fresh)
    return outcomes


def _dealer_ids(connection: Connection, names: set[str]) -> dict[str, int]:
    query = select(dealers.c.name, dealers.c.id).where(dealers.c.name.in_(names))
    ids: dict[str, int] = dict(connection.execute(query).all())
    if unknown := names - ids.keys():
        raise UnknownDealer(f"no such dealer in the database: {', '.join(sorted(unknown))}")
    return ids


def _stored_rows(connection: Connection, wanted: Iterable[Key]) -> dict[Key, Mapping[str, Any]]:
    """What tells whether a listing changed, by key; the rows are locked until the end."""
    key = (listings.c.dealer_id, listings.c.identity_key)
    query = select(listings.c.dealer_id, *TOUCH).where(are_among(connection, key, wanted))
    locked = query.order_by(*key).with_for_update(of=listings)  # in one order in every writer, against deadlocks
    return {(row["dealer_id"], row["identity_key"]): dict(row) for row in connection.execute(locked).mappings()}

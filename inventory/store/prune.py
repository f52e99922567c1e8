"""What is long gone is taken away: whole units that nobody has offered since a day, and what only their rows named.

A unit goes with all its listings and all that belongs to them (details, events, links, keys, pairs, words), or stays
with all of them: how long it was on the market, and the stock of each day since, are told by the events of all. So
every question about a day since then has the same answer as before, except that what was gone by then is not counted.
Besides, what is remembered of pages that were last seen before, and requests that failed before. Crawls stay: they are
small, and tell in which weeks a dealer was seen well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, delete, exists, func, insert, select

from inventory.store.dialect import within
from inventory.store.turns import in_turn
from inventory.tables import events, failures, listings, pages, prunings, units

BATCH_ROWS: Final = 500
_AGE: Final = re.compile(r"([0-9]{1,5})(d|w|y)")
_DAYS: Final = {"d": 1, "w": 7, "y": 365}

What = Literal["units", "listings", "events", "pages", "failures"]
WHATS: Final[tuple[What, ...]] = ("units", "listings", "events", "pages", "failures")


@dataclass(frozen=True, slots=True)
class Pruned:
    """So many rows of a kind are gone, or would go."""

    what: What
    rows: int


def age_of(text: str) -> timedelta:
    """`730d`, `104w`, `2y` (of 365 days) → how long that is. Raises `ValueError` for anything else, or for nothing."""
    found = _AGE.fullmatch(text)
    if found is None or not int(found[1]):
        raise ValueError(f"{text!r} is not an age such as 730d, 104w or 2y")
    return timedelta(days=int(found[1]) * _DAYS[found[2]])


def count_old(engine: Engine, before: datetime) -> dict[What, int]:
    """How many rows of each kind `prune` would take away."""
    old = _old_units(before).subquery()
    of_old = select(listings.c.id).where(listings.c.unit_id.in_(select(old.c.id)))
    single = select(listings.c.id).where(_alone(before))
    ids = of_old.union_all(single).subquery()
    queries: dict[What, Select[Any]] = {
        "units": select(func.count()).select_from(old),
        "listings": select(func.count()).select_from(ids),
        "events": select(func.count()).select_from(events).where(events.c.listing_id.in_(select(ids.c.id))),
        "pages": select(func.count()).select_from(pages).where(pages.c.seen_at < before),
        "failures": select(func.count()).select_from(failures).where(failures.c.last_at < before),
    }
    with engine.connect() as connection:
        return {what: connection.execute(query).scalar_one() for what, query in queries.items()}


def prune(
    engine: Engine, before: datetime, *, rows: int = BATCH_ROWS, tried: Callable[..., Any] | None = None
) -> Iterator[Pruned]:
    """Take away what is old, batch by batch; each is committed when it is told. Broken off, it is run again.

    `tried` calls a function of the database and may call it again.
    """
    attempt = tried or (lambda call, *arguments: call(*arguments))
    for batch in (_units, _listings, _pages, _failures):
        after = 0
        while True:
            told, last = attempt(in_turn, engine, partial(batch, before=before, after=after, rows=rows))
            if last is None:
                break
            yield from (one for one in told if one.rows)
            after = last


Batch = tuple[list[Pruned], int | None]
"""What went, and the last id that was looked at; None where none is left."""


def _units(connection: Connection, before: datetime, after: int, rows: int) -> Batch:
    query = _old_units(before).where(units.c.id > after).order_by(units.c.id).limit(rows)
    ids = connection.execute(query).scalars().all()
    if not ids:
        return [], None
    locked = select(listings.c.id).where(within(connection, listings.c.unit_id, ids))
    # In the order in which crawls lock them, against deadlocks; what was seen meanwhile stays with its unit.
    connection.execute(locked.order_by(listings.c.dealer_id, listings.c.identity_key).with_for_update()).all()
    still = connection.execute(_old_units(before).where(within(connection, units.c.id, ids))).scalars().all()
    of_units = connection.execute(select(listings.c.id).where(within(connection, listings.c.unit_id, still)))
    told = _take_away(connection, of_units.scalars().all(), before)
    gone = connection.execute(delete(units).where(within(connection, units.c.id, still))).rowcount
    return [Pruned("units", gone), *told], ids[-1]


def _listings(connection: Connection, before: datetime, after: int, rows: int) -> Batch:
    """Those that were never linked."""
    query = select(listings.c.id).where(_alone(before), listings.c.id > after).order_by(listings.c.id).limit(rows)
    ids = connection.execute(query.with_for_update()).scalars().all()
    return (_take_away(connection, ids, before), ids[-1]) if ids else ([], None)


def _pages(connection: Connection, before: datetime, after: int, rows: int) -> Batch:
    query = select(pages.c.id).where(pages.c.seen_at < before, pages.c.id > after).order_by(pages.c.id).limit(rows)
    ids = connection.execute(query).scalars().all()
    if not ids:
        return [], None
    gone = connection.execute(delete(pages).where(within(connection, pages.c.id, ids))).rowcount
    return [Pruned("pages", gone)], ids[-1]


def _failures(connection: Connection, before: datetime, after: int, rows: int) -> Batch:
    old = select(failures.c.id).where(failures.c.last_at < before, failures.c.id > after)
    ids = connection.execute(old.order_by(failures.c.id).limit(rows)).scalars().all()
    if not ids:
        return [], None
    gone = connection.execute(delete(failures).where(within(connection, failures.c.id, ids))).rowcount
    return [Pruned("failures", gone)], ids[-1]


def _take_away(connection: Connection, ids: Sequence[int], before: datetime) -> list[Pruned]:
    """Listings with all that belongs to them, which the database takes along."""
    if ids and not connection.execute(select(exists().where(prunings.c.before >= before))).scalar_one():
        connection.execute(insert(prunings).values(before=before, begun_at=datetime.now(UTC)))
    told = func.count()
    named = connection.execute(select(told).where(within(connection, events.c.listing_id, ids))).scalar_one()
    rows = connection.execute(delete(listings).where(within(connection, listings.c.id, ids))).rowcount
    return [Pruned("listings", rows), Pruned("events", named)]


def _is_old(before: datetime) -> ColumnElement[bool]:
    """Not on offer, and nothing was seen of it or happened to it since."""
    ended = func.coalesce(listings.c.gone_at, listings.c.last_seen)
    return and_(
        listings.c.status != "active", listings.c.last_seen < before, listings.c.last_changed < before, ended < before
    )


def _old_units(before: datetime) -> Select[Any]:
    """Ids of units of which no listing is younger."""
    young = exists().where(listings.c.unit_id == units.c.id, ~_is_old(before))
    return select(units.c.id).where(units.c.status != "active", units.c.last_seen < before, ~young)


def _alone(before: datetime) -> ColumnElement[bool]:
    return and_(listings.c.unit_id.is_(None), _is_old(before))

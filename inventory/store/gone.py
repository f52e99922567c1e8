"""Which listings are gone, when a crawl ends: those that no crawl has seen since several that could have seen them.

Judged per section. A listing counts as missing only from a crawl that was comparable, in its own section, which was
walked to its end with nothing left unread (`crawls.comparable`, and `comparable` in `crawls.sections`; the verdict
on a crawl says so, crawler/tracking). Gone means no longer observed, not sold; a sold listing stays sold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, and_, insert, literal, or_, select, update

from inventory.store.dialect import chunks
from inventory.store.history import events_of
from inventory.store.unit_rows import status_changed
from inventory.tables import crawls, events, listings

HEALTHY_MISSES: Final = 2
"""After so many comparable crawls without it a listing is gone, unless the operator says otherwise (DELIST_AFTER)."""

LOOKED_BACK: Final = 100
"""Comparable crawls among which those of a section are looked for."""

_ON_OFFER: Final = listings.c.status == literal("active", literal_execute=True)  # as the index has it
_GONE: Final = events_of({}, "active", "gone")[0]


class Since(NamedTuple):
    """The crawl since which a listing must have been seen, or is gone."""

    crawl_id: int
    started_at: datetime


def delist(connection: Connection, crawl_id: int, after: int, now: datetime) -> int:
    """Take as gone what this crawl (closed in the same transaction) is the last to miss; how many that are.

    A listing is gone where no crawl and no ingest has seen it since the first of the last `after` comparable crawls
    of its section began.
    """
    dealer_id = connection.execute(select(crawls.c.dealer_id).where(crawls.c.id == crawl_id)).scalar_one()
    query = (
        select(crawls.c.id, crawls.c.started_at, crawls.c.sections)
        .where(crawls.c.dealer_id == dealer_id, crawls.c.id <= crawl_id, crawls.c.comparable)
        .order_by(crawls.c.started_at.desc(), crawls.c.id.desc())
        .limit(LOOKED_BACK)
    )
    limits = seen_since((row._asdict() for row in connection.execute(query)), after)
    missed: dict[str, int] = {}
    for section, since in limits.items():
        missed |= _missed(connection, dealer_id, section, since)
    number = 0
    # In the order in which other writers lock: against deadlocks.
    for chunk in chunks([missed[key] for key in sorted(missed)]):
        number += _take_away(connection, chunk, limits, crawl_id, now)
    return number


def seen_since(newest_first: Iterable[Mapping[str, Any]], after: int) -> dict[str, Since]:
    """Section → the first of its last `after` comparable crawls, for those sections that the newest crawl judges.

    Pure. Each crawl has `id`, `started_at` and `sections` as in the table; the newest is the one that ends now.
    """
    counted: dict[str, int] = {}
    found: dict[str, Since] = {}
    for number, crawl in enumerate(newest_first):
        judged = {name for name, walk in (crawl["sections"] or {}).items() if walk.get("comparable")}
        if number == 0:
            counted = dict.fromkeys(judged, 0)
        for name in judged & counted.keys():
            counted[name] += 1
            if counted[name] == after:
                found[name] = Since(crawl["id"], crawl["started_at"])
    return found


def _missed(connection: Connection, dealer_id: int, section: str, since: Since) -> dict[str, int]:
    """Identity key → id of the listings of a section on offer that were not seen since; read by an index."""
    stored = select(listings.c.identity_key, listings.c.id).where(
        listings.c.dealer_id == dealer_id, listings.c.section == section, _ON_OFFER
    )
    not_by_a_crawl = or_(listings.c.crawl_id < since.crawl_id, listings.c.crawl_id.is_(None))
    query = stored.where(not_by_a_crawl, listings.c.last_seen < since.started_at)
    return {row.identity_key: row.id for row in connection.execute(query)}


def _take_away(
    connection: Connection, ids: Collection[int], limits: Mapping[str, Since], crawl_id: int, now: datetime
) -> int:
    """Mark those as gone that still are missed now that they are locked: an ingest may have seen one meanwhile."""
    query = (
        select(listings.c.id, listings.c.section, listings.c.last_seen)
        .where(and_(listings.c.id.in_(ids), _ON_OFFER))
        .order_by(listings.c.identity_key)
        .with_for_update()
    )
    gone = [
        row.id
        for row in connection.execute(query)
        if row.section in limits and row.last_seen < limits[row.section].started_at
    ]
    if gone:
        away = update(listings).where(listings.c.id.in_(gone))
        connection.execute(away.values(status="gone", gone_at=now, last_changed=now))
        row = {"crawl_id": crawl_id, "at": now, "kind": _GONE.kind, "changes": _GONE.changes}
        connection.execute(insert(events), [row | {"listing_id": listing_id} for listing_id in gone])
        status_changed(connection, gone)
    return len(gone)

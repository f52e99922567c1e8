"""Which unit each group of listings is, and the rows that say so: only what is otherwise than before is written.

A unit keeps its id where most of its listings stay; a unit without listings goes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, exists, select, update

from inventory.store.dialect import within
from inventory.store.many_rows import insert_rows, update_rows, upsert
from inventory.store.matching import Candidate, Judgement
from inventory.store.pairs import plain
from inventory.tables import listings, unit_links, units

_SUMMARY: Final = ("listing_id", "listings_count", "dealers_count", "first_seen", "last_seen", "status")
_LINK: Final = ("unit_id", "method", "score", "evidence")


@dataclass(frozen=True, slots=True)
class Linked:
    """A listing in its group: by which judgement, and with which other listing, it came in."""

    listing: Candidate
    judgement: Judgement
    with_listing: int | None


Members = Sequence[Linked]
"""A group: at least one listing."""


def write_units(connection: Connection, groups: Sequence[Members], now: datetime) -> None:
    """Give each group its unit, write the links, and take away the units that are left without listings."""
    if not groups:
        return
    groups = sorted(groups, key=lambda members: _age(_oldest(members)))
    unit_of = assigned(groups, _held_by_others(connection, groups))
    without = [place for place, unit_id in enumerate(unit_of) if unit_id is None]
    if without:
        rows = [
            {"vertical": groups[place][0].listing.vertical, "created_at": now, **summary(groups[place])}
            for place in without
        ]
        made = {row.listing_id: row.id for row in insert_rows(connection, units, rows, returning=("id", "listing_id"))}
        for place, row in zip(without, rows, strict=True):
            unit_of[place] = made[row["listing_id"]]
    of_group = {unit_id: members for unit_id, members in zip(unit_of, groups, strict=True) if unit_id is not None}
    _write_links(connection, of_group, now)
    left = {
        one.listing.unit_id
        for unit_id, members in of_group.items()
        for one in members
        if one.listing.unit_id not in (None, unit_id)
    }
    _write_summaries(connection, of_group)
    _settle_left(connection, {unit_id for unit_id in left if unit_id is not None} - of_group.keys())


def write_alone(connection: Connection, found: Sequence[Candidate], why: Judgement, now: datetime) -> None:
    """Links of listings that were just added and stay alone: their units are as they should be."""
    link = {"method": why.method, "score": why.score, "evidence": None, "linked_at": now}
    rows = [{"listing_id": one.listing_id, "unit_id": one.unit_id, **link} for one in found]
    insert_rows(connection, unit_links, rows)


def assigned(groups: Sequence[Members], held: Collection[int] = ()) -> list[int | None]:
    """For each group the unit that it keeps, or None. Pure.

    Of the units that its members had, that of most of them, then the oldest; of two groups that had one unit the
    one with more of its listings keeps it, then the first given. `held` are units that nobody here may have.
    """
    claims = []
    for place, members in enumerate(groups):
        had = Counter(one.listing.unit_id for one in members if one.listing.unit_id is not None)
        claims += [(-count, unit_id, place) for unit_id, count in had.items() if unit_id not in held]
    unit_of: list[int | None] = [None] * len(groups)
    taken: set[int] = set()
    for _, unit_id, place in sorted(claims):
        if unit_of[place] is None and unit_id not in taken:
            unit_of[place] = unit_id
            taken.add(unit_id)
    return unit_of


def summary(members: Members) -> dict[str, Any]:
    """What a unit's row says of its listings."""
    found = [one.listing for one in members]
    statuses = {one.status for one in found}
    return {
        "listing_id": _oldest(members).listing_id,
        "listings_count": len(found),
        "dealers_count": len({one.name[0] for one in found}),
        "first_seen": min(one.first_seen for one in found),
        "last_seen": max(one.last_seen for one in found),
        "status": next(status for status in ("active", "sold", "gone") if status in statuses),
    }


def seen_again(connection: Connection, listing_ids: Collection[int], when: datetime) -> None:
    """Units of which a listing was seen again, unchanged."""
    mine = select(listings.c.unit_id).where(within(connection, listings.c.id, listing_ids))
    older = select(units.c.id).where(units.c.id.in_(mine), units.c.last_seen < when)
    # In one order in every writer, against deadlocks; and beside those that only link listings to the unit.
    ids = connection.execute(older.order_by(units.c.id).with_for_update(key_share=True)).scalars().all()
    if ids:
        connection.execute(update(units).where(within(connection, units.c.id, ids)).values(last_seen=when))


def status_changed(connection: Connection, listing_ids: Collection[int]) -> None:
    """Units of which a listing is gone."""
    mine = select(listings.c.unit_id).where(within(connection, listings.c.id, listing_ids))
    ids = connection.execute(
        select(units.c.id).where(units.c.id.in_(mine)).order_by(units.c.id).with_for_update(key_share=True)
    )
    for chosen, status in _by_status(connection, ids.scalars().all()).items():
        connection.execute(update(units).where(within(connection, units.c.id, status)).values(status=chosen))


def _by_status(connection: Connection, unit_ids: Sequence[int]) -> Mapping[str, list[int]]:
    found: dict[int, set[str]] = defaultdict(set)
    query = select(listings.c.unit_id, listings.c.status).where(within(connection, listings.c.unit_id, unit_ids))
    for unit_id, status in connection.execute(query.distinct()):
        found[unit_id].add(status)
    by_status: dict[str, list[int]] = defaultdict(list)
    for unit_id, statuses in found.items():
        by_status[next(status for status in ("active", "sold", "gone") if status in statuses)].append(unit_id)
    return by_status


def _held_by_others(connection: Connection, groups: Sequence[Members]) -> set[int]:
    """Units of which a listing is not among these: it was linked by other rules and is not looked at now."""
    inside = {one.listing.listing_id for members in groups for one in members}
    claimed = {one.listing.unit_id for members in groups for one in members if one.listing.unit_id is not None}
    if not claimed:
        return set()
    query = select(listings.c.id, listings.c.unit_id).where(within(connection, listings.c.unit_id, claimed))
    return {row.unit_id for row in connection.execute(query) if row.id not in inside}


def _write_links(connection: Connection, of_group: Mapping[int, Members], now: datetime) -> None:
    wanted = {
        one.listing.listing_id: {
            "unit_id": unit_id,
            "method": one.judgement.method,
            "score": one.judgement.score,
            "evidence": None
            if one.with_listing is None
            else plain({**one.judgement.evidence, "with_listing": one.with_listing}),
        }
        for unit_id, members in of_group.items()
        for one in members
    }
    linked = [one.listing.listing_id for members in of_group.values() for one in members if one.listing.unit_id]
    query = select(unit_links).where(within(connection, unit_links.c.listing_id, linked))
    stored = {row["listing_id"]: {name: row[name] for name in _LINK} for row in connection.execute(query).mappings()}
    other = [
        {"listing_id": listing_id, **link, "linked_at": now}
        for listing_id, link in sorted(wanted.items())
        if stored.get(listing_id) != link
    ]
    upsert(connection, unit_links, other, ("listing_id",))
    moved = [
        {"id": one.listing.listing_id, "unit_id": unit_id}
        for unit_id, members in of_group.items()
        for one in members
        if one.listing.unit_id != unit_id
    ]
    if moved:
        locked = select(listings.c.id).where(within(connection, listings.c.id, [row["id"] for row in moved]))
        connection.execute(locked.order_by(listings.c.id).with_for_update(key_share=True))
        update_rows(connection, listings, moved, ("id",))


def _write_summaries(connection: Connection, of_group: Mapping[int, Members]) -> None:
    columns = [units.c.id, *(units.c[name] for name in _SUMMARY)]
    known = within(connection, units.c.id, of_group)
    other = []
    for row in connection.execute(select(*columns).where(known)).mappings():
        said = summary(of_group[row["id"]])
        if any(row[name] != said[name] for name in _SUMMARY):
            other.append(row["id"])
    if other:
        locked = select(units.c.id).where(within(connection, units.c.id, other))
        connection.execute(locked.order_by(units.c.id).with_for_update(key_share=True))
        of_other = _read_again(connection, {unit_id: of_group[unit_id] for unit_id in other})
        update_rows(connection, units, [{"id": unit_id} | summary(of_other[unit_id]) for unit_id in other], ("id",))


def _read_again(connection: Connection, of_group: Mapping[int, Members]) -> Mapping[int, Members]:
    """The groups as their listings are now that the units are locked: one may be seen again, or gone, meanwhile."""
    columns = ("status", "first_seen", "last_seen")
    ids = [one.listing.listing_id for members in of_group.values() for one in members]
    query = select(listings.c.id, *(listings.c[name] for name in columns)).where(within(connection, listings.c.id, ids))
    now = {row["id"]: {name: row[name] for name in columns} for row in connection.execute(query).mappings()}
    return {
        unit_id: [replace(one, listing=replace(one.listing, **now[one.listing.listing_id])) for one in members]
        for unit_id, members in of_group.items()
    }


def _settle_left(connection: Connection, unit_ids: Collection[int]) -> None:
    """Units that lost listings and are in no group: without any they go."""
    if unit_ids:
        empty = ~exists().where(listings.c.unit_id == units.c.id)
        connection.execute(delete(units).where(within(connection, units.c.id, unit_ids), empty))


def _oldest(members: Members) -> Candidate:
    return min((one.listing for one in members), key=_age)


def _age(one: Candidate) -> tuple[datetime, tuple[str, str]]:
    return one.first_seen, one.name

"""Links listings to units: one candidate query a batch, the decision by a matcher that the caller brings.

inventory knows how links are stored, pipelines/identity knows who matches whom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Row, bindparam, delete, insert, or_, select, update

from inventory.tables import listings, unit_links, units


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a matcher may look at: a stored listing."""

    listing_id: int
    unit_id: int | None
    dealer_id: int
    vertical: str
    serial_key: str | None
    gtin: str | None
    make: str | None
    brand: str | None
    pack_count: int | None
    net_weight_g: float | None
    offer_type: str
    quantity: int | None


@dataclass(frozen=True, slots=True)
class Match:
    """Why two listings are one thing: the method's name, its score (0–1) and what agreed."""

    method: str
    score: float
    evidence: dict[str, Any]


class Matcher(Protocol):
    """Decides whether two listings offer the same thing; None where they do not, or where it cannot be known."""

    def __call__(self, one: Candidate, other: Candidate) -> Match | None: ...


_COLUMNS = [listings.c.id if name == "listing_id" else listings.c[name] for name in Candidate.__dataclass_fields__]


def link(connection: Connection, listing_ids: Sequence[int], matcher: Matcher, now: datetime) -> None:
    """Give each listing that has none a unit: that of the first match among the stored, else one of its own."""
    if not listing_ids:
        return
    fresh = [_candidate(row) for row in connection.execute(select(*_COLUMNS).where(listings.c.id.in_(listing_ids)))]
    fresh = sorted((one for one in fresh if one.unit_id is None), key=lambda one: one.listing_id)
    known = _blocks(connection, fresh)
    chosen: list[tuple[Candidate, int | None, Match | None]] = []
    for one in fresh:
        found = next(((other, match) for other in known.get(_key(one), []) if (match := matcher(one, other))), None)
        if found is None:
            chosen.append((one, None, None))
        else:
            chosen.append((one, found[0].listing_id, found[1]))
        if _key(one):
            known.setdefault(_key(one), []).append(one)
    _write(connection, chosen, {c.listing_id: c.unit_id for block in known.values() for c in block}, now)


def relink(connection: Connection, listing_ids: Sequence[int], matcher: Matcher, now: datetime) -> None:
    """Link anew those of the listings that stand alone in their unit; a unit left without any goes."""
    if not listing_ids:
        return
    alone = select(unit_links.c.listing_id, unit_links.c.unit_id).where(
        unit_links.c.listing_id.in_(listing_ids), unit_links.c.method == "alone"
    )
    left = {row.listing_id: row.unit_id for row in connection.execute(alone)}
    shared = select(listings.c.unit_id).where(listings.c.unit_id.in_(left.values()), listings.c.id.not_in(left))
    kept = set(connection.execute(shared).scalars())
    free = {listing_id: unit_id for listing_id, unit_id in left.items() if unit_id not in kept}
    if not free:
        return
    connection.execute(delete(unit_links).where(unit_links.c.listing_id.in_(free)))
    connection.execute(update(listings).where(listings.c.id.in_(free)).values(unit_id=None))
    connection.execute(delete(units).where(units.c.id.in_(free.values())))
    link(connection, list(free), matcher, now)


def _key(one: Candidate) -> tuple[str, str] | None:
    """The block in which a listing's twin would be."""
    if one.serial_key:
        return "serial", one.serial_key
    if one.gtin:
        return "gtin", one.gtin
    return None


def _blocks(connection: Connection, fresh: Sequence[Candidate]) -> dict[tuple[str, str] | None, list[Candidate]]:
    serials = {one.serial_key for one in fresh if one.serial_key}
    gtins = {one.gtin for one in fresh if one.gtin and not one.serial_key}
    if not serials and not gtins:
        return {}
    query = (
        select(*_COLUMNS)
        .where(listings.c.unit_id.is_not(None))
        .where(or_(listings.c.serial_key.in_(serials), listings.c.gtin.in_(gtins)))
        .order_by(listings.c.id)
    )
    blocks: dict[tuple[str, str] | None, list[Candidate]] = {}
    for row in connection.execute(query):
        one = _candidate(row)
        if key := _key(one):
            blocks.setdefault(key, []).append(one)
    return blocks


def _write(
    connection: Connection,
    chosen: Sequence[tuple[Candidate, int | None, Match | None]],
    unit_of: dict[int, int | None],
    now: datetime,
) -> None:
    alone = [one for one, partner, _ in chosen if partner is None]
    if alone:
        made = connection.execute(
            insert(units).returning(units.c.id, sort_by_parameter_order=True),
            [{"vertical": one.vertical, "created_at": now} for one in alone],
        ).scalars()
        for one, unit_id in zip(alone, made, strict=True):
            unit_of[one.listing_id] = unit_id
    links = []
    for one, partner, match in chosen:
        if partner is not None:
            unit_of[one.listing_id] = unit_of[partner]
        links.append(
            {
                "listing_id": one.listing_id,
                "unit_id": unit_of[one.listing_id],
                "method": match.method if match else "alone",
                "score": match.score if match else 1.0,
                "evidence": {**match.evidence, "with_listing": partner} if match else None,
                "linked_at": now,
            }
        )
    if links:
        connection.execute(insert(unit_links), links)
        _set_units(connection, [(entry["listing_id"], entry["unit_id"]) for entry in links])


def _set_units(connection: Connection, pairs: Sequence[tuple[Any, Any]]) -> None:
    statement = update(listings).where(listings.c.id == bindparam("b_id")).values(unit_id=bindparam("b_unit"))
    connection.execute(statement, [{"b_id": listing_id, "b_unit": unit_id} for listing_id, unit_id in pairs])


def _candidate(row: Row[Any]) -> Candidate:
    return Candidate(**dict(zip(Candidate.__dataclass_fields__, row, strict=True)))

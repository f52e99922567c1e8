"""One listing with everything that is known of it. Pure: id → SELECT."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select, func, select

from api.queries.numbers import among
from api.resources import EVENTS, LISTINGS
from api.rows import read_as
from inventory.tables import events, listings, unit_links

MOST_EVENTS: Final = 1000


def whole_listing(listing_id: int, dialect: str) -> Select[Any]:
    """All its columns, the wide ones too."""
    columns = LISTINGS.columns.values()
    return (
        select(*(read_as(column, dialect) for column in columns))
        .select_from(LISTINGS.tables_for(columns))
        .where(listings.c.id == listing_id)
    )


def known_listing(listing_id: int) -> Select[Any]:
    """Its id, if there is such a listing."""
    return select(listings.c.id).where(listings.c.id == listing_id)


def newest_events(listing_id: int, dialect: str) -> Select[Any]:
    """Its events, newest first."""
    return (
        select(*(read_as(column, dialect) for column in EVENTS.values()))
        .where(events.c.listing_id == listing_id)
        .order_by(events.c.at.desc(), events.c.id.desc())
    )


UNIT_LINK: Final = ("unit_id", "method", "score", "evidence", "linked_at", "listings")


def unit_link(listing_ids: Any) -> Select[Any]:
    """Why each is taken to be a unit, and how many listings that unit has, as `UNIT_LINK` names them."""
    others = select(func.count()).where(listings.c.unit_id == unit_links.c.unit_id).scalar_subquery()
    columns = unit_links.c
    return select(
        columns.unit_id, columns.method, columns.score, columns.evidence, columns.linked_at, others.label("listings")
    ).where(among(columns.listing_id, listing_ids))

"""What the front page counts. Pure."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select, func, select

from inventory.tables import crawls, dealers, listings

LAST_CRAWLS: Final = 12


def stock() -> Select[Any]:
    """vertical, status, count."""
    return select(listings.c.vertical, listings.c.status, func.count()).group_by(listings.c.vertical, listings.c.status)


def dealer_count() -> Select[Any]:
    """How many dealers there are."""
    return select(func.count()).select_from(dealers)


def last_crawls() -> Select[Any]:
    """The newest crawls with their dealers' names."""
    columns = crawls.c
    return (
        select(
            columns.id,
            dealers.c.name,
            columns.started_at,
            columns.ended_at,
            columns.outcome,
            columns.reason,
            columns.pages,
            columns.listings_seen,
            columns.listings_new,
            columns.listings_changed,
        )
        .join(dealers, dealers.c.id == columns.dealer_id)
        .order_by(columns.id.desc())
        .limit(LAST_CRAWLS)
    )

"""What stands beside a dealer: its stock by status, its last crawl and its last healthy one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Select, func, select

from api.resources import CRAWLS
from api.rows import read_as
from inventory.tables import crawls, listings

SHOWN: Final = tuple(
    CRAWLS.columns[name]
    for name in (
        "id",
        "dealer_id",
        "started_at",
        "ended_at",
        "outcome",
        "reason",
        "failure_class",
        "limited",
        "narrowed",
        "pages",
        "listings_seen",
    )
)


def last_crawls(dealer_ids: Sequence[int], dialect: str, *, healthy: bool) -> Select[Any]:
    """The newest crawl of each dealer, or the newest healthy one."""
    newest = select(func.max(crawls.c.id)).where(crawls.c.dealer_id.in_(dealer_ids)).group_by(crawls.c.dealer_id)
    if healthy:
        newest = newest.where(crawls.c.outcome == "healthy")
    return select(*(read_as(column, dialect) for column in SHOWN)).where(crawls.c.id.in_(newest))


def stock_by_status(dealer_ids: Sequence[int]) -> Select[Any]:
    """dealer_id, status, count."""
    columns = listings.c
    return (
        select(columns.dealer_id, columns.status, func.count())
        .where(columns.dealer_id.in_(dealer_ids))
        .group_by(columns.dealer_id, columns.status)
    )

"""What stands beside a dealer: its stock by status, and the last of its crawls of each kind. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from sqlalchemy import Select, func, select

from api.columns import ApiColumn
from api.resources import CRAWLS
from api.rows import read_as
from inventory.tables import crawls, dealers, listings

Which = Literal["last", "ended", "healthy", "good"]
"""`ended`: not running any more. `good`: healthy, and over all of the dealer's stock."""
IN_SHORT: Final = tuple(
    CRAWLS.columns[name]
    for name in (
        "id",
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
SHOWN: Final = (CRAWLS.columns["dealer_id"], *IN_SHORT)
WITH_FILL: Final = (*SHOWN, CRAWLS.columns["fill"])


def columns_of(which: Which) -> tuple[ApiColumn, ...]:
    """What is shown of the crawl; how full its fields were, only of a good one."""
    return WITH_FILL if which == "good" else SHOWN


def last_crawls(dealer_ids: Sequence[int], dialect: str, which: Which) -> Select[Any]:
    """The newest crawl of each dealer, of those that are `which`."""
    newest = select(func.max(crawls.c.id)).where(crawls.c.dealer_id.in_(dealer_ids)).group_by(crawls.c.dealer_id)
    if which == "ended":
        newest = newest.where(crawls.c.outcome != "running")
    elif which != "last":
        newest = newest.where(crawls.c.outcome == "healthy")
    if which == "good":
        newest = newest.where(crawls.c.limited.is_(False), crawls.c.narrowed.is_(False))
    return select(*(read_as(column, dialect) for column in columns_of(which))).where(crawls.c.id.in_(newest))


def names_of(dealer_ids: Sequence[int]) -> Select[Any]:
    """id, name."""
    return select(dealers.c.id, dealers.c.name).where(dealers.c.id.in_(dealer_ids))


def stock_by_status(dealer_ids: Sequence[int]) -> Select[Any]:
    """dealer_id, status, count."""
    columns = listings.c
    return (
        select(columns.dealer_id, columns.status, func.count())
        .where(columns.dealer_id.in_(dealer_ids))
        .group_by(columns.dealer_id, columns.status)
    )

"""What a dealer's last crawls were like, and what became of this one: for the report at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

from sqlalchemy import Connection, Engine, select

from inventory.ledger import HISTORY
from inventory.tables import crawls


@dataclass(frozen=True, slots=True)
class Usual:
    """Medians of a dealer's last healthy crawls that were neither narrowed nor limited: `crawls` of them, 0 to 5."""

    crawls: int = 0
    listings: float = 0.0
    seconds: float = 0.0
    fill: Mapping[str, float] = field(default_factory=dict)
    """Field → share of the listings that had it; a field that a crawl's listings did not have counts as 0."""


@dataclass(frozen=True, slots=True)
class Past:
    """Of one crawl: how many listings are gone since it, and what was usual before it."""

    gone: int = 0
    usual: Usual = field(default_factory=Usual)


def past_of(engine: Engine, crawl_ids: Mapping[str, int]) -> dict[str, Past]:
    """By dealer, for these crawls of this run. A few short queries a dealer."""
    with engine.connect() as connection:
        return {dealer: _past(connection, crawl_id) for dealer, crawl_id in crawl_ids.items()}


def _past(connection: Connection, crawl_id: int) -> Past:
    this = connection.execute(
        select(crawls.c.dealer_id, crawls.c.listings_delisted).where(crawls.c.id == crawl_id)
    ).one_or_none()
    if this is None:
        return Past()
    query = (
        select(crawls.c.started_at, crawls.c.ended_at, crawls.c.listings_seen, crawls.c.fill)
        .where(crawls.c.dealer_id == this.dealer_id, crawls.c.outcome == "healthy", crawls.c.id < crawl_id)
        .where(crawls.c.limited.is_(False), crawls.c.narrowed.is_(False), crawls.c.ended_at.is_not(None))
        .order_by(crawls.c.started_at.desc())
        .limit(HISTORY)
    )
    rows = connection.execute(query).all()
    if not rows:
        return Past(this.listings_delisted)
    fills = [row.fill or {} for row in rows]
    names = {name for fill in fills for name in fill}
    usual = Usual(
        crawls=len(rows),
        listings=median(row.listings_seen for row in rows),
        seconds=median((row.ended_at - row.started_at).total_seconds() for row in rows),
        fill={name: median(fill.get(name, 0.0) for fill in fills) for name in sorted(names)},
    )
    return Past(this.listings_delisted, usual)

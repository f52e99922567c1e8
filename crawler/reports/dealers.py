"""The list of dealers with how their last check and their last crawl went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from rich.markup import escape
from rich.table import Table
from sqlalchemy import Engine, func, select

from crawler.dealers.declaration import Dealer
from inventory.tables import crawls
from inventory.tables import dealers as dealer_rows
from inventory.verification import Verified


@dataclass(frozen=True, slots=True)
class LastCrawl:
    """When a dealer was last crawled, and how it ended."""

    started_at: datetime
    outcome: str
    reason: str | None
    listings_seen: int

    def as_json(self) -> dict[str, Any]:
        """For a pipe."""
        return asdict(self)


def last_crawls(engine: Engine) -> dict[str, LastCrawl]:
    """The last crawl of each dealer by the dealer's name."""
    newest = select(func.max(crawls.c.id)).group_by(crawls.c.dealer_id)
    query = (
        select(dealer_rows.c.name, crawls.c.started_at, crawls.c.outcome, crawls.c.reason, crawls.c.listings_seen)
        .join(dealer_rows, dealer_rows.c.id == crawls.c.dealer_id)
        .where(crawls.c.id.in_(newest))
    )
    with engine.connect() as connection:
        return {row[0]: LastCrawl(*row[1:]) for row in connection.execute(query)}


def dealer_table(dealers: Mapping[str, Dealer], last: Mapping[str, LastCrawl], checks: Mapping[str, Verified]) -> Table:
    """A row a dealer."""
    table = Table(box=None, pad_edge=False)
    for column in ("dealer", "vertical", "platform", "sections", "last check", "last crawl", "seen", "health"):
        is_name = column in ("dealer", "vertical", "platform")
        table.add_column(column, no_wrap=is_name, overflow="fold")  # on a narrow terminal the others give way
    for name, dealer in dealers.items():
        crawl = last.get(name)
        first, *more = dealer.sections
        sections = f"{first} +{len(more)}" if more else first
        when = f"{ago(crawl.started_at)} ago" if crawl else "never"
        health = (crawl.outcome if crawl.outcome == "healthy" else f"{crawl.outcome}: {crawl.reason}") if crawl else ""
        seen = str(crawl.listings_seen) if crawl else ""
        check = checks.get(name)
        verified = f"{ago(check.at)} ago: {check.outcome}" if check else "never"
        table.add_row(name, dealer.vertical, dealer.platform, sections, verified, when, seen, escape(health))
    return table


def ago(moment: datetime) -> str:
    """`3 min`, `5 h`, `2 d`."""
    seconds = (datetime.now(UTC) - moment).total_seconds()
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{int(max(seconds, 0))} s"

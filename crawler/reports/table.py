"""How crawls look to a person while they run, and in one line at the end. Pure: text and rich tables."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import MappingProxyType

from rich.table import Table

from crawler.reports.crawl import outcome
from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.verdict import Verdict
from inventory.ledger import Busy


def progress_table(crawls: Mapping[str, DealerCrawl], closed: Mapping[str, Verdict], waiting: list[str]) -> Table:
    """The live table: pages, listings, rate and errors of each dealer."""
    table = Table(box=None, pad_edge=False)
    table.add_column("dealer")
    for name in ("pages", "listings", "pages/s", "errors"):
        table.add_column(name, justify="right")
    table.add_column("")
    for name, crawl in crawls.items():
        verdict = closed.get(name)
        state = "[dim]crawling[/]" if verdict is None else outcome(verdict.outcome)
        table.add_row(
            name, str(crawl.pages), str(crawl.seen), f"{rate(crawl):.1f}", str(crawl.errors.total() or ""), state
        )
    for name in waiting:
        table.add_row(name, "", "", "", "", "[dim]waiting[/]")
    return table


def progress_line(crawl: DealerCrawl) -> str:
    """The same as plain text, for a log."""
    return (
        f"{crawl.dealer.name}: {crawl.pages} pages, {crawl.seen} listings, "
        f"{rate(crawl):.1f} pages/s, {crawl.errors.total()} errors"
    )


def summary(
    crawls: Mapping[str, DealerCrawl],
    closed: Mapping[str, Verdict],
    skipped: Mapping[str, Busy],
    left: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """One line for a log or a mail. `left`: dealers whose crawl stays open, with why, where it is known."""
    going = {name: "" for name, crawl in crawls.items() if not crawl.ended and name not in closed}
    left = going | {name: f" ({why})" for name, why in left.items()}
    healthy = sum(verdict.outcome == "healthy" for verdict in closed.values())
    total = {word: sum(crawl.stored[word] for crawl in crawls.values()) for word in ("new", "changed", "unchanged")}
    parts = [
        f"{healthy} of {len(closed.keys() | left)} dealers healthy",
        f"{sum(total.values())} listings ({', '.join(f'{n} {word}' for word, n in total.items())})",
    ]
    if saved := sum(crawl.pages_saved for crawl in crawls.values()):
        parts.append(f"{saved} pages unchanged and not read again")
    bad = [f"{name} ({verdict.reason})" for name, verdict in closed.items() if verdict.outcome != "healthy"]
    if bad:
        parts.append(f"not healthy: {'; '.join(bad)}")
    if left:
        parts.append(f"{len(left)} not ended: {'; '.join(map(''.join, left.items()))}")
    if skipped:
        parts.append(f"skipped, being crawled by others: {', '.join(skipped)}")
    return " · ".join(parts)


def rate(crawl: DealerCrawl) -> float:
    """Pages a second since the crawl began."""
    return crawl.pages / max(time.monotonic() - crawl.started, 0.001)

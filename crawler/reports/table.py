"""How crawls look to a person: one row a dealer, while they run and at the end. Pure: text and rich tables."""

from __future__ import annotations

import time
from collections.abc import Mapping

from rich.markup import escape
from rich.table import Table

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
        state = "[dim]crawling[/]" if verdict is None else _state(verdict)
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


def report_table(
    crawls: Mapping[str, DealerCrawl], closed: Mapping[str, Verdict], skipped: Mapping[str, Busy]
) -> Table:
    """The table at the end: what each dealer gave, and why not; `saved` are pages that were not read again."""
    table = Table(box=None, pad_edge=False)
    table.add_column("dealer", no_wrap=True)
    table.add_column("outcome", no_wrap=True)
    for name in ("pages", "saved", "seen", "new", "changed", "same", "dropped", "errors"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("why", overflow="fold")
    for name, verdict in closed.items():
        crawl = crawls[name]
        counts = (
            crawl.pages, crawl.pages_saved, crawl.seen, crawl.stored["new"], crawl.stored["changed"],
            crawl.stored["unchanged"], crawl.dropped.total(), crawl.errors.total(),
        )  # fmt: skip
        table.add_row(name, _state(verdict), *(str(n) for n in counts), escape(_why(crawl, verdict)))
    for name, busy in skipped.items():
        table.add_row(name, "skipped", *[""] * 8, f"{escape(busy.owner)} is crawling it")
    return table


def summary(crawls: Mapping[str, DealerCrawl], closed: Mapping[str, Verdict], skipped: Mapping[str, Busy]) -> str:
    """One line for a log or a mail."""
    healthy = sum(verdict.outcome == "healthy" for verdict in closed.values())
    total = {word: sum(crawl.stored[word] for crawl in crawls.values()) for word in ("new", "changed", "unchanged")}
    parts = [
        f"{healthy} of {len(closed)} dealers healthy",
        f"{sum(total.values())} listings ({', '.join(f'{n} {word}' for word, n in total.items())})",
    ]
    if saved := sum(crawl.pages_saved for crawl in crawls.values()):
        parts.append(f"{saved} pages unchanged and not read again")
    bad = [f"{name} ({verdict.reason})" for name, verdict in closed.items() if verdict.outcome != "healthy"]
    if bad:
        parts.append(f"not healthy: {'; '.join(bad)}")
    if skipped:
        parts.append(f"skipped, being crawled by others: {', '.join(skipped)}")
    return " · ".join(parts)


def rate(crawl: DealerCrawl) -> float:
    """Pages a second since the crawl began."""
    return crawl.pages / max(time.monotonic() - crawl.started, 0.001)


def _state(verdict: Verdict) -> str:
    colour = {"healthy": "green", "failed": "red", "stopped": "yellow"}[verdict.outcome]
    return f"[{colour}]{verdict.outcome}[/]"


def _why(crawl: DealerCrawl, verdict: Verdict) -> str:
    """What a person should know: why it is not healthy, and what was dropped most."""
    reason = verdict.reason if verdict.outcome != "healthy" else ""
    dropped = ", ".join(name for name, _ in crawl.dropped.most_common(2))
    return " · ".join(part for part in (reason, dropped and f"dropped: {dropped}") if part)

"""The shared queue as a table."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from crawler.reports.dealers import ago
from inventory.queue_view import QueuedCrawl, QueueView


def queue_table(view: QueueView) -> Table:
    """A row a crawl, and how many workers there are."""
    workers = f"{len(view.workers)} worker{'' if len(view.workers) == 1 else 's'} alive"
    table = Table(box=None, pad_edge=False, caption=workers, caption_justify="left")
    for column in ("dealer", "crawl", "since"):
        table.add_column(column, no_wrap=True)
    for column in ("pages", "waiting", "delayed", "leased", "delay"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("state", overflow="fold")
    for crawl in view.crawls:
        since = ago(crawl.started_at) if crawl.started_at else ""
        numbers = (crawl.pages, crawl.waiting, crawl.delayed, crawl.leased)
        delay = f"{crawl.delay_s:g} s"
        table.add_row(crawl.dealer, str(crawl.crawl_id), since, *map(str, numbers), delay, escape(_state(crawl, view)))
    return table


def _state(crawl: QueuedCrawl, view: QueueView) -> str:
    if crawl.cut_short:
        return f"ends: {crawl.cut_short}"
    if crawl.stopped:
        return "stopped"
    if crawl.held_until:
        return f"held for {(crawl.held_until - view.at).total_seconds():.0f} s: {crawl.held_why}"
    return "crawling" if view.workers else "waits for a worker"

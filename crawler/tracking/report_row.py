"""The account of a crawl as the row of `crawls` that it becomes. Pure."""

from __future__ import annotations

from crawler.tracking.dealer_crawl import SHELLS_ENOUGH, DealerCrawl
from crawler.tracking.verdict import Verdict
from inventory.ledger import Report


def report_of(crawl: DealerCrawl, verdict: Verdict) -> Report:
    """The `crawls` row of a crawl."""
    return Report(
        outcome=verdict.outcome,
        reason=verdict.reason,
        failure_class=verdict.failure_class,
        limited=crawl.limited,
        narrowed=crawl.narrowed,
        comparable=verdict.may_delist,
        pages=crawl.pages,
        pages_unchanged=crawl.pages_unchanged,
        pages_skipped=crawl.pages_skipped,
        pages_rendered=crawl.pages_rendered,
        credits_used=crawl.credits_used,
        listings_seen=crawl.seen,
        listings_new=crawl.stored["new"],
        listings_changed=crawl.stored["changed"],
        listings_unchanged=crawl.stored["unchanged"],
        listings_dropped=crawl.dropped.total(),
        dropped=dict(crawl.dropped),
        errors=dict(crawl.errors),
        fill=crawl.fill(),
        sections={
            name: walk | {"comparable": name in verdict.comparable} for name, walk in crawl.sections_json().items()
        },
        lastmod_proved=verdict.outcome == "healthy" and crawl.lastmod_judged > 0 and not crawl.lastmod_lied,
        lastmod_missed=crawl.lastmod_lied,
        shells_seen=crawl.shells >= SHELLS_ENOUGH,
    )

"""The report at the end of a run: what each dealer gave, against its last crawls, and what broke. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from rich.table import Table

from crawler.reports.next_steps import step_for
from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.error_class import NOT_OUR_FAULT
from crawler.tracking.verdict import Verdict
from inventory.ledger import Busy
from inventory.listing import BOOKKEEPING
from inventory.past_crawls import Past

MOST_CLASSES: Final = 3
MOST_FIELDS: Final = 3
FELL: Final = 0.05
"""A field that so much more of the listings had is told of."""
FEWER: Final = 0.9
"""Fewer listings than this share of what is usual are told of."""


@dataclass(frozen=True, slots=True)
class DealerReport:
    """How a dealer's crawl went. `delta`: listings against the median of its last crawls, as a share; None without."""

    dealer: str
    outcome: str
    reason: str
    seconds: float
    pages: int
    pages_unchanged: int
    pages_skipped: int
    listings: int
    new: int
    changed: int
    unchanged: int
    gone: int
    dropped: dict[str, int]
    failures: dict[str, int]
    compared_with: int
    usual_listings: float | None = None
    usual_seconds: float | None = None
    delta: float | None = None
    fell: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Field → share of the listings that have it now, and usually."""
    failure_class: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For the log; what is not known is left out."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def reports(
    crawls: Mapping[str, DealerCrawl], closed: Mapping[str, Verdict], past: Mapping[str, Past]
) -> list[DealerReport]:
    """Of every dealer whose crawl was closed by this process."""
    return [_report(crawls[name], verdict, past.get(name, Past())) for name, verdict in closed.items()]


def _report(crawl: DealerCrawl, verdict: Verdict, past: Past) -> DealerReport:
    usual = past.usual
    whole = usual.crawls > 0 and not (crawl.limited or crawl.narrowed)
    return DealerReport(
        dealer=crawl.dealer.name,
        outcome=verdict.outcome,
        reason=verdict.reason,
        failure_class=verdict.failure_class,
        seconds=crawl.seconds,
        pages=crawl.pages,
        pages_unchanged=crawl.pages_unchanged,
        pages_skipped=crawl.pages_skipped,
        listings=crawl.seen,
        new=crawl.stored["new"],
        changed=crawl.stored["changed"],
        unchanged=crawl.stored["unchanged"],
        gone=past.gone,
        dropped=dict(crawl.dropped.most_common()),
        failures=dict(crawl.errors.most_common()),
        compared_with=usual.crawls if whole else 0,
        usual_listings=usual.listings if whole else None,
        usual_seconds=usual.seconds if whole else None,
        delta=round(crawl.seen / usual.listings - 1, 3) if whole and usual.listings else None,
        fell=_fell(crawl.fill(), usual.fill) if whole and crawl.seen else {},
    )


def _fell(now: Mapping[str, float], usual: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """The fields that fewer listings have than usual, the deepest fall first."""
    falls = {name: share - now.get(name, 0.0) for name, share in usual.items() if name not in BOOKKEEPING}
    deepest = sorted((name for name, fall in falls.items() if fall >= FELL), key=lambda name: (-falls[name], name))
    return {name: (now.get(name, 0.0), usual[name]) for name in deepest[:MOST_FIELDS]}


def broken(report: DealerReport) -> Iterator[str]:
    """What broke, why, and what to do next: a line each, the gravest first. Nothing where all went well."""
    if report.outcome != "healthy":
        yield report.reason
        if report.failure_class is not None and report.failure_class not in report.failures:
            means, then = step_for(report.failure_class)
            yield f"{report.failure_class}: {means} → {then}"
    ours = [(name, n) for name, n in report.failures.items() if name not in NOT_OUR_FAULT]
    told = ours if report.outcome == "healthy" else ours or list(report.failures.items())
    for name, n in told[:MOST_CLASSES]:
        means, then = step_for(name)
        yield f"{n} × {name}: {means} → {then}"
    if report.usual_listings and report.listings < FEWER * report.usual_listings:
        yield f"{report.listings} listings, usually {report.usual_listings:.0f} (median of {report.compared_with})"
    for name, (now, before) in report.fell.items():
        yield f"{name} in {now:.0%} of the listings, usually in {before:.0%} → scrapy extract URL shows what is read"


def crawl_table(found: list[DealerReport], skipped: Mapping[str, Busy]) -> Table:
    """A row a dealer. `saved` are pages that were not read again; Δ compares with the median of up to five crawls."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("dealer", overflow="fold", min_width=6)
    table.add_column("outcome", no_wrap=True)
    for name in ("pages", "saved", "seen", "Δ", "new", "changed", "same", "gone", "dropped", "failed", "s"):
        table.add_column(name, justify="right", no_wrap=True)
    for report in found:
        counts = (
            report.new, report.changed, report.unchanged, report.gone,
            sum(report.dropped.values()), sum(report.failures.values()),
        )  # fmt: skip
        table.add_row(
            report.dealer, outcome(report.outcome),
            str(report.pages), str(report.pages_unchanged + report.pages_skipped),
            str(report.listings), _delta(report.delta), *map(str, counts), f"{report.seconds:.0f}",
        )  # fmt: skip
    for name in skipped:
        table.add_row(name, "skipped")
    return table


def what_broke(found: list[DealerReport], skipped: Mapping[str, Busy]) -> Iterator[tuple[str, list[str]]]:
    """Dealer → what a person should know of it, of those of whom there is anything to say."""
    for report in found:
        if lines := list(broken(report)):
            yield report.dealer, lines
    for name, busy in skipped.items():
        yield name, [f"skipped: {busy.owner} is crawling it"]


def outcome(word: str) -> str:
    """In its colour."""
    colour = {"healthy": "green", "failed": "red", "stopped": "yellow"}[word]
    return f"[{colour}]{word}[/]"


def _delta(share: float | None) -> str:
    if share is None:
        return ""
    text = f"{share:+.0%}"
    return f"[yellow]{text}[/]" if share < FEWER - 1 else text

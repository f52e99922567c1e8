"""Whether a crawl was healthy. Pure: the account of a crawl in, outcome, class and reason out.

An unhealthy crawl keeps what it stored, is never compared with, and never takes a listing away.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import Final, Literal

from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.error_class import NOT_OUR_FAULT
from crawler.tracking.section_verdict import SHRUNK_BELOW, comparable_sections
from pipelines.outcomes import STORE_FAILED

TOLERATED_ERRORS: Final = 0.2
"""Share of requests that may fail before a crawl is no picture of the dealer's stock."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`outcome` as in `crawls.outcome`; `failure_class` where it is not healthy; `reason` for a person.

    A crawl that `may_delist` says what is missing, in the sections `comparable`.
    """

    outcome: Literal["healthy", "failed", "stopped"]
    reason: str
    failure_class: str | None = None
    may_delist: bool = False
    comparable: frozenset[str] = field(default_factory=frozenset)


def judge(crawl: DealerCrawl) -> Verdict:
    """The verdict on a crawl that has ended, the gravest reason first."""
    if crawl.given_up:
        failure_class, reason = crawl.given_up
        return Verdict("failed", reason, failure_class)
    if crawl.cut_short:
        outcome: Literal["failed", "stopped"] = "failed" if crawl.cut_short == "time_up" else "stopped"
        return Verdict(outcome, CUT_SHORT.get(crawl.cut_short, crawl.cut_short), crawl.cut_short)
    if crawl.dropped[STORE_FAILED]:  # its last listing may be given up, and with it the crawl end, before the run does
        return Verdict("stopped", CUT_SHORT[STORE_FAILED], STORE_FAILED)
    return _failed_walk(crawl) or _poor_harvest(crawl) or _healthy(crawl)


CUT_SHORT: Final = {
    "time_up": "it took longer than MAX_CRAWL_MINUTES",
    "lease_lost": "another process took the dealer over while this one did not answer",
    "shutdown": "it was stopped from outside",
    STORE_FAILED: "the database could not be written",
}


def _failed_walk(crawl: DealerCrawl) -> Verdict | None:
    unread = sorted(name for name, walk in crawl.sections.items() if not walk.pages and not walk.truncated)
    worst = _worst(crawl)
    if unread and len(unread) == len(crawl.sections):
        return Verdict("failed", f"no section could be read ({_errors(crawl)})", worst)
    if unread:
        return Verdict("failed", f"unread sections: {', '.join(unread)} ({_errors(crawl)})", worst)
    broken = sorted(name for name, walk in crawl.sections.items() if walk.failed_pages)
    if broken:
        return Verdict("failed", f"sections not walked to their end: {', '.join(broken)} ({_errors(crawl)})", worst)
    failed = sum(n for name, n in crawl.errors.items() if name not in NOT_OUR_FAULT)
    if crawl.requests and failed / crawl.requests > TOLERATED_ERRORS:
        return Verdict("failed", f"{failed} of {crawl.requests} requests failed ({_errors(crawl)})", worst)
    return None


def _poor_harvest(crawl: DealerCrawl) -> Verdict | None:
    if not crawl.seen:
        return Verdict("failed", f"no listing found ({_errors(crawl) or _dropped(crawl)})", _worst(crawl) or "empty")
    if crawl.narrowed or crawl.limited:
        return None
    expect = crawl.dealer.expect
    if crawl.seen < expect.min_listings:
        reason = f"{crawl.seen} listings, [expect] wants at least {expect.min_listings}"
        return Verdict("failed", reason, "below_expectation")
    fill = crawl.fill()
    for name, share in expect.fill.items():
        if fill.get(name, 0.0) < share:
            reason = f"{name} in {fill.get(name, 0.0):.0%} of the listings, [expect] wants at least {share:.0%}"
            return Verdict("failed", reason, "below_expectation")
    return None


def _healthy(crawl: DealerCrawl) -> Verdict:
    if crawl.narrowed or crawl.limited:
        return Verdict("healthy", "only a part was asked for")
    usual = median(crawl.seen_before) if crawl.seen_before else None
    if usual is None:
        return Verdict("healthy", "first crawl: nothing to compare with")
    if crawl.seen < SHRUNK_BELOW * usual:
        return Verdict("healthy", f"{crawl.seen} listings, usually {usual:.0f}: what is missing is not taken as gone")
    comparable, reason = comparable_sections(crawl.sections, crawl.sections_before)
    return Verdict("healthy", reason, may_delist=True, comparable=comparable)


def _worst(crawl: DealerCrawl) -> str | None:
    grave = [(n, name) for name, n in crawl.errors.items() if name not in NOT_OUR_FAULT] or [
        (n, name) for name, n in crawl.errors.items()
    ]
    return max(grave)[1] if grave else None


def _errors(crawl: DealerCrawl) -> str:
    return ", ".join(f"{n} {name}" for name, n in crawl.errors.most_common(3))


def _dropped(crawl: DealerCrawl) -> str:
    return ", ".join(f"{n} {name}" for name, n in crawl.dropped.most_common(3)) or "no page offered anything"

"""Whether a dealer can be crawled today as its file promises: robots.txt and a few pages, and the verdict on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from crawler.checking.looking import UNREACHABLE, Look, Looked, in_turn, look
from crawler.checking.promise import Fill, fill_of
from crawler.checking.robots import forbidden_of
from crawler.dealers.declaration import Dealer
from crawler.fetching.asking import Ask, NotFetched
from crawler.platforms import platform_of
from crawler.platforms.base import Platform
from crawler.tracking.error_class import error_class, error_text

MAX_PAGES: Final = 5
SECTIONS: Final = 2
"""Section pages asked for where they lead to details; the rest are details."""

HEALTHY: Final = "healthy"
GONE: Final = frozenset({"http_404", "http_410", "moved_home"})
"""What a detail page may be between the listing page and the look at it: sold."""

_GRAVEST_FIRST: Final = ("robots", "blocked", *sorted(GONE), "parse_error", "empty", "below_expectation")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: an error class as in `crawls.failure_class`, a text for a person, where. A note fails nothing."""

    failure_class: str
    text: str
    url: str | None = None
    note: bool = False


@dataclass(slots=True)
class Checked:
    """How a dealer fared. `fill`: field → how often it was found, for fields that the file promises."""

    dealer: Dealer
    pages: int = 0
    listings: int = 0
    fill: dict[str, Fill] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def failures(self) -> list[Finding]:
        """What speaks against the dealer, the gravest first."""
        return sorted((f for f in self.findings if not f.note), key=lambda f: _gravity(f.failure_class))

    @property
    def outcome(self) -> str:
        """`healthy`, or the class of the gravest finding."""
        return self.failures[0].failure_class if self.failures else HEALTHY

    @property
    def reason(self) -> str:
        """What a person should know, in a line, the gravest first."""
        notes = [finding for finding in self.findings if finding.note]
        return self.dealer.without_secrets("; ".join(finding.text for finding in [*self.failures, *notes]))

    def as_json(self) -> dict[str, Any]:
        """For a pipe."""
        hidden = self.dealer.without_secrets
        return {
            "dealer": self.dealer.name,
            "outcome": self.outcome,
            "pages": self.pages,
            "listings": self.listings,
            "fill": {name: fill.as_json(hidden) for name, fill in self.fill.items()},
            "findings": [
                {"class": f.failure_class, "text": hidden(f.text), "url": f.url and hidden(f.url), "note": f.note}
                for f in (*self.failures, *(f for f in self.findings if f.note))
            ],
        }


async def check(ask: Ask, dealer: Dealer, today: date, user_agent: str) -> Checked:
    """Look at a dealer: robots.txt and at most five pages. Never raises: a bug of ours is a finding too."""
    try:
        return await _check(ask, platform_of(dealer), today, user_agent)
    except Exception as error:
        return Checked(dealer, findings=[Finding(error_class(error), f"the check broke off: {error_text(error)}")])


async def _check(ask: Ask, platform: Platform, today: date, user_agent: str) -> Checked:
    dealer = platform.dealer
    entrances = list(platform.entrances(dealer.sections))
    agent = dealer.headers.get("User-Agent", user_agent)
    try:
        forbidden = await forbidden_of(ask, [visit.url for visit in entrances], agent)
    except NotFetched as error:
        text = f"robots.txt is not to be had: {error.error_class} ({error.text})"
        return Checked(dealer, findings=[Finding(error.error_class, text, error.url)])
    allowed = [visit for visit in entrances if visit.url not in forbidden]
    first = in_turn(allowed, today.toordinal(), MAX_PAGES)
    found = await look(ask, platform, first, today, max_pages=MAX_PAGES, sections=SECTIONS)
    found.whole = found.whole and not forbidden
    checked = judge(dealer, found)
    if forbidden:
        names = ", ".join(dict.fromkeys(visit.section for visit in entrances if visit.url in forbidden))
        checked.findings.append(Finding("robots", f"robots.txt forbids sections: {names}", forbidden[0]))
    return checked


def judge(dealer: Dealer, found: Look) -> Checked:
    """The verdict on the pages of a look. Pure."""
    checked = Checked(
        dealer,
        pages=sum(page.answer is not None for page in found.pages),
        listings=sum(page.count for page in found.pages),
        fill=fill_of(found.pages, dealer.expect.fill),
    )
    checked.findings += _of_sections(found.of("section"))
    checked.findings += _of_details(found.of("detail"))
    checked.findings += _of_records(found.pages)
    checked.findings += _of_promise(dealer, checked, whole=found.whole)
    if found.pages and not checked.listings and not checked.failures:
        checked.findings.append(Finding("empty", "no listing found", found.pages[0].url))
    return checked


def _of_sections(pages: list[Looked]) -> Iterator[Finding]:
    for page in pages:
        if page.problem is not None:
            failure_class, text = page.problem
            what = "the dealer is out of reach" if failure_class in UNREACHABLE else f"section {page.visit.section}"
            yield Finding(failure_class, f"{what}: {failure_class} ({text})", page.visit.url)
    read = [page for page in pages if page.problem is None and page.visit.page_number == 1]
    barren = [page for page in read if not (page.count or page.links or page.further)]
    for page in barren:
        text = f"section {page.visit.section}: no listing and no link to one on its first page"
        yield Finding("empty", text, page.url, note=len(barren) < len(read))


def _of_details(pages: list[Looked]) -> Iterator[Finding]:
    for failure_class, failed in _by_class(pages).items():
        few = failure_class in GONE and len(failed) * 2 <= len(pages)
        said = failed[0].problem[1] if failed[0].problem else ""
        text = f"{len(failed)} of {len(pages)} detail pages: {failure_class} ({said})"
        yield Finding(failure_class, text, failed[0].visit.url, note=few)
    read = [page for page in pages if page.problem is None]
    barren = [page for page in read if not page.count]
    if barren:
        text = f"{len(barren)} of {len(read)} detail pages offer nothing"
        yield Finding("empty", text, barren[0].url, note=len(barren) * 2 <= len(read))


def _of_records(pages: list[Looked]) -> Iterator[Finding]:
    """Listings that the chain or the platform refused."""
    dropped = sum((page.dropped for page in pages), Counter[str]())
    if dropped:
        tried = sum(len(page.listings) + page.dropped.total() for page in pages)
        said = ", ".join(f"{n} {name}" for name, n in dropped.most_common(3))
        where = next(page.url for page in pages if page.dropped)
        text = f"{dropped.total()} of {tried} listings cannot be used ({said})"
        yield Finding("parse_error", text, where, note=dropped.total() * 2 <= tried)


def _of_promise(dealer: Dealer, checked: Checked, *, whole: bool) -> Iterator[Finding]:
    if whole and checked.listings < dealer.expect.min_listings:
        text = f"{checked.listings} listings in all, [expect] wants at least {dealer.expect.min_listings}"
        yield Finding("below_expectation", text)
    for name, fill in checked.fill.items():
        if fill.short:
            text = f"{name} in {fill.found:.3g} of {fill.of} listings, [expect] wants {fill.promised:.0%}"
            yield Finding("below_expectation", text, fill.example)


def _by_class(pages: Iterable[Looked]) -> dict[str, list[Looked]]:
    found: dict[str, list[Looked]] = {}
    for page in pages:
        if page.problem is not None:
            found.setdefault(page.problem[0], []).append(page)
    return found


def _gravity(failure_class: str) -> int:
    """Its place among the gravest; what is none of those (the dealer is down, a bug of ours) comes before them."""
    return _GRAVEST_FIRST.index(failure_class) if failure_class in _GRAVEST_FIRST else -1

"""A look at a few pages of a dealer: its sections' first pages, then details spread over them, read as a crawl reads.

`look` is a plain coroutine over `ask`; reading a page is a pure function.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar
from urllib.parse import urlsplit

from crawler.extraction.blocks import block_reason
from crawler.extraction.page import NotAPage, Page
from crawler.fetching.asking import Answer, Ask, NotFetched
from crawler.platforms.base import BrokenRecord, CutShort, Found, Platform
from crawler.platforms.visit import Visit
from crawler.tracking.error_class import error_class, error_text
from inventory.listing import Listing
from pipelines.chain import read_listing
from pipelines.outcomes import Unusable
from pipelines.parsing.urls import canonical_url

MAX_READ: Final = 250
"""Listings of one page that go through the whole chain; the others are only counted."""

MAX_COUNTED: Final = 100_000
ENOUGH_RECORDS: Final = 100
"""With so many listings seen, the next page of a section would say nothing new."""

UNREACHABLE: Final = frozenset({"dns", "refused", "timeout", "connection_lost"})
"""After one of these nothing more is asked: the dealer is down."""

_HOME: Final = re.compile(r"/?([a-z]{2}([-_][a-z]{2})?/?)?", re.I)
"""The path of a home page, of one language too."""

Thing = TypeVar("Thing")


@dataclass(slots=True)
class Looked:
    """A page that was asked for and what it gave. `url` is where redirects ended.

    `problem` is an error class (as in `crawls.errors`, or `moved_home`, `blocked`) and what happened. `count` are
    the listings it holds, `listings` those of them that were read, `links` and `further` what it leads to.
    """

    visit: Visit
    url: str
    answer: Answer | None = None
    listings: list[Listing] = field(default_factory=list)
    count: int = 0
    links: list[Visit] = field(default_factory=list)
    further: list[Visit] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    problem: tuple[str, str] | None = None


@dataclass(slots=True)
class Look:
    """The pages of a look in the order they were asked for, and whether they are all that a crawl would ask for."""

    pages: list[Looked] = field(default_factory=list)
    whole: bool = False

    def of(self, kind: str) -> list[Looked]:
        """Its `section` or `detail` pages."""
        return [page for page in self.pages if page.visit.kind == kind]


async def look(
    ask: Ask, platform: Platform, entrances: Sequence[Visit], today: date, *, max_pages: int, sections: int
) -> Look:
    """Ask for at most `max_pages` pages: so many `sections` by their `entrances`, the rest details spread over them.

    Where sections say everything (feeds, shop engines, JSON) all pages are sections' pages. What is a part of a page
    rather than the next one (variations, a sitemap of an index) comes right after it.
    """
    found = Look()
    urgent, waiting, following = list[Visit](), list(entrances), list[Visit]()
    while len(found.pages) < max_pages and (urgent or waiting or following):
        has_links = any(page.links for page in found.pages)
        if has_links and len(found.pages) >= sections:
            break
        if not (urgent or waiting) and (has_links or sum(page.count for page in found.pages) >= ENOUGH_RECORDS):
            break
        page = await look_at(ask, platform, (urgent or waiting or following).pop(0), today)
        found.pages.append(page)
        parts = [visit for visit in page.further if visit.page_number <= page.visit.page_number]
        urgent += parts[:1]
        following += [visit for visit in page.further if visit not in urgent]
        if page.problem and page.problem[0] in UNREACHABLE:
            return found
    listed = [page.links for page in found.pages if page.links]
    chosen = spread_over(listed, max_pages - len(found.pages))
    found.pages += [await look_at(ask, platform, visit, today) for visit in chosen]
    leads_on = urgent or waiting or following or any(page.problem for page in found.pages)
    found.whole = not leads_on and len(chosen) == sum(map(len, listed))
    return found


async def look_at(ask: Ask, platform: Platform, visit: Visit, today: date) -> Looked:
    """Ask for one page and read it. Never raises: what went wrong is its `problem`."""
    try:
        answer = await ask(visit.url)
    except NotFetched as error:
        return Looked(visit, visit.url, problem=(error.error_class, error.text))
    return read_page(platform, visit, answer, today)


def read_page(platform: Platform, visit: Visit, answer: Answer, today: date) -> Looked:
    """Read a page with the dealer's platform and the whole chain. Pure; never raises."""
    page = Looked(visit, answer.url, answer)
    if moved_home(visit.url, answer.url, platform.dealer.url):
        page.problem = ("moved_home", f"leads to the home page {answer.url}")
        return page
    read = platform.read_section if visit.kind == "section" else platform.read_detail
    try:
        _take(page, platform, read(answer.response, visit), today)
    except Exception as error:  # a platform of the user's own may fail in any way
        page.problem = (error_class(error), error_text(error))
    if not page.count and not page.links and (blocked := _blocked(answer)):
        page.problem = ("blocked", blocked)
    return page


def _take(page: Looked, platform: Platform, found: Iterator[Found], today: date) -> None:
    dealer = platform.dealer
    for entry in found:
        if isinstance(entry, CutShort):
            continue
        if isinstance(entry, BrokenRecord):
            page.dropped["broken_record"] += 1
        elif isinstance(entry, Listing):
            page.count += 1
            if len(page.listings) < MAX_READ:
                try:
                    read_listing(entry, currency=dealer.currency, country=dealer.country, today=today)
                except Unusable as error:
                    page.dropped[error.reason] += 1
                else:
                    page.listings.append(entry)
            if page.count >= MAX_COUNTED:
                return
        elif entry.kind == "detail" and page.visit.kind == "section":
            page.links.append(entry)
        else:
            page.further.append(entry)


def moved_home(asked: str, got: str, home: str) -> bool:
    """Whether an address that is not the home page led to it, as shops do with what is gone."""
    if canonical_url(asked) == canonical_url(got) or canonical_url(asked) == canonical_url(home):
        return False
    if canonical_url(got) == canonical_url(home):
        return True
    path, query = urlsplit(got).path, urlsplit(got).query
    return bool(_HOME.fullmatch(path)) and not query and not _HOME.fullmatch(urlsplit(asked).path)


def _blocked(answer: Answer) -> str | None:
    try:
        page = Page(answer.url, answer.body, content_type=answer.content_type, encoding=answer.encoding)
    except NotAPage:
        return block_reason(answer.status, answer.headers, None)
    return block_reason(answer.status, answer.headers, page)


def in_turn(things: Sequence[Thing], turn: int, count: int) -> list[Thing]:
    """All of them, `count` evenly spread ones first; each turn begins one further on.

    A look a day sees each section in time.
    """
    first = turn % len(things) if things else 0
    turned = [*things[first:], *things[:first]]
    ahead = spread(range(len(turned)), count)
    return [turned[at] for at in (*ahead, *(at for at in range(len(turned)) if at not in ahead))]


def spread(things: Sequence[Thing], count: int) -> list[Thing]:
    """`count` of them, evenly spread, the first among them; all where there are no more."""
    return [things[at * len(things) // count] for at in range(count)] if len(things) > count else list(things)


def spread_over(lists: Sequence[Sequence[Visit]], count: int) -> list[Visit]:
    """`count` visits in all, from each list as many as from the others where it has them, each page once."""
    seen: set[str] = set()
    kept = [[v for v in visits if not (v.url in seen or seen.add(v.url))] for visits in lists]  # type: ignore[func-returns-value]
    shares = [0] * len(kept)
    while sum(shares) < min(count, sum(map(len, kept))):
        at = min((at for at in range(len(kept)) if shares[at] < len(kept[at])), key=shares.__getitem__)
        shares[at] += 1
    return [visit for visits, share in zip(kept, shares, strict=True) if share for visit in spread(visits, share)]

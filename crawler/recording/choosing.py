"""Which pages of a dealer are worth recording: spread over its sections, and as different as they are found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from crawler.checking.looking import Looked, in_turn, look, read_page
from crawler.dealers.declaration import ANY_SECTION
from crawler.fetching.asking import Ask, NotFetched
from crawler.platforms.base import Platform
from crawler.platforms.visit import Kind, Visit
from crawler.recording.fixture import form_of
from inventory.listing import FIELD_NAMES

MAX_SECTIONS: Final = 4
CANDIDATES: Final = 2
"""So many details are looked at for each that is recorded, to have a choice."""


async def pages_to_record(
    ask: Ask, platform: Platform, urls: Sequence[str], count: int, today: date, is_new: Callable[[Looked], bool]
) -> list[Looked]:
    """The pages of these addresses; without any, `count` pages of the dealer that give listings, new ones if there are.

    Pages that could not be had are among them, with their `problem`.
    """
    if urls:
        return [await _given(ask, platform, url, today) for url in urls]
    entrances = list(platform.entrances(platform.dealer.sections))
    sections = min(len(entrances), count, MAX_SECTIONS)
    most = sections + CANDIDATES * count
    first = in_turn(entrances, 0, sections)[:sections]
    found = await look(ask, platform, first, today, max_pages=most, sections=sections)
    giving = [page for page in found.of("detail") if page.listings] or [p for p in found.pages if p.listings]
    return varied([page for page in giving if is_new(page)] or giving, count) or found.pages


async def _given(ask: Ask, platform: Platform, url: str, today: date) -> Looked:
    """A page of HTML is a detail page; what is none holds records, as a section's page does."""
    try:
        answer = await ask(url)
    except NotFetched as error:
        return Looked(Visit(url, "detail", ANY_SECTION), url, problem=(error.error_class, error.text))
    kind: Kind = "detail" if form_of(answer.body) == "html" else "section"
    return read_page(platform, Visit(url, kind, ANY_SECTION), answer, today)


def varied(pages: Sequence[Looked], count: int) -> list[Looked]:
    """`count` of them, the fullest first, then each time the one that is least like those chosen."""
    left = {at: signature(page) for at, page in enumerate(pages)}
    chosen: list[int] = []
    while left and len(chosen) < count:
        marks = {at: signature(pages[at]) for at in chosen}
        best = max(left, key=lambda at: min((len(left[at] ^ mark) for mark in marks.values()), default=len(left[at])))
        del left[best]
        chosen.append(best)
    return [pages[at] for at in chosen]


def signature(page: Looked) -> frozenset[str]:
    """What a page says and where it stands: pages of one layout and one kind of offer have the same."""
    listing = page.listings[0]
    said = {f"{name} {listing.provenance.get(name, '')}" for name in FIELD_NAMES if name in listing.raw}
    kind = {f"{name}={getattr(listing, name)}" for name in ("price_status", "offer_type", "availability", "condition")}
    return frozenset(said | kind)

"""Which of the lists that were seen are the sections: enough for all of the stock, and no list twice. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from crawler.dealers.declaration import ANY_SECTION
from crawler.probing.addresses import is_below, number_in, shape
from crawler.probing.draft import SectionFound
from crawler.probing.exploring import Explored, ListSeen
from crawler.probing.links import category_of
from inventory.listing import Vertical
from inventory.taxonomy.categories import CATEGORIES, lineage

_NEARLY: Final = 0.98
_SAME: Final = 0.6
"""Two lists in two languages that share so many of their numbers are one list."""


@dataclass(slots=True)
class Choice:
    """`left_out`: list → why. `listings`: how many things the sections have, at the least; None where none says it."""

    sections: list[SectionFound] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    listings: int | None = None
    undecided: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Candidate:
    """A list and the category it is named by."""

    seen: ListSeen
    category: str

    @property
    def least(self) -> int:
        """How many things it has, at the least."""
        return self.seen.count or len(self.seen.items) + (self.seen.next_url is not None)


def choose_sections(explored: Explored, home: str, vertical: Vertical | None, sitemap: Iterable[str]) -> Choice:
    """One section a category where the lists name categories, and the mixed lists that hold more than these."""
    choice = Choice()
    candidates = [_Candidate(seen, category_of(seen.name, seen.url, vertical)) for seen in explored.lists]
    candidates = _in_one_language(_once(candidates, home, choice), choice)
    named = _without_parts([c for c in candidates if c.category != ANY_SECTION], choice)
    mixed = sorted((c for c in candidates if c.category == ANY_SECTION), key=lambda c: -c.least)
    if len(candidates) > 1:
        mixed = _without_teasers(mixed, explored, home, choice)
    covered = set().union(*(c.seen.items for c in named)) if named else set()
    count = sum(c.least for c in named if not any(is_below(c.seen.url, other.seen.url) for other in named))
    kept: list[_Candidate] = []
    whole = next((c for c in mixed if _is_whole(c, candidates, count)), None)
    if whole is not None:
        goes_on = any(c.seen.next_url is not None for c in named)  # further pages may hold what is not seen yet
        enough = whole.seen.count is not None and count >= whole.least * _NEARLY
        if named and enough and (goes_on or whole.seen.items.keys() <= covered):
            choice.left_out[whole.seen.url] = "the categories have all that it has"
        else:
            kept, count = [whole], max(count, whole.least)
        choice.left_out |= {c.seen.url: "a part of the whole stock" for c in mixed if c is not whole}
    else:
        for entry in mixed:
            new = entry.seen.items.keys() - covered
            if new:
                kept.append(entry)
                covered |= entry.seen.items.keys()
                count += entry.least if len(new) == len(entry.seen.items) else len(new)
            else:
                choice.left_out[entry.seen.url] = "what it shows stands in other sections"
    choice.sections = [_section(c) for c in (*named, *kept)]
    _add_empty(explored, choice, vertical)
    choice.listings = count or None
    _compare_with_sitemap(explored, choice, sitemap, count)
    return choice


def _without_teasers(mixed: list[_Candidate], explored: Explored, home: str, choice: Choice) -> list[_Candidate]:
    """Home pages show the newest of what the sections have, in every language; one that goes on is a list."""
    front = next((seen.items.keys() for seen in explored.lists if seen.url == home), None)
    entrances = {home, *explored.entrances}
    teasers = {
        c.seen.url
        for c in mixed
        if c.seen.next_url is None
        and (c.seen.total or 0) <= len(c.seen.items)
        and (c.seen.url in entrances or c.seen.items.keys() == front)
    }
    if len(teasers) < len(mixed) or len(mixed) < len(explored.lists):
        choice.left_out |= dict.fromkeys(teasers, "a front page: it shows some of what the sections have")
        return [c for c in mixed if c.seen.url not in teasers]
    return mixed


def _is_whole(entry: _Candidate, others: list[_Candidate], count: int) -> bool:
    """Whether a mixed list has all of the stock: as much as the categories together, and more than any other list.

    A list that continues and does not say how much it has is taken for the whole where it is the only mixed one that
    continues, since the stock of a whole does not fit on one page.
    """
    if entry.seen.count is None and entry.seen.next_url is not None:
        rivals = [c for c in others if c is not entry and c.category == ANY_SECTION and c.seen.next_url is not None]
        return not rivals
    everything = set().union(*(c.seen.items for c in others))
    return entry.least >= max(count * _NEARLY, len(everything)) and entry.least > 0


def _once(candidates: list[_Candidate], home: str, choice: Choice) -> list[_Candidate]:
    """Lists that show the same things in the same number are one: the one that names a category, else the first."""
    kept: list[_Candidate] = []
    for entry in sorted(candidates, key=lambda c: (c.category == ANY_SECTION, c.seen.url == home, len(c.seen.url))):
        twin = next((c for c in kept if _shows_the_same(c, entry)), None)
        if twin is None or (ANY_SECTION not in (twin.category, entry.category) and twin.category != entry.category):
            kept.append(entry)
        else:
            choice.left_out[entry.seen.url] = f"the same as {twin.seen.url}"
    order = {id(c): place for place, c in enumerate(candidates)}
    return sorted(kept, key=lambda c: order[id(c)])


def _shows_the_same(one: _Candidate, other: _Candidate) -> bool:
    return one.seen.items.keys() == other.seen.items.keys() and one.least == other.least


def _in_one_language(candidates: list[_Candidate], choice: Choice) -> list[_Candidate]:
    """Lists of another language are left out where the same things stand in them, by the numbers in the addresses."""
    kept = [c for c in candidates if c.seen.language == 0]
    for entry in (c for c in candidates if c.seen.language != 0):
        numbers = {number_in(url) for url in entry.seen.items}
        same = next((c for c in kept if c.category == entry.category and _overlap(numbers, c) >= _SAME), None)
        if same is None:
            kept.append(entry)
        else:
            choice.left_out[entry.seen.url] = f"another language of {same.seen.url}"
    return kept


def _overlap(numbers: set[str], other: _Candidate) -> float:
    theirs = {number_in(url) for url in other.seen.items}
    return len(numbers & theirs) / max(min(len(numbers), len(theirs)), 1)


def _without_parts(named: list[_Candidate], choice: Choice) -> list[_Candidate]:
    """Categories without lists that lie below one of the same category, and without parents that are their children."""
    kept = []
    for entry in named:
        parent = next((c for c in named if c is not entry and _holds(c, entry)), None)
        if parent is None:
            kept.append(entry)
        else:
            choice.left_out[entry.seen.url] = f"a part of {parent.seen.url}"
    result = []
    for entry in kept:
        children = [c for c in kept if c is not entry and is_below(c.seen.url, entry.seen.url)]
        if children and entry.seen.count is not None and sum(c.least for c in children) == entry.seen.count:
            choice.left_out[entry.seen.url] = "its parts have all that it has"
        else:
            result.append(entry)
    return result


def _holds(parent: _Candidate, part: _Candidate) -> bool:
    """Whether a list is a part of another of the same category: below it, or all of it on the other's only page."""
    if parent.category != part.category or parent.least < part.least or parent.seen.url == part.seen.url:
        return False
    if is_below(part.seen.url, parent.seen.url):
        return True
    inside = part.seen.items.keys() < parent.seen.items.keys()
    return inside and part.seen.next_url is None


def _add_empty(explored: Explored, choice: Choice, vertical: Vertical | None) -> None:
    """Categories that are empty today, and those that were not looked at: in an address of the form of the sections."""
    chosen = {section.url for section in choice.sections}
    forms = {shape(section.url) for section in choice.sections if section.category != ANY_SECTION}
    for leads, why in ((explored.empty, "empty today"), (explored.unasked, "not looked at")):
        for entry in leads:
            category = category_of(entry.name, entry.url, vertical)
            if (
                category != ANY_SECTION
                and shape(entry.url) in forms
                and entry.url not in chosen | choice.left_out.keys()
            ):
                choice.sections.append(
                    SectionFound(entry.url, category, why, 0 if why == "empty today" else None, entry.name)
                )
                chosen.add(entry.url)
    missed = [entry.url for entry in explored.unasked if entry.url not in chosen][:10]
    if missed:
        choice.undecided.append(f"not looked at for want of requests (--max-requests): {', '.join(missed)}")


def _compare_with_sitemap(explored: Explored, choice: Choice, sitemap: Iterable[str], count: int) -> None:
    named = sum(explored.only(url, "detail") for url in sitemap)
    if named > max(count, 1) * 1.1 and count:
        choice.undecided.append(
            f"the sitemap names {named} pages of the form of a detail page, the sections show {count}: look for a "
            "section that is not linked from the pages seen"
        )


def _section(entry: _Candidate) -> SectionFound:
    more = ", goes on" if entry.seen.next_url else ""
    return SectionFound(
        entry.seen.url,
        entry.category,
        f"{len(entry.seen.items)} on its first page{more}",
        entry.seen.count,
        entry.seen.name,
    )


def in_order(sections: Iterable[SectionFound]) -> dict[str, list[str]]:
    """Category → addresses, in the order of the taxonomy, `all` last: a thing in two of them is the category's."""
    found: dict[str, list[str]] = {}
    order = {slug: place for place, slug in enumerate(CATEGORIES)}
    for section in sorted(sections, key=lambda s: (order.get(s.category, len(order)), -len(lineage_of(s.category)))):
        found.setdefault(section.category, []).append(section.url)
    return found


def lineage_of(category: str) -> tuple[str, ...]:
    """A category and what stands above it; nothing for `all`."""
    return lineage(category) if category in CATEGORIES else ()

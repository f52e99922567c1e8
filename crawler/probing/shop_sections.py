"""A shop's collections as sections: one a category where together they are the shop, each thing once; else all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Set
from dataclasses import dataclass
from typing import Final

from crawler.dealers.declaration import ANY_SECTION
from crawler.probing.categories import category_of_words, words_of_url
from crawler.probing.draft import SectionFound
from inventory.listing import Vertical

MAX_ASKED: Final = 30


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection as the shop names it; `count` where the shop says it."""

    id: str
    name: str
    url: str
    count: int | None = None


async def sections_of_shop(
    collections: Iterable[Collection],
    everything: frozenset[str] | None,
    vertical: Vertical | None,
    members: Callable[[Collection], Awaitable[Set[str] | None]],
) -> tuple[list[SectionFound], str]:
    """The sections, and a sentence that says why these.

    `everything`: the numbers of all products, None where they are too many to ask for; `members` asks for those of a
    collection. A collection without a category's name is not taken, nor one that holds nothing new.
    """
    whole = [SectionFound("/", ANY_SECTION, "the whole shop", len(everything) if everything is not None else None)]
    named = [(category_of_words([c.name, words_of_url(c.url)], vertical), c) for c in collections if c.count != 0]
    named = [(category, c) for category, c in named if category != ANY_SECTION]
    if everything is None:
        return whole, "taken as a whole: the shop is too large to compare its collections here"
    if not named or len(named) > MAX_ASKED:
        return whole, "taken as a whole: its collections name no categories" if not named else "taken as a whole"
    held: list[tuple[str, Collection, Set[str]]] = []
    for category, collection in named:
        inside = await members(collection)
        if inside is None:
            return whole, "taken as a whole: not every collection could be asked for"
        held.append((category, collection, inside))
    held.sort(key=lambda entry: len(entry[2]))
    finest = _parts(held)  # children before the parents that hold them
    parts = finest if isinstance(finest, list) else _parts(held[::-1])
    if isinstance(parts, str):
        return whole, f"taken as a whole: {parts}"
    missing = len(everything.difference(*(inside for _, _, inside in parts)))
    if missing:
        return whole, f"taken as a whole: {missing} of {len(everything)} products are in no collection of a category"
    why = "a collection of the shop"
    found = [SectionFound(c.url, category, why, len(inside), c.name) for category, c, inside in parts]
    return found, "each product stands in one of the collections"


def _parts(held: Iterable[tuple[str, Collection, Set[str]]]) -> list[tuple[str, Collection, Set[str]]] | str:
    """The collections that hold something new, or why they are no parts of a whole: one holds what another does."""
    parts = []
    covered: set[str] = set()
    for category, collection, inside in held:
        if inside <= covered:
            continue
        if inside & covered:
            return f"things of {collection.name!r} stand in other collections too"
        covered |= inside
        parts.append((category, collection, inside))
    return parts

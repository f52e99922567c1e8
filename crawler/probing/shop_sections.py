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
    everything: Set[str] | None,
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
    found: list[SectionFound] = []
    covered: set[str] = set()
    for category, collection in sorted(named, key=lambda pair: pair[1].count or 0):
        held = await members(collection)
        if held is None:
            return whole, "taken as a whole: not every collection could be asked for"
        if held & covered:
            if held <= covered:
                continue
            return whole, f"taken as a whole: things of {collection.name!r} stand in other collections too"
        covered |= held
        if held:
            found.append(SectionFound(collection.url, category, "a collection of the shop", len(held), collection.name))
    missing = len(everything - covered)
    if missing:
        return whole, f"taken as a whole: {missing} of {len(everything)} products are in no collection of a category"
    return found, "each product stands in one of the collections"

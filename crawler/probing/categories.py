"""Which vertical a site sells in, and which category a section's words name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote, urlsplit

from crawler.dealers.declaration import ANY_SECTION
from crawler.probing.section_words import category_in_shop
from inventory.listing import VERTICALS, Listing, Vertical
from inventory.taxonomy.makes import find_make
from pipelines.inference.category import category_named
from pipelines.inference.category_head import named_in

_CLEARLY: Final = 2
"""One vertical's words must be so many times more frequent than the other's."""


def vertical_of_words(texts: Iterable[str]) -> Vertical | None:
    """The vertical whose categories and makers the texts name; None where neither or both are."""
    points: dict[Vertical, float] = dict.fromkeys(VERTICALS, 0.0)
    for text in list(texts)[:2000]:
        for vertical in VERTICALS:
            if any(not named.weak for named in named_in(text, vertical)):
                points[vertical] += 1
        if find_make(text) is not None:
            points["equipment"] += 0.5
    best, other = sorted(points, key=lambda v: -points[v])
    return best if points[best] >= 1 and points[best] >= _CLEARLY * points[other] else None


def category_of_words(texts: Iterable[str], vertical: Vertical | None) -> str:
    """The category that the first of the texts names which names any; `all` where none does.

    Words that mean a category only within a shop of one vertical ("Toys") count where the vertical is known.
    """
    known = list(texts)
    for text in known:
        for candidate in VERTICALS if vertical is None else (vertical,):
            found = category_named(text, Listing(dealer="", vertical=candidate))
            if found is not None:
                return found
    return next((found for text in known if vertical and (found := category_in_shop(text, vertical))), ANY_SECTION)


def words_of_url(url: str) -> str:
    """The words in an address: its last folder."""
    parts = [part for part in urlsplit(url).path.split("/") if part]
    return " ".join(re.split(r"[-_.+ ]+", unquote(parts[-1]).removesuffix(".html"))) if parts else ""

"""A product's variants that have pages of their own, linked from the product's: "Variants: 3 kg, 12 kg"."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice
from typing import Final

from lxml import etree

from crawler.extraction.page import Page
from crawler.extraction.stock import Stock
from crawler.extraction.subject import Subject, text_of
from crawler.extraction.visible import DATA, Visible
from pipelines.parsing.lexicon import fold, rows
from pipelines.parsing.urls import absolute_url, canonical_url

MAX_VARIANTS: Final = 60
_HEADINGS: Final = ("h2", "h3", "h4", "h5", "h6", "legend", "dt", "strong", "b", "label", "p", "span", "div")
_LONGEST: Final = 30
_MAX_LOOKED_AT: Final = 4000
_ENDS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "legend", "dt"})


def variant_links(page: Page) -> list[str]:
    """Addresses of the variants' pages, the page's own left out; a single one only if it is named like the page."""
    own = canonical_url(page.url)
    for number, element in enumerate(page.root.iter(*_HEADINGS)):
        if number >= _MAX_LOOKED_AT:
            break
        text = element.text or ""
        if len(element) > 1 or not 0 < len(text.strip()) <= _LONGEST:
            continue
        if _heads_variants(text) and text_of(element) == " ".join(text.split()):
            found: dict[str, str] = {}
            for anchor in _anchors_behind(element):
                link = absolute_url(page.url, anchor.get("href") or "")
                if link and text_of(anchor) and canonical_url(link) != own and _same_host(link, own):
                    found[canonical_url(link)] = text_of(anchor)
            if len(found) > 1 or (found and _is_named_like(page, *found.values())):
                return list(found)[:MAX_VARIANTS]
    return []


@lru_cache(maxsize=20_000)
def _heads_variants(text: str) -> bool:
    return fold(text).rstrip(" :") in _words()


def _is_named_like(page: Page, name: str) -> bool:
    """Whether a name is that of the page's thing with something behind it: "Terrine, 400 g" on the page "Terrine"."""
    titles = [fold(text_of(heading)) for heading in islice(page.root.iter("h1"), 3)]
    return any(title and fold(name).startswith(title) for title in titles)


def can_be_bought(page: Page) -> bool:
    """Whether the page has a button for its own thing; one that only leads to its variants has none."""
    return Stock(Visible(Subject(page.url, page.root))).has_buy_button


def _anchors_behind(heading: etree._Element) -> Iterator[etree._Element]:
    """Links behind a heading in its own box, up to the next heading."""
    for element in heading.itersiblings():
        if element.tag in _ENDS:
            return
        yield from element.iter("a")


def _same_host(link: str, own: str) -> bool:
    return link.split("/")[2:3] == own.split("/")[2:3]


@cache
def _words() -> frozenset[str]:
    return frozenset(fold(row["word"]) for row in rows("variant_words.csv", DATA))

"""Whether the thing can be had, by what a reader sees near the main heading: a stock phrase, or a button to buy."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from crawler.extraction.query import elements
from crawler.extraction.reading import Reading
from crawler.extraction.subject import text_of
from crawler.extraction.visible import DATA, Visible
from pipelines.parsing.availability import AVAILABILITIES, parse_availability
from pipelines.parsing.lexicon import fold, patterns, rows, word_pattern

_BUTTONS: Final = elements(
    "//button | //input[@type='submit' or @type='button' or @type='image'] | //a[@role='button' or @class]"
)
_LONGEST: Final = 90
_NEAR: Final = 250
"""Texts behind the heading among which a stock phrase is about the page's thing."""
_GONE: Final = frozenset({"OutOfStock", "SoldOut", "Discontinued"})


def read_stock(visible: Visible, found: Reading) -> None:
    """Availability by the first stock phrase near the heading; a phrase that it is gone is taken before others."""
    if not found.lacks("availability"):
        return
    phrases = _phrases(visible)
    gone = next(((t, v) for t, v in phrases if v in _GONE), None)
    said = gone or (phrases[0] if phrases else None)
    if said:
        found.put("availability", said[0], "text near the heading")
    elif has_buy_button(visible):
        found.put("availability", "InStock", "buy button")


def says_gone(visible: Visible) -> str | None:
    """The phrase near the heading that says the thing cannot be had, if there is one and no button to buy."""
    gone = next((text for text, value in _phrases(visible) if value in _GONE), None)
    return gone if gone and not has_buy_button(visible) else None


def has_buy_button(visible: Visible) -> bool:
    """Whether a button outside navigation and related products puts the thing into a basket."""
    for element in _BUTTONS(visible.subject.root)[:1500]:
        if len(element) > 6:
            continue
        text = element.get("value") or text_of(element)
        text = text or element.get("title") or element.get("aria-label") or ""
        if 2 < len(text) <= 60 and _buy_words().search(fold(text)) and not visible.is_aside(element):
            return element.get("disabled") is None
    return False


def _phrases(visible: Visible) -> list[tuple[str, str]]:
    """Short texts near the heading that are about stock, with schema.org's word for each."""
    start = visible.heading_at or 0
    found = []
    for node in visible.nodes[start : start + _NEAR]:
        text = node.text
        if not 2 < len(text) <= _LONGEST or not _stock_words().search(fold(text)):
            continue
        value = parse_availability(text)
        zone = visible.zone(node.element)
        if value in AVAILABILITIES and not zone.hidden and not zone.elsewhere and not zone.linked:
            found.append((text, value))
    return found


@cache
def _stock_words() -> re.Pattern[str]:
    """All stock phrases in one pattern; single words only where they are the whole text."""
    everything = patterns("availability.csv").values()
    words = "|".join(p.pattern for p in everything)
    return re.compile(words)


@cache
def _buy_words() -> re.Pattern[str]:
    return word_pattern(row["word"] for row in rows("buy_words.csv", DATA))

"""Whether the thing can be had, by what a reader sees near the main heading: a stock phrase, or a button to buy."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from crawler.extraction.query import elements
from crawler.extraction.reading import Reading
from crawler.extraction.subject import text_of
from crawler.extraction.visible import DATA, Node, Visible
from pipelines.parsing.availability import AVAILABILITIES, parse_availability
from pipelines.parsing.lexicon import fold, patterns, rows, word_pattern

_BUTTONS: Final = elements(
    "//button | //input[@type='submit' or @type='button' or @type='image'] | //a[@role='button' or @class]"
)
_LONGEST: Final = 90
_NEAR: Final = 250
"""Texts behind the heading among which a stock phrase is about the page's thing."""
_GONE: Final = frozenset({"OutOfStock", "SoldOut", "Discontinued"})
_COVERED: Final = 0.3
"""Share of a text that its stock words must make up, unless it starts with them."""


def read_stock(visible: Visible, found: Reading, *, buy_button: bool) -> None:
    """Availability by what is seen; a button to buy also corrects data that says the thing is gone."""
    known = parse_availability(found.raw.get("availability"))
    if known is not None and known not in _GONE:
        return
    if known in _GONE:
        if buy_button and not found.provenance["availability"].startswith("selector "):
            found.drop("availability")
            found.put("availability", "InStock", "buy button")
        return
    found.drop("availability")
    phrases = stock_phrases(visible)
    if buy_button and (not phrases or phrases[0][1] not in _GONE):
        found.put("availability", phrases[0][0] if phrases else "InStock", "text" if phrases else "buy button")
    elif phrases:
        said = next((p for p in phrases if p[1] in _GONE), phrases[0])
        found.put("availability", said[1], f"text “{said[0]}”")


def has_buy_button(visible: Visible) -> bool:
    """Whether a button outside navigation and related products puts the thing into a basket."""
    for element in _BUTTONS(visible.subject.root)[:1500]:
        if len(element) > 6:
            continue
        text = element.get("value") or text_of(element) or element.get("title") or element.get("aria-label") or ""
        if 2 < len(text) <= 60 and _buy_words().search(fold(text)) and not visible.is_aside(element):
            return element.get("disabled") is None
    return False


def stock_phrases(visible: Visible) -> list[tuple[str, str]]:
    """Short texts near the heading that are about stock, with schema.org's word for each."""
    start = visible.heading_at or 0
    found = []
    for node in visible.nodes[start : start + _NEAR]:
        value = _says(node)
        if value is None:
            continue
        zone = visible.zone(node.element)
        if (
            not zone.hidden
            and not zone.elsewhere
            and not zone.linked
            and node.element.tag not in ("td", "dd", "option")
        ):
            found.append((node.text, value))
    return found


def _says(node: Node) -> str | None:
    """What a text says about stock: only if its stock words are most of it, or it starts with them."""
    if not 2 < len(node.text) <= _LONGEST or node.text.endswith(":"):
        return None
    folded = fold(node.text)
    match = _stock_words().search(folded)
    if match is None:
        return None
    whole = len(match[0]) >= len(folded.strip(" .!*")) - 1
    starts = match.start() <= 2 and len(match[0]) >= 6
    if not whole and not starts and len(match[0]) < _COVERED * len(folded):
        return None
    value = parse_availability(node.text)
    if value == "SoldOut" and not whole:  # "Sold by …"
        return None
    return value if value in AVAILABILITIES else None


@cache
def _stock_words() -> re.Pattern[str]:
    """All stock phrases in one pattern."""
    everything = patterns("availability.csv").values()
    return re.compile("|".join(p.pattern for p in everything))


@cache
def _buy_words() -> re.Pattern[str]:
    return word_pattern(row["word"] for row in rows("buy_words.csv", DATA))

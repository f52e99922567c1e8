"""Whether the thing can be had, by what a reader sees near the main heading: a stock phrase, or a button to buy."""

from __future__ import annotations

import re
from functools import cache, cached_property, lru_cache
from typing import Final

from crawler.extraction.query import elements
from crawler.extraction.reading import Reading
from crawler.extraction.visible import DATA, Visible, ancestors
from pipelines.parsing.availability import AVAILABILITIES, parse_availability
from pipelines.parsing.lexicon import fold, patterns, rows, word_pattern

_BUTTONS: Final = elements(
    "//button[@class or @id or @title or @aria-label] | //a[@onclick] | "
    "//input[@type='submit' or @type='button' or @type='image']"
)
_CLICKED: Final = frozenset({"button", "a", "label"})
_BUY_NAMES: Final = re.compile(
    r"(?<![a-z])(?:buy[-_]?(?:now|btn|button|it)|add[-_]?to[-_]?(?:cart|basket|bag)|add[-_]?cart|btn[-_]?(?:buy|cart))(?![a-z])"
)
"""Usual class names and ids of the button, where it says what it does by a picture."""
_CELLS: Final = frozenset({"td", "th", "dd", "dt", "option"})
"""Where a stock word is a property of the thing ("Discontinued: no"). A labelled availability is read as a label."""
_LONGEST: Final = 90
_NEAR: Final = 250
"""Texts behind the heading among which a stock phrase is about the page's thing."""
_GONE: Final = frozenset({"OutOfStock", "SoldOut", "Discontinued"})
_LABELLED: Final = ("text ", "table ", "definition list ")
"""How the provenance of what stood under a label begins."""
_COVERED: Final = 0.3
"""Share of a text that its stock words must make up, unless it starts with them."""


class Stock:
    """What a reader sees of the thing's stock; looked for only when asked."""

    def __init__(self, visible: Visible) -> None:
        self.visible = visible

    @cached_property
    def has_buy_button(self) -> bool:
        """Whether a button outside navigation and related products puts the thing into a basket."""
        start = self.visible.heading_at or 0
        for node in self.visible.nodes[max(0, start - _NEAR) : start + 4 * _NEAR]:
            if 2 < len(node.text) <= 40 and _buy_words().search(node.text.casefold()):
                button = next((e for e in ancestors(node.element, 4) if e.tag in _CLICKED), None)
                if button is not None and not self.visible.is_aside(button):
                    return button.get("disabled") is None
        for element in _BUTTONS(self.visible.subject.root)[:300]:
            names = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
            text = " ".join(filter(None, (element.get("value"), element.get("title"), element.get("aria-label"))))
            said = 2 < len(text) <= 60 and _buy_words().search(fold(text))
            if (said or _BUY_NAMES.search(names)) and not self.visible.is_aside(element):
                return element.get("disabled") is None
        return False

    @cached_property
    def phrases(self) -> list[tuple[str, str]]:
        """Short texts near the heading that are about stock, with schema.org's word for each."""
        start = self.visible.heading_at or 0
        found = []
        for node in self.visible.nodes[start : min(start + _NEAR, self.visible.main_end)]:
            value = _says(node.text) if 2 < len(node.text) <= _LONGEST else None
            if value is None or node.element.tag in _CELLS:
                continue
            zone = self.visible.zone(node.element)
            if not zone.hidden and not zone.elsewhere and not zone.linked:
                found.append((node.text, value))
        return found


def read_stock(stock: Stock, found: Reading) -> None:
    """Availability by what is seen; a button to buy also corrects data that says the thing is gone.

    What a reader sees under a label ("Availability: Out of stock") stands beside a button that templates leave in
    place; only "sold" does not, which is said of much else ("Sold: 12").
    """
    known = parse_availability(found.raw.get("availability"))
    if known is not None and known not in _GONE:
        return
    if known in _GONE:
        where = found.provenance["availability"]
        is_sure = where.startswith("selector ") or (known != "SoldOut" and where.startswith(_LABELLED))
        if not is_sure and stock.has_buy_button:
            found.drop("availability")
            found.put("availability", "InStock", "buy button")
        return
    found.drop("availability")
    phrases = stock.phrases
    gone = next((p for p in phrases if p[1] in _GONE), None)
    if gone and (phrases[0] is gone or not stock.has_buy_button):
        found.put("availability", gone[1], f"text “{gone[0]}”")
    elif phrases:
        found.put("availability", phrases[0][1], f"text “{phrases[0][0]}”")
    elif stock.has_buy_button:
        found.put("availability", "InStock", "buy button")


@lru_cache(maxsize=20_000)
def _says(text: str) -> str | None:
    """What a text says about stock: only if its stock words are most of it, or it starts with them."""
    if text.endswith(":"):
        return None
    folded = fold(text)
    match = _stock_words().search(folded)
    if match is None:
        return None
    whole = len(match[0]) >= len(folded.strip(" .!*")) - 1
    starts = match.start() <= 2 and len(match[0]) >= 6
    if not whole and not starts and len(match[0]) < _COVERED * len(folded):
        return None
    value = parse_availability(text)
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

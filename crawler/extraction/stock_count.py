"""How many of the thing there are, where its stock phrase says so: "In stock (25 available)", "Noch 3 Stück"."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

from crawler.extraction.reading import Reading
from crawler.extraction.visible import DATA, Visible
from pipelines.parsing.availability import parse_availability
from pipelines.parsing.lexicon import fold, rows
from pipelines.parsing.numbers import ascii_digits

_LONGEST: Final = 60
_NEAR: Final = 60
"""Texts behind the heading among which a count is about the page's thing."""
_YEARS: Final = range(1900, 2101)
"""A number that may be a year counts nothing: "2019, available now"."""


def read_stock_count(visible: Visible, found: Reading) -> None:
    """Fill quantity from the text of the availability, or from a text near the heading."""
    if "quantity" in found.raw:
        return
    count = count_in(str(found.raw.get("availability") or ""))
    if count is not None:
        found.put("quantity", count, found.provenance["availability"])
        return
    start = visible.heading_at or 0
    for node in visible.nodes[start : min(start + _NEAR, visible.main_end)]:
        count = count_in(node.text)
        if count is None:
            continue
        zone = visible.zone(node.element)
        if not zone.hidden and not zone.elsewhere and not zone.linked:
            found.put("quantity", count, f"text “{node.text}”")
            return


@lru_cache(maxsize=20_000)
def count_in(text: str) -> str | None:
    """The count that a text gives of what is in stock, if it says nothing else: "CAT 320 available" counts none."""
    if not 3 < len(text) <= _LONGEST or text.isalpha():
        return None
    folded = ascii_digits(fold(text))
    match = _phrases().search(folded)
    if match is None:
        return None
    number = next(group for group in match.groups() if group)
    rest = f"{folded[: match.start()]} {folded[match.end() :]}".strip(" .,;:!()-–|")
    if int(number) in _YEARS or (rest and parse_availability(rest) is None):
        return None
    return number


@cache
def _phrases() -> re.Pattern[str]:
    """All phrases in one pattern, the longest first; each has its number as a group."""
    phrases = sorted((fold(row["phrase"]) for row in rows("stock_counts.csv", DATA)), key=len, reverse=True)
    bodies = (re.escape(phrase).replace(r"\*", r"(\d{1,6})") for phrase in phrases)
    return re.compile(r"(?<![\w.,+-])(?:" + "|".join(bodies) + r")(?![\w+%])")

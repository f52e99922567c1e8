"""Whether a thing can be had, in schema.org's words."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from pipelines.parsing.lexicon import fold, patterns

AVAILABILITIES: Final = (
    "OutOfStock", "SoldOut", "Discontinued", "PreOrder", "PreSale", "BackOrder", "MadeToOrder", "Reserved",
    "LimitedAvailability", "InStoreOnly", "OnlineOnly", "InStock",
)  # fmt: skip
"""schema.org's ItemAvailability, in the order in which words are looked for: "not in stock" before "in stock"."""
_BY_NAME: Final = {name.casefold(): name for name in AVAILABILITIES}
_FEW_LEFT: Final = re.compile(
    r"\b(?:only|just) [1-9]\d* (?:\w+ )?left\b|\bnur noch [1-9]\d* (?:stück|stk|auf|verfügbar|artikel)|"
    r"\bplus que [1-9]\d*\b|"
    r"\b(?:solo|sólo) quedan? [1-9]\d*\b|\bnog maar [1-9]\d*\b|\bsolo [1-9]\d* (?:pezzi|rimast)"
)
"""A count of the last pieces: "only 3 left"."""
_NOT_LETTERS: Final = re.compile(r"[^a-z]")


def parse_availability(text: str | bool | int | None) -> str | None:
    """schema.org's word for an availability text: "https://schema.org/InStock", "in_stock", "Auf Lager", "Sold", true.

    A number is a count of pieces. `None` where the text says nothing about stock.
    """
    if text is None:
        return None
    if isinstance(text, (bool, int, float)):
        return "InStock" if text > 0 else "OutOfStock"
    folded = fold(text, 400)
    name = _NOT_LETTERS.sub("", folded.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1])
    if name in _BY_NAME:
        return _BY_NAME[name]
    if folded in {"true", "yes"}:
        return "InStock"
    if folded in {"false", "no"}:
        return "OutOfStock"
    for meaning in AVAILABILITIES:
        pattern = _words().get(meaning)
        if pattern and pattern.search(folded):
            return meaning
    return "InStock" if _FEW_LEFT.search(folded) else None


@cache
def _words() -> dict[str, re.Pattern[str]]:
    return patterns("availability.csv")

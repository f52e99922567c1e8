"""New, used, refurbished or damaged."""

from __future__ import annotations

from typing import Final, Literal

from pipelines.parsing.lexicon import fold, patterns

Condition = Literal["new", "used", "refurbished", "damaged"]
_ORDER: Final[tuple[Condition, ...]] = ("damaged", "refurbished", "used", "new")


def parse_condition(text: str | None) -> Condition | None:
    """The condition a condition field names: "https://schema.org/UsedCondition", "Gebraucht", "like new" (used)."""
    if not text:
        return None
    folded = fold(text, 200).rstrip("/").rsplit("schema.org/", 1)[-1]
    words = patterns("condition.csv")
    for meaning in _ORDER:
        if words[meaning].search(folded):
            return meaning
    return None

"""New, used, refurbished or damaged."""

from __future__ import annotations

from typing import Final, Literal

from pipelines.parsing.lexicon import fold, patterns

Condition = Literal["new", "used", "refurbished", "damaged"]
_ORDER: Final[tuple[Condition, ...]] = ("damaged", "refurbished", "used", "new")


def parse_condition(text: str | None) -> Condition | None:
    """The condition a condition field names: "https://schema.org/UsedCondition", "Gebraucht", "like new" (used).

    A word within a longer phrase does not count ("never used" is new); of several the one furthest from new is taken.
    """
    if not text:
        return None
    folded = fold(text, 200).rstrip("/").rsplit("schema.org/", 1)[-1]
    found: list[tuple[int, int, str]] = []
    for meaning, pattern in patterns("condition.csv").items():
        found += [(match.start(), match.end(), meaning) for match in pattern.finditer(folded)]
    meant = {meaning for start, end, meaning in found if not _within_another(start, end, found)}
    return next((meaning for meaning in _ORDER if meaning in meant), None)


def _within_another(start: int, end: int, found: list[tuple[int, int, str]]) -> bool:
    """Whether a longer phrase covers this one."""
    return any(first <= start and end <= last and last - first > end - start for first, last, _ in found)

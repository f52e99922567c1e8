"""What the name of a link says of the page behind it: stock, none, or which category (data/section_words.csv)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from inventory.listing import Vertical
from inventory.taxonomy.categories import CATEGORIES
from pipelines.parsing.lexicon import fold, rows, word_pattern

DATA: Final = Path(__file__).parent / "data"


def says(meaning: str, text: str) -> bool:
    """Whether a text has a word for `stock` or `no_stock` in it."""
    return _patterns()[meaning].search(fold(text, 200)) is not None


def is_only(meaning: str, text: str) -> bool:
    """Whether a text is such a word and nothing else."""
    return _patterns()[meaning].fullmatch(fold(text, 200)) is not None


def category_in_shop(text: str, vertical: Vertical) -> str | None:
    """The category that a section's name means within a shop of one vertical: there "Toys" are dogs' toys.

    The longest word decides, and among equals the first.
    """
    folded = fold(text, 200)
    best: tuple[int, str] | None = None
    for slug, pattern in _patterns().items():
        known = CATEGORIES.get(slug)
        hit = pattern.search(folded) if known and known.vertical == vertical else None
        if hit and (best is None or len(hit[0]) > best[0]):
            best = len(hit[0]), slug
    return best[1] if best else None


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    found: dict[str, list[str]] = {}
    for row in rows("section_words.csv", DATA):
        found.setdefault(row["meaning"], []).append(row["word"])
    return {meaning: word_pattern(words) for meaning, words in found.items()}

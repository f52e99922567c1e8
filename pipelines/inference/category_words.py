"""The words that name a category in a title, a section or a breadcrumb, in many languages (data/category_words.csv)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from inventory.listing import VERTICALS, Vertical
from inventory.taxonomy.categories import CATEGORIES, vertical_of
from inventory.taxonomy.phrases import PhraseIndex
from inventory.taxonomy.tables import TaxonomyError, read_rows

DATA: Final = Path(__file__).parent / "data"
COLUMNS: Final = ("category", "phrase", "language", "source")


def load(path: Path) -> Mapping[Vertical, PhraseIndex]:
    """Phrases by vertical. Raises TaxonomyError for an unknown category or a phrase that stands for two of them."""
    phrases: dict[Vertical, dict[str, str]] = {vertical: {} for vertical in VERTICALS}
    for line, row in read_rows(path, COLUMNS):
        slug, phrase = row["category"], row["phrase"]
        if slug not in CATEGORIES:
            raise TaxonomyError(path, line, f"unknown category {slug!r}")
        known = phrases[vertical_of(slug)]
        if known.get(phrase, slug) != slug:
            raise TaxonomyError(path, line, f"{phrase!r} already stands for {known[phrase]}")
        known[phrase] = slug
    return MappingProxyType({vertical: PhraseIndex(known, plurals=True) for vertical, known in phrases.items()})


CATEGORY_WORDS: Final = load(DATA / "category_words.csv")

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
COLUMNS: Final = ("category", "phrase", "language", "weak", "source")
JOINT_COLUMNS: Final = ("word", "language", "purpose", "source")
WEAK: Final = "?"
"""Ends the label of a phrase that may also mean something else: "rabbit" is an animal and a flavour."""


def load(path: Path) -> Mapping[Vertical, PhraseIndex]:
    """Phrases by vertical; a label is a category's slug, with WEAK behind it where the phrase is marked so.

    Raises TaxonomyError for an unknown category, a wrong mark, or a phrase that stands for two categories.
    """
    phrases: dict[Vertical, dict[str, str]] = {vertical: {} for vertical in VERTICALS}
    for line, row in read_rows(path, COLUMNS):
        slug, phrase = row["category"], row["phrase"]
        if slug not in CATEGORIES:
            raise TaxonomyError(path, line, f"unknown category {slug!r}")
        if row["weak"] not in ("", "yes"):
            raise TaxonomyError(path, line, f"weak is {row['weak']!r}, expected yes or nothing")
        label = slug + WEAK if row["weak"] else slug
        known = phrases[vertical_of(slug)]
        if known.get(phrase, label) != label:
            raise TaxonomyError(path, line, f"{phrase!r} already stands for {known[phrase]}")
        known[phrase] = label
    return MappingProxyType({vertical: PhraseIndex(known, plurals=True) for vertical, known in phrases.items()})


CATEGORY_WORDS: Final = load(DATA / "category_words.csv")
JOINTS: Final = {row["word"]: row["purpose"] for _, row in read_rows(DATA / "joining_words.csv", JOINT_COLUMNS)}
JOINING: Final = frozenset(JOINTS)
"""Words behind which stands what a thing belongs to or what comes with it, not the thing."""
PURPOSE: Final = frozenset(word for word, purpose in JOINTS.items() if purpose)
"""Those of them behind which stands what a thing is for."""

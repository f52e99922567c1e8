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
from pipelines.inference.category_labels import category_of, label_of
from pipelines.inference.category_parts import UNPARTED, unparted

DATA: Final = Path(__file__).parent / "data"
COLUMNS: Final = ("category", "phrase", "language", "weak", "source")
JOINT_COLUMNS: Final = ("word", "language", "purpose", "source")


def load(path: Path) -> Mapping[Vertical, PhraseIndex]:
    """Phrases by vertical; labels as in category_labels.

    Raises TaxonomyError for an unknown category, a wrong mark, or a phrase that stands for two categories.
    """
    phrases: dict[Vertical, dict[str, str]] = {vertical: {} for vertical in VERTICALS}
    for line, row in read_rows(path, COLUMNS):
        slug, phrase = row["category"], row["phrase"]
        if slug not in CATEGORIES:
            raise TaxonomyError(path, line, f"unknown category {slug!r}")
        if row["weak"] not in ("", "yes"):
            raise TaxonomyError(path, line, f"weak is {row['weak']!r}, expected yes or nothing")
        label = label_of(slug, row["language"], weak=bool(row["weak"]))
        known = phrases[vertical_of(slug)]
        if category_of(known.get(phrase, label)) != slug:
            raise TaxonomyError(path, line, f"{phrase!r} already stands for {known[phrase]}")
        known[phrase] = label
    return MappingProxyType({vertical: PhraseIndex(known, plurals=True) for vertical, known in phrases.items()})


CATEGORY_WORDS: Final = load(DATA / "category_words.csv")
_LINES: Final = (DATA / "category_words.csv").read_text(encoding="utf-8").splitlines()
_UNPARTED_PHRASES: Final = unparted(line.split(",")[1] for line in _LINES if UNPARTED.search(line))


def parted(text: str) -> str:
    """A text of a script without blanks with blanks around the words that name a category; others as they are."""
    if text.isascii() or not UNPARTED.search(text):
        return text
    return _UNPARTED_PHRASES.sub(r" \g<0> ", text)


JOINTS: Final = {row["word"]: row["purpose"] for _, row in read_rows(DATA / "joining_words.csv", JOINT_COLUMNS)}
JOINING: Final = frozenset(JOINTS)
"""Words behind which stands what a thing belongs to or what comes with it, not the thing."""
PURPOSE: Final = frozenset(word for word, purpose in JOINTS.items() if purpose == "yes")
"""Those of them behind which stands what a thing is for."""
WITHOUT: Final = frozenset(word for word, purpose in JOINTS.items() if purpose == "without")
"""Those of them behind which stands what is not there."""
WITH: Final = frozenset(word for word, purpose in JOINTS.items() if purpose == "with")
"""Those of them behind which stands what comes with it."""

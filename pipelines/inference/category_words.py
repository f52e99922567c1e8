"""The words that name a category in a title, a section or a breadcrumb, in many languages (data/category_words.csv)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
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


class WordsByVertical(Mapping[Vertical, PhraseIndex]):
    """A vertical's phrases, read when they are first asked for; labels as in category_labels.

    Raises TaxonomyError for an unknown category, a wrong mark, or a phrase that stands for two categories.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: dict[Vertical, PhraseIndex] = {}

    def __getitem__(self, vertical: Vertical) -> PhraseIndex:
        if vertical not in self._read:
            self._read[vertical] = PhraseIndex(self.labels(vertical), plurals=True)
        return self._read[vertical]

    def __iter__(self) -> Iterator[Vertical]:
        return iter(VERTICALS)

    def __len__(self) -> int:
        return len(VERTICALS)

    def labels(self, vertical: Vertical) -> dict[str, str]:
        """The phrases of a vertical and their labels."""
        known: dict[str, str] = {}
        for line, row in read_rows(self._path, COLUMNS):
            slug, phrase = row["category"], row["phrase"]
            if slug not in CATEGORIES:
                raise TaxonomyError(self._path, line, f"unknown category {slug!r}")
            if row["weak"] not in ("", "yes"):
                raise TaxonomyError(self._path, line, f"weak is {row['weak']!r}, expected yes or nothing")
            if vertical_of(slug) != vertical:
                continue
            label = label_of(slug, row["language"], weak=bool(row["weak"]))
            if category_of(known.get(phrase, label)) != slug:
                raise TaxonomyError(self._path, line, f"{phrase!r} already stands for {known[phrase]}")
            known[phrase] = label
        return known


CATEGORY_WORDS: Final = WordsByVertical(DATA / "category_words.csv")


@cache
def unparted_phrases() -> re.Pattern[str]:
    """Finds the phrases of scripts without blanks."""
    return unparted(phrase for vertical in VERTICALS for phrase in CATEGORY_WORDS.labels(vertical))


def parted(text: str) -> str:
    """A text of a script without blanks with blanks around the words that name a category; others as they are."""
    if text.isascii() or not UNPARTED.search(text):
        return text
    return unparted_phrases().sub(r" \g<0> ", text)


JOINTS: Final = {row["word"]: row["purpose"] for _, row in read_rows(DATA / "joining_words.csv", JOINT_COLUMNS)}
JOINING: Final = frozenset(JOINTS)
"""Words behind which stands what a thing belongs to or what comes with it, not the thing."""
PURPOSE: Final = frozenset(word for word, purpose in JOINTS.items() if purpose == "yes")
"""Those of them behind which stands what a thing is for."""
WITHOUT: Final = frozenset(word for word, purpose in JOINTS.items() if purpose == "without")
"""Those of them behind which stands what is not there."""
WITH: Final = frozenset(word for word, purpose in JOINTS.items() if purpose == "with")
"""Those of them behind which stands what comes with it."""

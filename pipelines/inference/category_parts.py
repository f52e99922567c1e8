"""Category words inside other words (data/category_parts.csv): "Sicherheitsgeschirr" ends in what it is, "smyczą"
begins with it, and Japanese puts no blanks between words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from inventory.listing import VERTICALS, Vertical
from inventory.taxonomy.categories import CATEGORIES, vertical_of
from inventory.taxonomy.tables import TaxonomyError, read_rows
from pipelines.inference.category_labels import label_of

DATA: Final = Path(__file__).parent / "data"
COLUMNS: Final = ("category", "part", "place", "weak", "language", "source")
PLACES: Final = ("start", "end")
LEAST_REST: Final = 3
"""A part at a word's end is the whole word, or has so many letters before it: "kleine" is no "Leine"."""
UNPARTED: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f]")
"""Signs of scripts that part no words."""


class Parts(NamedTuple):
    """The parts of one vertical by place, each with its label."""

    start: Mapping[str, str]
    end: Mapping[str, str]
    longest: int


def load(path: Path) -> Mapping[Vertical, Parts]:
    """Parts by vertical. Raises TaxonomyError for an unknown category, place or mark, or a part for two categories."""
    places: dict[tuple[Vertical, str], dict[str, str]] = {}
    for line, row in read_rows(path, COLUMNS):
        slug, part, place = row["category"], row["part"], row["place"]
        if slug not in CATEGORIES:
            raise TaxonomyError(path, line, f"unknown category {slug!r}")
        if place not in PLACES or row["weak"] not in ("", "yes") or part != part.lower() or len(part) < 3:
            raise TaxonomyError(path, line, f"{part!r} at {place!r}, weak {row['weak']!r}")
        known = places.setdefault((vertical_of(slug), place), {})
        if part in known:
            raise TaxonomyError(path, line, f"{part!r} at the {place} already stands for {known[part]}")
        known[part] = label_of(slug, row["language"], weak=bool(row["weak"]))
    found: dict[Vertical, Parts] = {}
    for vertical in VERTICALS:
        start, end = (MappingProxyType(places.get((vertical, place), {})) for place in PLACES)
        found[vertical] = Parts(start, end, max((len(part) for part in (*start, *end)), default=0))
    return MappingProxyType(found)


CATEGORY_PARTS: Final = load(DATA / "category_parts.csv")


@lru_cache(maxsize=16384)
def parts_of(word: str, vertical: Vertical) -> tuple[str, ...]:
    """The labels of the categories that a word in lower case names by its beginning or end.

    The longest part counts, and of an animal's product both, the animal first ("Katzenfutter").
    """
    parts = CATEGORY_PARTS[vertical]
    best: dict[bool, str] = {}
    for length in range(min(len(word), parts.longest), 2, -1):
        found = []
        if named := parts.start.get(word[:length]):
            found.append(named)
        rest = len(word) - length
        if (named := parts.end.get(word[-length:])) and (not rest or rest >= LEAST_REST):
            found.append(named)
        for label in found:
            best.setdefault(not label.startswith("not-dog"), label)
    return tuple(label for _, label in sorted(best.items()))


def unparted(phrases: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds, longest first, the phrases written in a script without blanks."""
    own = sorted((phrase for phrase in phrases if UNPARTED.match(phrase)), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, own)) or r"(?!)")

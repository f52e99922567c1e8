"""Size classes by category (data/size_classes.csv): intervals (lower, upper] on the category's basis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from inventory.taxonomy.categories import CATEGORIES, lineage
from inventory.taxonomy.tables import DATA, TaxonomyError, read_rows

COLUMNS: Final = ("category", "lower", "upper", "unit", "source")
TAXONOMY_VERSION: Final = 3
"""Goes up with every change of an edge, a category or a table of facts; a stored size can then be told to be old."""


@dataclass(frozen=True, slots=True)
class SizeClass:
    """Sizes above `lower` up to and including `upper` (None: no end), in `unit`."""

    lower: float
    upper: float | None
    unit: str

    def __contains__(self, value: float) -> bool:
        return self.lower < value and (self.upper is None or value <= self.upper)


def load(path: Path) -> Mapping[str, tuple[SizeClass, ...]]:
    """Read classes by category, ascending. Raises TaxonomyError for a gap, an overlap or a wrong unit."""
    found: dict[str, list[SizeClass]] = {}
    for line, row in read_rows(path, COLUMNS):
        slug = row["category"]
        if slug not in CATEGORIES:
            raise TaxonomyError(path, line, f"unknown category {slug!r}")
        if row["unit"] != CATEGORIES[slug].size_unit:
            raise TaxonomyError(path, line, f"{slug} is measured in {CATEGORIES[slug].size_unit}, not {row['unit']!r}")
        try:
            lower, upper = float(row["lower"]), float(row["upper"]) if row["upper"] else None
        except ValueError as error:
            raise TaxonomyError(path, line, str(error)) from error
        classes = found.setdefault(slug, [])
        if upper is not None and upper <= lower:
            raise TaxonomyError(path, line, f"upper edge {upper} is not above {lower}")
        if classes and classes[-1].upper != lower:
            raise TaxonomyError(path, line, f"{slug} starts at {lower}, the class above it ends at {classes[-1].upper}")
        classes.append(SizeClass(lower, upper, row["unit"]))
    return MappingProxyType({slug: tuple(classes) for slug, classes in found.items()})


SIZE_CLASSES: Final = load(DATA / "size_classes.csv")


@lru_cache(maxsize=256)
def classes_of(category: str) -> tuple[SizeClass, ...]:
    """The classes of a category, or of the nearest parent that has some in the same unit; () where there are none."""
    for slug in lineage(category):
        if slug in SIZE_CLASSES:
            return SIZE_CLASSES[slug]
    return ()


def size_class(category: str, value: float) -> SizeClass | None:
    """The class that a size on the category's basis falls in; None where no class holds it.

    A value equal to an edge belongs to the class below it. Raises KeyError for an unknown category.
    """
    for interval in classes_of(category):
        if value in interval:
            return interval
    return None

"""How often a source calls a thing by another category's name (data/category_chances.csv): a skid steer's section holds
track loaders, and few dealers say "mini" in the breadcrumbs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from inventory.taxonomy.categories import CATEGORIES, lineage
from inventory.taxonomy.tables import TaxonomyError, read_rows

DATA: Final = Path(__file__).parent / "data"
COLUMNS: Final = ("category", "called", "in_title", "in_passing", "in_section", "source")
Source = Literal["title", "section", "category field", "category slug", "breadcrumbs", "description"]
ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Reliability:
    """How often a source is right, where its word is a clear one and where it is a weak one."""

    right: float
    weak: float
    alternatives: int
    """The wrong answers spread over about so many categories."""

    def elsewhere(self, *, weak: bool) -> float:
        """The chance that the source names a given category of a thing that has nothing to do with it."""
        return (1 - (self.weak if weak else self.right)) / self.alternatives


SOURCES: Final[Mapping[Source, Reliability]] = MappingProxyType(
    {
        "title": Reliability(0.97, 0.6, 30),
        "section": Reliability(0.95, 0.7, 30),
        "category field": Reliability(0.95, 0.7, 30),
        "category slug": Reliability(0.995, 0.995, 30),
        "breadcrumbs": Reliability(0.95, 0.7, 30),
        "description": Reliability(0.6, 0.3, 10),
    }
)
Chances = tuple[float, float, float]
"""In a title, in passing (a weak word, a description), in a section."""


def load(path: Path) -> Mapping[tuple[str, str], Chances]:
    """(category, what it is called) → the chances of that; ANY stands for every other category.

    Raises TaxonomyError for an unknown category or a chance that is none.
    """
    found: dict[tuple[str, str], Chances] = {}
    for line, row in read_rows(path, COLUMNS):
        for slug in (row["category"], row["called"]):
            if slug not in CATEGORIES and slug != ANY:
                raise TaxonomyError(path, line, f"unknown category {slug!r}")
        try:
            chances = float(row["in_title"]), float(row["in_passing"]), float(row["in_section"])
        except ValueError as error:
            raise TaxonomyError(path, line, str(error)) from error
        if not all(0 < value < 1 for value in chances):
            raise TaxonomyError(path, line, f"{chances} are no chances")
        if (row["category"], row["called"]) in found:
            raise TaxonomyError(path, line, f"{row['category']} called {row['called']} stands twice")
        found[row["category"], row["called"]] = chances
    return MappingProxyType(found)


CHANCES: Final = load(DATA / "category_chances.csv")


@lru_cache(maxsize=8192)
def chance(source: Source, called: str, category: str, *, weak: bool) -> float:
    """How likely a source calls a thing of `category` by the name of `called`."""
    reliability = SOURCES[source]
    if called == category:
        return reliability.weak if weak else reliability.right
    known = CHANCES.get((category, called)) or kind_of(category, called)
    if known is None:
        return reliability.elsewhere(weak=weak)
    place = 2 if source not in ("title", "description") else 1 if weak or source == "description" else 0
    wide = called in lineage(category)
    meant = SLUG_SLIPS if source == "category slug" and not wide else 1.0
    return max(known[place] * meant, reliability.elsewhere(weak=weak))


def kind_of(category: str, called: str) -> Chances | None:
    """The chances of a row that holds for every category of a vertical or for every parent or child."""
    for pair in ((category, ANY), (ANY, called)):
        if pair in CHANCES and CATEGORIES[category].vertical == CATEGORIES[called].vertical:
            return CHANCES[pair]
    if called in lineage(category):
        return PARENT
    if category in lineage(called):
        return CHILD
    return None


SLUG_SLIPS: Final = 0.1
"""Who writes one of our own slugs has looked at our list, and confuses two kinds that much more rarely."""
PARENT: Final = (0.3, 0.5, 0.3)
"""A thing called by the wider name."""
CHILD: Final = (0.01, 0.03, 0.03)
"""A thing called by a narrower name than its own."""

"""What kind of machine a maker means by a series: Wacker Neuson's DPU are plates, Genie's GS scissor lifts
(data/model_kinds.csv)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from inventory.taxonomy.categories import CATEGORIES
from inventory.taxonomy.makes import MAKES
from inventory.taxonomy.models import ModelNumber
from inventory.taxonomy.tables import TaxonomyError, read_rows

DATA: Final = Path(__file__).parent / "data"
COLUMNS: Final = ("make", "prefix", "tail", "category", "source")
ANY: Final = "*"
Kinds = Mapping[tuple[str, str, str], str]


def load(path: Path) -> Kinds:
    """(make, what stands before the number, what behind it) → category.

    An empty make stands for any, a prefix ANY for whatever the maker makes. Raises TaxonomyError for an unknown
    make or category, or a series that stands twice.
    """
    found: dict[tuple[str, str, str], str] = {}
    for line, row in read_rows(path, COLUMNS):
        key = row["make"], row["prefix"], row["tail"]
        if row["category"] not in CATEGORIES:
            raise TaxonomyError(path, line, f"unknown category {row['category']!r}")
        if row["make"] and row["make"] not in MAKES:
            raise TaxonomyError(path, line, f"unknown make {row['make']!r}")
        if key in found or not (row["prefix"] or row["tail"]):
            raise TaxonomyError(path, line, f"{key} stands twice or for nothing")
        found[key] = row["category"]
    return MappingProxyType(found)


@lru_cache(maxsize=1)
def kinds() -> Kinds:
    """The table, read when it is first asked for."""
    return load(DATA / "model_kinds.csv")


def kind_of_series(make: str | None, number: ModelNumber) -> str | None:
    """The category of a maker's series, the most exact row first; None where no row speaks of it."""
    known, maker = kinds(), make or ""
    exact = (maker, number.prefix, number.tail), (maker, number.prefix, ""), (maker, "", number.tail)
    for key in (*exact, (maker, ANY, ""), ("", number.prefix, "")):
        if key in known and (key[1] or key[2]):
            return known[key]
    return None

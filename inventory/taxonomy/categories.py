"""The tree of categories for both verticals (data/categories.csv)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, cast, get_args

from inventory.listing import VERTICALS, Vertical
from inventory.taxonomy.tables import DATA, TaxonomyError, read_rows

COLUMNS: Final = ("slug", "parent", "name", "vertical", "size_basis", "size_unit", "source")


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of thing. `size_basis` says what its size is measured by, `size_unit` in what; both may be None."""

    slug: str
    parent: str | None
    name: str
    vertical: Vertical
    size_basis: str | None
    size_unit: str | None
    source: str


def load(path: Path) -> Mapping[str, Category]:
    """Read categories by slug, in the file's order. Raises TaxonomyError for a wrong row; parents stand first."""
    found: dict[str, Category] = {}
    for line, row in read_rows(path, COLUMNS):
        slug, parent, vertical = row["slug"], row["parent"] or None, row["vertical"]
        if slug in found:
            raise TaxonomyError(path, line, f"category {slug!r} stands twice")
        if vertical not in VERTICALS:
            raise TaxonomyError(path, line, f"vertical {vertical!r} is none of {get_args(Vertical)}")
        if parent is not None and parent not in found:
            raise TaxonomyError(path, line, f"parent {parent!r} of {slug!r} does not stand above it")
        if parent is not None and found[parent].vertical != vertical:
            raise TaxonomyError(path, line, f"{slug!r} is in another vertical than its parent")
        found[slug] = Category(
            slug,
            parent,
            row["name"],
            cast(Vertical, vertical),
            row["size_basis"] or None,
            row["size_unit"] or None,
            row["source"],
        )
    return MappingProxyType(found)


CATEGORIES: Final = load(DATA / "categories.csv")


def children(slug: str) -> tuple[str, ...]:
    """Slugs directly below a category. Raises KeyError for an unknown one."""
    parent = CATEGORIES[slug].slug
    return tuple(c.slug for c in CATEGORIES.values() if c.parent == parent)


def descendants(slug: str) -> tuple[str, ...]:
    """The category itself and everything below it, parents first. Raises KeyError for an unknown one."""
    found = [CATEGORIES[slug].slug]
    for current in found:
        found.extend(children(current))
    return tuple(found)


@lru_cache(maxsize=256)
def lineage(slug: str) -> tuple[str, ...]:
    """The category and its ancestors, nearest first. Raises KeyError for an unknown one."""
    found = [slug]
    while (parent := CATEGORIES[found[-1]].parent) is not None:
        found.append(parent)
    return tuple(found)


def vertical_of(slug: str) -> Vertical:
    """The vertical a category belongs to. Raises KeyError for an unknown one."""
    return CATEGORIES[slug].vertical

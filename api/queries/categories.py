"""How many listings each category has, as a tree in which a category includes its children."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Select, func, select

from inventory.listing import STATUSES
from inventory.tables import listings
from inventory.taxonomy.categories import CATEGORIES, children


def counts_by_category() -> Select[Any]:
    """category (None: not recognised), status, count."""
    columns = listings.c
    return select(columns.category, columns.status, func.count()).group_by(columns.category, columns.status)


def tree(rows: Iterable[tuple[str | None, str, int]], vertical: str | None = None) -> list[dict[str, Any]]:
    """The categories of both verticals, or of one, with counts that include what is below. Pure."""
    own: dict[str | None, Counter[str]] = {}
    for slug, status, count in rows:
        own.setdefault(slug, Counter())[status] += count
    return [
        _node(category.slug, own)[0]
        for category in CATEGORIES.values()
        if category.parent is None and vertical in (None, category.vertical)
    ]


def uncategorised(rows: Iterable[tuple[str | None, str, int]]) -> int:
    """Listings without a category, or with one that this program does not know (any more)."""
    return sum(count for slug, _, count in rows if slug not in CATEGORIES)


def _node(slug: str, own: Mapping[str | None, Counter[str]]) -> tuple[dict[str, Any], Counter[str]]:
    below = [_node(child, own) for child in children(slug)]
    total = sum((counts for _, counts in below), Counter(own.get(slug, ())))
    category = CATEGORIES[slug]
    node = {
        "slug": slug,
        "name": category.name,
        "vertical": category.vertical,
        "size_basis": category.size_basis,
        "size_unit": category.size_unit,
        "count": total.total(),
        "status": {status: total[status] for status in STATUSES},
        "children": [child for child, _ in below],
    }
    return node, total

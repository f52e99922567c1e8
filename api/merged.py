"""What a unit's listings say together: for each field the best value, and which listing said it. Pure.

What a thing is (maker, year, pack size) is what most of its listings say. How it is now (hours, place, condition) is
what the best listing says: one on offer before what is sold or gone, then the one seen last. Category and size are of
the listing that is surest of them. Prices are not merged: each listing has its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

SAID_BY_MOST: Final = (
    *("make", "model", "base_model", "year", "serial_number", "brand", "gtin", "mpn", "operating_weight_kg"),
    *("net_weight_g", "pack_count", "unit_weight_g", "dog_weight_min_kg", "dog_weight_max_kg", "life_stage"),
    "food_form",
)
SAID_BY_BEST: Final = (
    ("title",),
    ("hours",),
    ("condition",),
    ("location", "city", "region", "country", "lat", "lon", "location_precision"),
)
"""Groups of which all fields are from one listing; the first field is what makes it a value."""
SAID_BY_SUREST: Final = (
    (("category",), "category_confidence"),
    (("size_label", "size_value", "size_basis", "size_min", "size_max", "size_unit", "size_method"), "size_confidence"),
)

Row = Mapping[str, Any]


def merged(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """Field → value, `listing_id` of who said it, how many listings `agree` and how many have a value (`known`).

    `rows` are the unit's listings, the best first. A field that no listing has is not there.
    """
    found: dict[str, dict[str, Any]] = {}
    for name in SAID_BY_MOST:
        known = [row for row in rows if row[name] is not None]
        if known:
            counts = Counter(row[name] for row in known)
            found[name] = _said(rows, max(known, key=lambda row: counts[row[name]]), name)  # the first of equal ones
    for group in SAID_BY_BEST:
        best = next((row for row in rows if any(row[name] is not None for name in group)), None)
        found |= _group(rows, best, group)
    for group, confidence in SAID_BY_SUREST:
        sayers = [row for row in rows if any(row[name] is not None for name in group)]
        surest = max(sayers, key=lambda row: row[confidence] or 0, default=None)  # the first of equal ones
        found |= _group(rows, surest, group)
    return found


def _group(rows: Sequence[Row], row: Row | None, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    return {} if row is None else {name: _said(rows, row, name) for name in names if row[name] is not None}


def _said(rows: Sequence[Row], row: Row, name: str) -> dict[str, Any]:
    return {
        "value": row[name],
        "listing_id": row["id"],
        "agree": sum(other[name] == row[name] for other in rows),
        "known": sum(other[name] is not None for other in rows),
    }

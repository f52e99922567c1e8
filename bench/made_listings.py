"""How much of what a careful person reads in the made listings (tests/recorded/listings) inference answers.

Half of the layouts, by name in turn, may be looked at while rules are written; the others are only scored. A field that
a careful person could answer otherwise (`unsure`) is not scored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from bench.measured import Measured
from inventory.taxonomy.makes import canonical_make
from inventory.taxonomy.size_classes import classes_of, size_class
from pipelines.json_lines import LineError
from pipelines.listing_lines import inferred_record

FILES: Final = Path(__file__).parents[1] / "tests" / "recorded" / "listings"
WRITTEN_ON: Final = date(2026, 11, 22)
FIELDS: Final = {
    "machines": (
        "category", "make", "model", "year", "hours", "serial_number", "size_value", "size_class",
        "operating_weight_kg",
    ),
    "dog_products": (
        "category", "net_weight_g", "pack_count", "unit_weight_g", "dog_weight_min_kg", "dog_weight_max_kg",
        "breed_sizes", "size_label", "life_stage", "food_form", "measures", "ingredients", "analysis", "condition",
        "rating", "rating_count",
    ),
}  # fmt: skip
WITHIN: Final = {"size_value": 0.1, "operating_weight_kg": 0.1, "net_weight_g": 0.03, "unit_weight_g": 0.03}
"""Share by which a number may be off."""
CLOSE: Final = 0.03
"""Nearer than this share to a class's edge no class is certain."""
SURE: Final = 0.6
"""Where a person would only guess, an answer less sure than this counts as none."""
MEASURE: Final = re.compile(r"[a-z]+(?:_min|_max)?_cm")


@dataclass(frozen=True, slots=True)
class MadeListing:
    """A made listing, what a careful person reads in it, and what was inferred."""

    id: str
    layout: str
    expected: dict[str, Any]
    unsure: frozenset[str]
    found: dict[str, Any]


@cache
def made_listings(file: str) -> tuple[MadeListing, ...]:
    """All lines of a file, read and inferred once."""
    lines = (FILES / f"{file}.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(_read(json.loads(line)) for line in lines)


def _read(said: dict[str, Any]) -> MadeListing:
    try:
        found = inferred_record(said["given"], None, WRITTEN_ON)
    except LineError:
        found = {}
    expected = said["expected"]
    unsure = frozenset(said["unsure"]) | ({"measures"} if "attributes" in said["unsure"] else set())
    if _near_an_edge(expected):
        unsure |= {"size_min", "size_max"}
    return MadeListing(said["id"], said["layout"], _whole(_by_todays_edges(expected)), unsure, _whole(found))


def _by_todays_edges(expected: dict[str, Any]) -> dict[str, Any]:
    """The class of the size that was read: the edges may have moved since the listing was written."""
    if expected.get("size_value") is None or expected.get("size_min") is None:
        return expected
    known = size_class(expected["category"], expected["size_value"])
    return expected | ({"size_min": known.lower, "size_max": known.upper} if known else {})


def _near_an_edge(expected: dict[str, Any]) -> bool:
    """Whether the size lies so near an edge of today's that another reading falls in the class beside it."""
    value = expected.get("size_value")
    if value is None:
        return False
    edges = [edge.lower for edge in classes_of(expected["category"]) if edge.lower]
    return any(abs(value / edge - 1) < CLOSE and value != edge for edge in edges)


def _whole(values: dict[str, Any]) -> dict[str, Any]:
    """The values with those that are scored together under one name."""
    attributes = values.get("attributes") or {}
    edges = (values.get("size_min"), values.get("size_max"))
    measures = {name: value for name, value in attributes.items() if MEASURE.fullmatch(name)}
    texts = {name: attributes.get(name) for name in ("ingredients", "analysis")}
    return values | texts | {"measures": measures or None, "size_class": edges if any(edges) else None}


def seen_layouts(file: str) -> frozenset[str]:
    """The layouts that may be looked at."""
    return frozenset(sorted({listing.layout for listing in made_listings(file)})[::2])


def verdict(listing: MadeListing, name: str) -> str | None:
    """`right`, `wrong`, `missed` or `guessed` (answered where nothing tells); None where the field is not scored."""
    if name in listing.unsure or (name == "size_class" and {"size_min", "size_max"} & listing.unsure):
        return None
    expected, found = listing.expected.get(name), listing.found.get(name)
    if expected in (None, [], {}):
        by_rule = str((listing.found.get("provenance") or {}).get(name)).startswith("rule")
        if found in (None, [], {}) or by_rule or (name.startswith("size_") and _hesitant(listing)):
            return None  # "food that names no breed size is for all" holds for 87 in 100 of real foods, and says so
        return "guessed"
    if found in (None, [], {}):
        return "missed"
    return "right" if agrees(name, expected, found) else "wrong"


def _hesitant(listing: MadeListing) -> bool:
    return (listing.found.get("size_confidence") or 0.0) < SURE


def agrees(name: str, expected: Any, found: Any) -> bool:
    """Whether a value is what the careful person read."""
    if name == "make":
        return _signs(canonical_make(str(expected)) or "") == _signs(str(found))
    if name in ("model", "serial_number", "size_label"):
        return _signs(str(expected)) == _signs(str(found))
    if name == "breed_sizes":
        return set(expected) == set(found)
    if name == "measures":
        same = expected.keys() == found.keys()
        return same and all(abs(float(found[key]) - float(expected[key])) <= 0.6 for key in expected)
    if name == "size_class":
        return all((a or None) == (b or None) for a, b in zip(expected, found, strict=True))
    if name in ("ingredients", "analysis"):
        return _signs(str(expected))[:40] == _signs(str(found))[:40]
    if isinstance(expected, int | float):
        return abs(float(found) - expected) <= WITHIN.get(name, 0.006) * abs(expected)
    return str(found).casefold() == str(expected).casefold()


def _signs(text: str) -> str:
    return re.sub(r"[^\w]|_", "", text).upper()


def f1_of(name: str, listings: Iterable[MadeListing]) -> tuple[float, int]:
    """F1 of a field, and of how many listings it was to be found. A wrong value is one too many and one missed."""
    verdicts = [verdict(listing, name) for listing in listings]
    right, wrong, missed, guessed = (verdicts.count(word) for word in ("right", "wrong", "missed", "guessed"))
    off = 2 * wrong + missed + guessed
    return (2 * right / (2 * right + off) if right + off else 1.0), right + wrong + missed


def measure() -> Iterator[Measured]:
    """F1 by field, over the layouts that were looked at and over the others."""
    for file, fields in FIELDS.items():
        seen = seen_layouts(file)
        for held_out in (False, True):
            listings = [one for one in made_listings(file) if (one.layout not in seen) == held_out]
            which = "layouts not looked at" if held_out else "layouts looked at"
            yield Measured(file, f"listings, {which}", len(listings), "listings")
            for name in fields:
                f1, n = f1_of(name, listings)
                yield Measured(file, f"{name} (n {n}), {which}", f1, "F1")

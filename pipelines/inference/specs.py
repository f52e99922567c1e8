"""Sizes that a page states in its specification table: "Einsatzgewicht | 21.800 kg" (data/spec_names.csv)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from inventory.taxonomy.phrases import words
from inventory.taxonomy.tables import TaxonomyError, read_rows
from pipelines.parsing.numbers import parse_number
from pipelines.parsing.quantity import Dimension, parse_quantity

DATA: Final = Path(__file__).parent / "data"
COLUMNS: Final = ("quantity", "unit", "name", "language", "source")
DIMENSIONS: Final[Mapping[str, tuple[Dimension, float]]] = {
    "t": ("mass", 1e-3),
    "kg": ("mass", 1.0),
    "lb": ("mass", 2.20462262),
    "hp": ("power", 1.0),
    "ft": ("length", 1.0),
}
"""Unit → what kind it is, and how many of it one base unit of that kind makes (kg, hp, ft)."""
FACTORS: Final[Mapping[str, Mapping[str, float]]] = {
    "kW": {"kw": 1, "kva": 0.8, "hp": 0.74569987, "mw": 1000},
    "cfm": {"cfm": 1, "m3/min": 35.3146667, "m³/min": 35.3146667, "l/s": 2.11888},
    "yd3": {"yd3": 1, "yd³": 1, "yd": 1, "yards": 1, "cy": 1, "m3": 1.30795062, "m³": 1.30795062},
}
"""Unit → what one of the other unit is in it. kVA counts with a power factor of 0.8, as makers rate sets."""
AMOUNT: Final = re.compile(r"(\d[\d.,' \u00a0\u202f]*?)\s*(m[3³]/min|l/s|[a-zа-я]+[3³]?)(?![^\W_])", re.IGNORECASE)
UNITS_IN_NAMES: Final = frozenset(
    {"kg", "t", "lb", "lbs", "kw", "hp", "ps", "ch", "cv", "m", "mm", "cm", "ft", "in", "kva", "cfm"}
)


@dataclass(frozen=True, slots=True)
class Spec:
    """A size read from a specification row, in `unit`, with the row's name and text."""

    quantity: str
    value: float
    unit: str
    text: str


def load(path: Path) -> Mapping[tuple[str, ...], tuple[str, str]]:
    """Words of a row's name → (quantity, unit). Raises TaxonomyError for an unknown unit or a name given twice."""
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    for line, row in read_rows(path, COLUMNS):
        key = tuple(word.text for word in words(row["name"]))
        if row["unit"] not in FACTORS and row["unit"] not in DIMENSIONS:
            raise TaxonomyError(path, line, f"unknown unit {row['unit']!r}")
        if key in found:
            raise TaxonomyError(path, line, f"the name {row['name']!r} stands twice")
        found[key] = (row["quantity"], row["unit"])
    return MappingProxyType(found)


SPEC_NAMES: Final = load(DATA / "spec_names.csv")


def read_specs(pairs: Iterable[Sequence[Any]]) -> dict[str, Spec]:
    """Quantity → the first row that states it. A unit may stand in the value or in the row's name ("Weight (kg)")."""
    found: dict[str, Spec] = {}
    for pair in pairs:
        if len(pair) != 2:
            continue
        name, text = str(pair[0]), str(pair[1])
        known, unit_in_name = meaning(name)
        if known is None or known[0] in found:
            continue
        value = amount(text, known[1], unit_in_name)
        if value is not None:
            found[known[0]] = Spec(known[0], value, known[1], f"{name}: {text}")
    return found


@lru_cache(maxsize=4096)
def meaning(name: str) -> tuple[tuple[str, str] | None, str | None]:
    """A row's name → its quantity and unit, and the unit that stands in the name itself; None for other names."""
    in_name = [word.text for word in words(name)]
    known = SPEC_NAMES.get(tuple(in_name))
    if known is None and len(in_name) > 1 and in_name[-1] in UNITS_IN_NAMES:
        return SPEC_NAMES.get(tuple(in_name[:-1])), in_name[-1]
    return known, None


def amount(text: str, unit: str, default: str | None = None) -> float | None:
    """The first amount in a text that has a unit of the wanted kind, in `unit`; without any unit, `default` counts."""
    dimension = DIMENSIONS.get(unit)
    if dimension is not None:
        value = parse_quantity(text, dimension[0])
        if value is None and default is not None and (plain := parse_number(text)) is not None:
            value = parse_quantity(f"{plain} {default}", dimension[0])
        return None if value is None else round(value * dimension[1], 3)
    factors = FACTORS[unit]
    for match in AMOUNT.finditer(text):
        factor = factors.get((match[2] or default or "").lower())
        number = parse_number(match[1])
        if factor is not None and number is not None:
            return round(float(number) * factor, 3)
    return None

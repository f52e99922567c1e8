"""Sizes that a page states in its specification table: "Einsatzgewicht | 21.800 kg" (data/spec_names.csv)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from inventory.taxonomy.phrases import words
from inventory.taxonomy.tables import TaxonomyError, read_rows

DATA: Final = Path(__file__).parent / "data"
COLUMNS: Final = ("quantity", "unit", "name", "language", "source")
FACTORS: Final[Mapping[str, Mapping[str, float]]] = {
    "t": {"t": 1, "to": 1, "tonne": 1, "tonnes": 1, "tonnen": 1, "ton": 1, "tons": 0.90718474, "kg": 1e-3, "kgs": 1e-3,
          "lb": 0.45359237e-3, "lbs": 0.45359237e-3, "pounds": 0.45359237e-3, "kilogram": 1e-3, "кг": 1e-3, "т": 1},
    "kg": {"kg": 1, "lb": 0.45359237, "lbs": 0.45359237, "t": 1000},
    "lb": {"lb": 1, "lbs": 1, "pounds": 1, "kg": 2.20462262, "kgs": 2.20462262, "t": 2204.62262, "tonnes": 2204.62262,
           "tons": 2000, "ton": 2000},
    "hp": {"hp": 1, "bhp": 1, "kw": 1.34102209, "ps": 0.98632007, "cv": 0.98632007, "ch": 0.98632007, "pk": 0.98632007,
           "km": 0.98632007, "л.с": 0.98632007, "hk": 0.98632007, "кВт": 1.34102209},
    "ft": {"ft": 1, "feet": 1, "'": 1, "m": 3.2808399, "mm": 3.2808399e-3, "cm": 3.2808399e-2, "in": 1 / 12, '"': 1 / 12},
    "kW": {"kw": 1, "kva": 0.8, "hp": 0.74569987, "mw": 1000},
    "cfm": {"cfm": 1, "m3/min": 35.3146667, "m³/min": 35.3146667, "l/s": 2.11888},
    "yd3": {"yd3": 1, "yd³": 1, "yd": 1, "yards": 1, "cy": 1, "m3": 1.30795062, "m³": 1.30795062},
}  # fmt: skip
"""Unit → what one of the other unit is in it. kVA counts with a power factor of 0.8, as makers rate sets."""
AMOUNT: Final = re.compile(
    r"(\d{1,3}(?:[.,'\u00a0\u202f ]\d{3})+(?!\d)|\d+(?:[.,]\d+)?)\s*(m[3³]/min|l/s|[a-zа-я]+[3³]?|['\"])?",
    re.IGNORECASE,
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
        if row["unit"] not in FACTORS:
            raise TaxonomyError(path, line, f"unknown unit {row['unit']!r}")
        if key in found:
            raise TaxonomyError(path, line, f"the name {row['name']!r} stands twice")
        found[key] = (row["quantity"], row["unit"])
    return MappingProxyType(found)


SPEC_NAMES: Final = load(DATA / "spec_names.csv")
UNITS_IN_NAMES: Final = frozenset(unit for units in FACTORS.values() for unit in units)


def read_specs(pairs: Iterable[Sequence[Any]]) -> dict[str, Spec]:
    """Quantity → the first row that states it. A unit may stand in the value or in the row's name ("Weight (kg)")."""
    found: dict[str, Spec] = {}
    for pair in pairs:
        if len(pair) != 2:
            continue
        name, text = str(pair[0]), str(pair[1])
        in_name = [word.text for word in words(name)]
        known = SPEC_NAMES.get(tuple(in_name))
        unit_in_name = None
        if known is None and len(in_name) > 1:
            unit_in_name = in_name[-1]
            known = SPEC_NAMES.get(tuple(in_name[:-1])) if unit_in_name in UNITS_IN_NAMES else None
        if known is None or known[0] in found:
            continue
        value = amount(text, known[1], unit_in_name)
        if value is not None:
            found[known[0]] = Spec(known[0], value, known[1], f"{name}: {text}")
    return found


def amount(text: str, unit: str, default: str | None = None) -> float | None:
    """The first amount in a text that has a unit of the wanted kind, in `unit`; without any unit, `default` counts."""
    factors = FACTORS[unit]
    for match in AMOUNT.finditer(text):
        factor = factors.get((match[2] or default or "").lower())
        if factor is not None:
            return plain_number(match[1]) * factor
    return None


def plain_number(text: str) -> float:
    """A number with thousands marks of any land; a single mark before three digits parts thousands."""
    if re.fullmatch(r"\d{1,3}(?:[.,'\u00a0\u202f ]\d{3})+", text):
        return float(re.sub(r"\D", "", text))
    return float(text.replace(",", "."))

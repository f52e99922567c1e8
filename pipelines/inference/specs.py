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
from pipelines.inference.size_quantities import Way
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
    "kW": {"kw": 1, "kva": 0.8, "hp": 0.74569987, "mw": 1000, "mva": 800, "квт": 1, "ква": 0.8, "ekw": 1, "kwe": 1},
    "cfm": {"cfm": 1, "scfm": 1, "m3/min": 35.3146667, "m3/h": 0.588577779, "l/s": 2.11888, "l/min": 0.0353146667},
    "yd3": {"yd3": 1, "yd": 1, "yds": 1, "yard": 1, "yards": 1, "cy": 1, "cu": 1, "m3": 1.30795062},
}
"""Unit → what one of the other unit is in it. kVA counts with a power factor of 0.8, as makers rate sets."""
AMOUNT: Final = re.compile(
    r"(\d[\d.,' \u00a0\u202f]*?)\s*-?\s*(n?[mм][3³] ?/ ?(?:min|h|мин|ч)|l/(?:s|min)|[a-zа-я]+[3³]?)(?![^\W_])",
    re.IGNORECASE,
)
SPELLED: Final = (("³", "3"), (" ", ""), ("м", "m"), ("мин", "min"), ("mин", "min"), ("/ч", "/h"), ("nm3", "m3"))
UNITS_IN_NAMES: Final = frozenset(
    ["kg", "t", "lb", "lbs", "kw", "hp", "ps", "ch", "cv", "pk", "m", "mm", "cm", "ft", "in", "kva", "cfm", "кг", "т"]
)


PARTS: Final = re.compile(r"[/(),;:|]|\s[-–]\s|\sw/")
"""What parts a row's name into a name and a remark, or into two names."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A row that states a quantity: its name, its text, and the unit in the name."""

    quantity: str
    name: str
    text: str
    unit_in_name: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """A size that a row states, or (not `direct`) that follows from what it states."""

    value: float
    direct: bool
    text: str


def load(path: Path) -> Mapping[tuple[str, ...], str]:
    """Words of a row's name → quantity. Raises TaxonomyError for an unknown unit or a name given twice."""
    found: dict[tuple[str, ...], str] = {}
    for line, row in read_rows(path, COLUMNS):
        key = tuple(word.text for word in words(row["name"]))
        if row["unit"] not in FACTORS and row["unit"] not in DIMENSIONS:
            raise TaxonomyError(path, line, f"unknown unit {row['unit']!r}")
        if key in found:
            raise TaxonomyError(path, line, f"the name {row['name']!r} stands twice")
        found[key] = row["quantity"]
    return MappingProxyType(found)


def load_words(path: Path) -> Mapping[str, frozenset[str]]:
    """Words beside a figure by what they tell of it."""
    found: dict[str, set[str]] = {}
    for _, row in read_rows(path, ("kind", "word", "source")):
        found.setdefault(row["kind"], set()).add(row["word"])
    return MappingProxyType({kind: frozenset(those) for kind, those in found.items()})


SPEC_NAMES: Final = load(DATA / "spec_names.csv")
FIGURE_WORDS: Final = load_words(DATA / "figure_words.csv")
NO_MATTER: Final = FIGURE_WORDS["no_matter"]
"""Words of a row's name that change nothing."""
OTHER_THINGS: Final = FIGURE_WORDS["other_in_name"]
"""Words of a name that is not known as a whole, which say that it speaks of a part, or of a figure in one position."""


def read_specs(pairs: Iterable[Sequence[Any]]) -> dict[str, Spec]:
    """Quantity → the first row that names it. A unit may stand in the value or in the row's name ("Weight (kg)")."""
    found: dict[str, Spec] = {}
    for pair in pairs:
        if len(pair) != 2:
            continue
        name, text = str(pair[0]), str(pair[1])
        quantity, unit_in_name = meaning(name)
        if quantity is not None and quantity not in found and any(map(str.isdigit, text)):
            found[quantity] = Spec(quantity, name, text, unit_in_name)
    return found


def told_by(rows: Mapping[str, Spec], ways: Iterable[Way], unit: str) -> Told | None:
    """What the best of the rows says, in `unit`; None where none has a figure of that kind."""
    for way in ways if rows else ():
        spec = rows.get(way.quantity)
        value = amount(spec.text, unit, spec.unit_in_name) if spec is not None else None
        if spec is not None and value is not None and value * way.factor + way.offset > 0:
            said = f"{spec.name}: {spec.text}"
            return Told(round(value * way.factor + way.offset, 3), way.direct, said)
    return None


@lru_cache(maxsize=4096)
def meaning(name: str) -> tuple[str | None, str | None]:
    """A row's name → its quantity, and the unit that stands in the name itself; None for other names.

    The whole name counts first, then the name without units and words that change nothing ("max.", "approx."), then
    what stands before or behind a sign ("Flywheel/Net power", "Weight (base unit)"), unless it is another thing's.
    """
    in_name = [word.text for word in words(name)]
    unit = next((word for word in reversed(in_name) if word in UNITS_IN_NAMES), None)
    if known := SPEC_NAMES.get(tuple(in_name)):
        return known, unit
    if OTHER_THINGS.intersection(in_name):
        return None, None
    for part in (name, *PARTS.split(name)):
        in_part = [word.text for word in words(part)]
        for key in (in_part, [word for word in in_part if word not in UNITS_IN_NAMES and word not in NO_MATTER]):
            if known := SPEC_NAMES.get(tuple(key)):
                return known, unit
    return None, None


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
        factor = factors.get(plain_unit(match[2]))
        number = parse_number(match[1])
        if factor is not None and number is not None:
            return round(float(number) * factor, 3)
    bare = parse_number(text) if default is not None else None
    return None if bare is None else round(float(bare) * factors.get(plain_unit(default or ""), 0.0), 3) or None


@lru_cache(maxsize=1024)
def plain_unit(unit: str) -> str:
    """A unit in one spelling: "м³ / мин" is m3/min."""
    plain = unit.lower()
    if plain in FACTORS["kW"]:
        return plain
    for written, ours in SPELLED:
        plain = plain.replace(written, ours)
    return plain

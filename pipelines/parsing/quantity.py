"""Quantities with a unit: "21,5 t", "47,400 lb", "110 kW (148 hp)", "14' 6\\"", "400gr"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from pipelines.parsing.lexicon import fold, rows
from pipelines.parsing.numbers import Number, ascii_digits, find_numbers

Dimension = Literal["mass", "power", "length", "volume"]
BASE_UNITS: Final = {"mass": "kg", "power": "hp", "length": "ft", "volume": "l"}
_FRACTION: Final = re.compile(r"(\d{1,3})[ -](\d{1,2})[/⁄](\d{1,2})(?!\d)")


_VULGAR: Final = {ord(k): f" {v}" for k, v in {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅛": "1/8", "⅜": "3/8"}.items()}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity in its dimension's base unit, the unit as written, and where it stood in the folded text."""

    value: float
    unit: str
    start: int
    end: int


def parse_quantity(
    text: str | None, dimension: Dimension, *, unit: str | None = None, decimal: str | None = None
) -> float | None:
    """The first quantity of the dimension, in its base unit (`BASE_UNITS`), or in `unit` (as in data/units.csv).

    `decimal` settles "1.500 kg", which is otherwise 1500 kg. "ton" is metric unless it says short or US.
    """
    found = find_quantities(text, dimension, decimal=decimal, limit=1)
    if not found:
        return None
    return found[0].value if unit is None else found[0].value / _units(dimension)[fold(unit)]


def find_quantities(
    text: str | None, dimension: Dimension, *, decimal: str | None = None, limit: int = 20
) -> list[Quantity]:
    """All quantities of one dimension in the text, in order; feet and inches together are one."""
    if not text:
        return []
    folded = _plain_fractions(ascii_digits(fold(text.translate(_VULGAR), 20_000)))
    found: list[Quantity] = []
    for number in find_numbers(folded, decimal=decimal, limit=400):
        match = _unit_pattern(dimension).match(folded, number.end)
        if not match or _is_negative(folded, number):
            continue
        quantity = Quantity(float(number.value) * _units(dimension)[match[1]], match[1], number.start, match.end())
        if found and _is_inches_after_feet(folded, found[-1], quantity):
            found[-1] = Quantity(found[-1].value + quantity.value, "ft", found[-1].start, quantity.end)
        elif len(found) < limit:
            found.append(quantity)
    return found


def _plain_fractions(text: str) -> str:
    """'5 1/2' → '5.5'."""

    def plain(match: re.Match[str]) -> str:
        below = int(match[3])
        return match[0] if below == 0 else f"{int(match[1]) + round(int(match[2]) / below, 4):.4f}"

    return _FRACTION.sub(plain, text)


def _is_negative(folded: str, number: Number) -> bool:
    before = folded[max(0, number.start - 2) : number.start]
    return before.endswith(("-", "−")) and not before[:-1].strip()


def _is_inches_after_feet(folded: str, feet: Quantity, inches: Quantity) -> bool:
    return (
        feet.unit.startswith(("f", "'", "′", "’"))
        and inches.unit.startswith(("i", '"', "″", "”", "''"))
        and not folded[feet.end : inches.start].strip(" -,")
        and inches.value < 1
    )


@cache
def _units(dimension: str) -> dict[str, float]:
    return {fold(row["word"]): float(row["factor"]) for row in rows("units.csv") if row["dimension"] == dimension}


@cache
def _unit_pattern(dimension: str) -> re.Pattern[str]:
    words = sorted(_units(dimension), key=len, reverse=True)
    parts = [re.escape(w) + (r"(?![\w³²])" if w[-1].isalnum() else "") for w in words]
    return re.compile(r"[ -]?(" + "|".join(parts) + ")")

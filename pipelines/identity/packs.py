"""How much of a product is sold: weights, volumes, lengths and pieces, and whether two listings' cannot be one pack."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from inventory.store.matching import Candidate
from pipelines.parsing.lexicon import fold

CLOSE: Final = 0.03
"""Rounding between pounds and kilograms; net weight and weight with the tin."""
_UNITS: Final = {
    "kg": ("g", 1000.0), "kgs": ("g", 1000.0), "g": ("g", 1.0), "gm": ("g", 1.0), "gms": ("g", 1.0),
    "gr": ("g", 1.0), "lb": ("g", 453.59237), "lbs": ("g", 453.59237), "oz": ("g", 28.349523125),
    "ml": ("ml", 1.0), "l": ("ml", 1000.0), "ltr": ("ml", 1000.0), "litre": ("ml", 1000.0),
    "mm": ("cm", 0.1), "cm": ("cm", 1.0), "m": ("cm", 100.0), "in": ("cm", 2.54), "inch": ("cm", 2.54),
    '"': ("cm", 2.54), "ft": ("cm", 30.48),
}  # fmt: skip
_UNIT: Final = "|".join(sorted(map(re.escape, _UNITS), key=lambda unit: -len(unit)))
_NUMBER: Final = r"(?<![\w.,/])(\d{1,5}(?:[.,]\d{1,3})?)"
_MEASURE: Final = re.compile(rf"{_NUMBER}(?:\s?[-–]\s?(\d{{1,5}}(?:[.,]\d{{1,3}})?))?\s?-?({_UNIT})(?![a-z])")
_TIMES: Final = re.compile(rf"(?<![\w.,])(\d{{1,3}})\s?[x×]\s?(?=\d[\d.,]*\s?(?:{_UNIT})(?![a-z]))")
_PIECES: Final = re.compile(
    r"(?<![\w.,])(\d{1,3})[\s-]?(?:packs?|pk|pcs?|pieces?|count|ct|cans|tins|pouches|sachets|tablets|chews|sticks|stück|"
    r"er[\s-]pack|pièces|piezas|pezzi|stuks|szt|шт)(?!\w)|(?<!\w)(?:pack|box|case|set|bag)\s(?:of\s)?(\d{1,3})(?![\w.,])"
)


@dataclass(frozen=True, slots=True)
class Measures:
    """What a title says of amounts: single values by dimension (g, ml, cm), ranges as they stand, pieces (1 unsaid)."""

    values: dict[str, tuple[float, ...]]
    ranges: frozenset[tuple[float, float, str]]
    pieces: int | None
    text: str
    """The title in lower case without the amounts."""


@lru_cache(maxsize=65536)
def measures_in(title: str) -> Measures:
    """The amounts in a title. "12 x 400 g" is 12 pieces; "4–10 kg" is a range, mostly of the dog's own weight."""
    text = fold(title, 400)
    times = _TIMES.search(text)
    text = _TIMES.sub(" ", text)
    values: dict[str, list[float]] = {}
    ranges = set()
    for match in _MEASURE.finditer(text):
        dimension, factor = _UNITS[match[3]]
        amount = _number(match[1]) * factor
        if match[2]:
            ranges.add((amount, _number(match[2]) * factor, dimension))
        else:
            values.setdefault(dimension, []).append(amount)
    pieces = _PIECES.search(text)
    count = int(times[1]) if times else int(pieces[1] or pieces[2]) if pieces else None
    rest = _PIECES.sub(" ", _MEASURE.sub(" ", text))
    return Measures({name: tuple(found) for name, found in values.items()}, frozenset(ranges), count or None, rest)


def _number(text: str) -> float:
    return float(text.replace(",", ".")) if not re.search(r",\d{3}$", text) else float(text.replace(",", ""))


def pieces_of(one: Candidate) -> int:
    """How many are in the pack; 1 where nothing is said."""
    return one.pack_count or measures_in(one.title or "").pieces or 1


def weights_of(one: Candidate) -> tuple[float, ...]:
    """What the pack may weigh in grams. A shop's variant and its title do not always say the same: both are kept."""
    found = [one.net_weight_g] if one.net_weight_g else []
    if pieces_of(one) == 1:
        said = measures_in(one.title or "").values.get("g", ())
        found += said if len(said) == 1 and not any(close(said[0], known) for known in found) else ()
    return tuple(found)


def packs_differ(one: Candidate, other: Candidate, *, of_one_article: bool = False) -> str | None:
    """Why the two cannot be one pack, else None. `of_one_article`: lengths and labels are worded freely then."""
    if pieces_of(one) != pieces_of(other):
        return "pieces differ"
    if _apart(weights_of(one), weights_of(other)):
        return "weights differ"
    if of_one_article:
        return None
    if one.size_label and other.size_label and fold(one.size_label) != fold(other.size_label):
        return "size labels differ"
    first, second = measures_in(one.title or ""), measures_in(other.title or "")
    if first.ranges and second.ranges and not first.ranges & second.ranges:
        return "ranges differ"
    for dimension in ("ml", "cm"):
        if _apart(first.values.get(dimension, ()), second.values.get(dimension, ())):
            return "measures differ"
    return None


def close(one: float, other: float, share: float = CLOSE) -> bool:
    """Whether two amounts are one, rounded by two dealers."""
    return abs(one - other) <= share * max(one, other)


def _apart(some: tuple[float, ...], others: tuple[float, ...]) -> bool:
    return bool(some and others) and not any(close(one, other) for one in some for other in others)

"""A machine's operating weight from its model number: its own published weight, else what its relatives point to.

A model whose number nobody published a weight for gets two estimates, put together by how far each is usually off:
a local regression along its maker's series (log weight over log number, the nearest and most alike models counting
most), and one over the machine's size (log weight over power, capacity or payload within the family).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from inventory.taxonomy.categories import CATEGORIES
from inventory.taxonomy.machines import Fact, FactTable, fact_table
from inventory.taxonomy.models import ModelNumber
from pipelines.inference.model_series import likeness

VARIANTS: Final = (("LGP", 1.08), ("WH", 1.12), ("MILLYARD", 1.06), ("BLOCK", 1.18), ("STEEL", 1.12), ("XW", 1.04))
"""Words in a model that make it heavier than the plain machine, and by how much; measured on Caterpillar's tables."""
WITHIN: Final = 0.1
"""A confidence is the chance that the weight is within this share of the true one."""
SERIES_NEAR: Final = 0.057
SERIES_REACH: Final = 1.4
"""How fast, in log number, a neighbour in the series counts less, and how far off it counts nothing."""
SERIES_SLOPE: Final = 1.0
SERIES_RIDGE: Final = 0.001
"""Where neighbours do not tell how weight grows with number, it grows as the number to this power."""
SERIES_FAR: Final = 0.6
"""How far off an estimate usually is for each unit of log number to the nearest neighbour."""
STEEPEST: Final = 40.0
FARTHEST: Final = 0.7
"""No estimate lies farther (log weight) from its nearest relative than this: beyond, a line says nothing."""
STRANGE: Final = 0.1
"""How much less is sure of a series where the same number is known under another letter only."""
SIZE_NEAR: Final = 0.43
SIZE_REACH: Final = 1.2
SIZE_BOUND: Final = 1.01 * math.exp(SIZE_REACH)
"""How many times a size the farthest is that may be within reach: the quick question."""
SIZE_SLOPE: Final = 1.0
SIZE_RIDGE: Final = 0.05
"""As for the series, in log size."""
OTHER_MAKE: Final = 0.1
RELATED: Final = 10.0
RELATED_NEAR: Final = 0.05
"""How much more the maker's same number counts, and how fast its other numbers count less."""
ALIKE: Final = 1.0
"""A weight published for the number is taken as it is from this likeness of the suffixes on."""
UNLIKE: Final = 0.17
"""How much the likeness of the suffixes counts (an exponent)."""
FLOOR: Final = 0.02
"""Even the best line is this far off (log weight)."""
LEAST: Final = 0.06
"""An estimate from relatives is off by at least this (log weight), however well they agree."""
SHARPER: Final = 0.65
"""Two estimates that agree are better than the scatter of their relatives; measured by bench/training/weights.py."""
BY_BASIS: Final = 0.7
PUBLISHED: Final = 0.95
"""Share of weights published for the very model that are right; makers print several."""


@dataclass(frozen=True, slots=True)
class ModelWeight:
    """An operating weight with how sure it is to be within a tenth, and what it was taken from."""

    kg: float
    confidence: float
    detail: str


class Point(NamedTuple):
    """A machine with a known weight: its log number or log size, its log weight without variants, what it counts."""

    x: float
    y: float
    weight: float
    name: str


class Estimate(NamedTuple):
    """A log weight and how far it is usually off."""

    log_kg: float
    spread: float
    detail: str


@lru_cache(maxsize=32768)
def weight_from_model(category: str, make: str | None, model: str, size: float | None = None) -> ModelWeight | None:
    """The operating weight of a model, None where neither it nor a relative is known.

    `size` is the machine's size on its category's basis (hp, lb, ft …) where something else told it.
    """
    return weigh_model(category, make, model, fact_table(), size)


def weigh_model(
    category: str, make: str | None, model: str, table: FactTable, size: float | None = None
) -> ModelWeight | None:
    """As `weight_from_model`, over a given table of facts."""
    number = table.number(category, model)
    facts = table.of_known_weight(category, number.prefix, make)
    same = [fact for fact in facts if fact.number.number == number.number]
    best = max(same, key=lambda fact: closeness(number.tail, fact.number.tail), default=None)
    if best is not None and likeness(number.tail, best.number.tail) >= ALIKE:
        assert best.operating_weight_kg is not None
        kg = best.operating_weight_kg * variant(number.tail) / variant(best.number.tail)
        return ModelWeight(round(kg), PUBLISHED, f"model table: {best.name}")
    if size is None:
        size = own_size(make, number, table.same_number(category, number))
    known = CATEGORIES[category]
    if size is not None and known.size_basis == "operating weight":
        return ModelWeight(round(size * (1000 if known.size_unit == "t" else 1)), BY_BASIS, "its size is its weight")
    estimates = [
        found for found in (along_series(number, facts), by_size(number, make, size, table.weighed(category))) if found
    ]
    if not estimates:
        return None
    total = sum(found.spread**-2 for found in estimates)
    log_kg = sum(found.log_kg * found.spread**-2 for found in estimates) / total
    spread = math.hypot(total**-0.5 * SHARPER, LEAST)
    best_one = min(estimates, key=lambda found: found.spread)
    sure = math.erf(math.log1p(WITHIN) / (spread * math.sqrt(2)))
    return ModelWeight(round(math.exp(log_kg) * variant(number.tail)), round(sure, 3), best_one.detail)


def own_size(make: str | None, number: ModelNumber, same: Sequence[Fact]) -> float | None:
    """The size published about the number, of the variant most alike."""
    sized = [fact for fact in same if fact.size is not None and (make is None or fact.make == make)]
    best = max(sized, key=lambda fact: likeness(number.tail, fact.number.tail), default=None)
    return best.size if best is not None else None


def along_series(number: ModelNumber, facts: Sequence[Fact]) -> Estimate | None:
    """The weight that the maker's other numbers of the series point to."""
    if number.number <= 0:
        return None
    here, digits = math.log(number.number), len(str(int(number.number)))
    points = []
    for fact in facts:
        there = fact.number.number
        if there <= 0 or (not number.prefix and len(str(int(there))) != digits):
            continue
        away = abs(math.log(there) - here)
        if away <= SERIES_REACH:
            counts = math.exp(-away / SERIES_NEAR) * likeness(number.tail, fact.number.tail) ** UNLIKE
            points.append(Point(math.log(there), log_weight(fact), counts, fact.name))
    slope = line(points, SERIES_SLOPE, 0.1)[2] if points else SERIES_SLOPE
    found = regression(here, points, slope, SERIES_RIDGE, SERIES_FAR, "series")
    strange = any(fact.number.number == number.number for fact in facts)
    return found._replace(spread=found.spread + STRANGE) if found is not None and strange else found


def by_size(number: ModelNumber, make: str | None, size: float | None, facts: Sequence[Fact]) -> Estimate | None:
    """The weight that machines of the family weigh at this size, the maker's own and nearest numbers before all."""
    if size is None:
        return None
    here, points = math.log(size), []
    for fact in facts:
        assert fact.size is not None
        if not size < fact.size * SIZE_BOUND < size * SIZE_BOUND * SIZE_BOUND:
            continue
        away = abs(math.log(fact.size) - here)
        if away <= SIZE_REACH:
            counts = math.exp(-away / SIZE_NEAR) * (1.0 if fact.make == make else OTHER_MAKE)
            if fact.make == make and fact.number.prefix == number.prefix:
                counts *= 1 + RELATED * related(number, fact.number)
            points.append(Point(math.log(fact.size), log_weight(fact), counts, fact.name))
    return regression(here, points, SIZE_SLOPE, SIZE_RIDGE, 0.0, "machines of its size")


def related(number: ModelNumber, other: ModelNumber) -> float:
    """How near two numbers of a series are, 1 for the same number and letter."""
    if number.number <= 0 or other.number <= 0:
        return 0.0
    away = abs(math.log(other.number / number.number))
    return math.exp(-away / RELATED_NEAR) * math.pow(min(likeness(number.tail, other.tail), 1.0), UNLIKE)


def line(points: Sequence[Point], slope: float, ridge: float) -> tuple[float, float, float]:
    """The weighted line through the points, its slope drawn to `slope`: mean x, mean y, slope."""
    total = sum([point.weight for point in points]) or 1.0
    mean_x = sum([point.weight * point.x for point in points]) / total
    mean_y = sum([point.weight * point.y for point in points]) / total
    xx = xy = 0.0
    for x, y, weight, _ in points:
        xx += weight * (x - mean_x) ** 2
        xy += weight * (x - mean_x) * (y - mean_y)
    steep = (xy / total + ridge * ridge * slope) / (xx / total + ridge * ridge)
    return mean_x, mean_y, min(max(steep, 0.0), STEEPEST)


def regression(
    here: float, points: Sequence[Point], slope: float, ridge: float, far: float, what: str
) -> Estimate | None:
    """The log weight at `here` on a local line through the points; None without points."""
    if not points:
        return None
    mean_x, mean_y, steep = line(points, slope, ridge)
    total = sum([point.weight for point in points])
    off = sum(p.weight * (p.y - mean_y - steep * (p.x - mean_x)) ** 2 for p in points) / total
    nearest = max(points, key=lambda point: point.weight)
    away = abs(here - nearest.x) * far * max(abs(steep), 1.0)
    spread = math.sqrt(FLOOR**2 + off + away**2)
    log_kg = min(max(mean_y + steep * (here - mean_x), nearest.y - FARTHEST), nearest.y + FARTHEST)
    return Estimate(log_kg, spread, f"{what} near {nearest.name}")


def log_weight(fact: Fact) -> float:
    """A fact's log weight, as the plain machine would weigh."""
    assert fact.operating_weight_kg is not None
    return math.log(fact.operating_weight_kg / variant(fact.number.tail))


def closeness(tail: str, other: str) -> float:
    """Likeness, with a malus for words that weigh and stand in only one of the two."""
    return likeness(tail, other) - abs(math.log(variant(tail) / variant(other)))


@lru_cache(maxsize=8192)
def variant(tail: str) -> float:
    """The factor that a model's words put on the plain machine's weight."""
    factor = 1.0
    for word, share in VARIANTS:
        if word in tail:
            factor *= share
    return factor

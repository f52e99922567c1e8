"""A machine's operating weight from its model number: its own published weight, else its nearest relatives'."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from inventory.taxonomy.machines import Fact, FactTable, fact_table
from inventory.taxonomy.models import ModelNumber
from pipelines.inference.model_size import likeness

VARIANTS: Final = (("LGP", 1.08), ("WH", 1.12), ("MILLYARD", 1.06), ("BLOCK", 1.18), ("STEEL", 1.12), ("XW", 1.04))
"""Words in a model that make it heavier than the plain machine, and by how much; measured on Caterpillar's tables."""
REACH: Final = 0.25


@dataclass(frozen=True, slots=True)
class ModelWeight:
    """An operating weight with how sure it is to be within a tenth, and what it was taken from."""

    kg: float
    confidence: float
    detail: str


@lru_cache(maxsize=32768)
def weight_from_model(category: str, make: str | None, model: str) -> ModelWeight | None:
    """The operating weight of a model, None where neither it nor a close relative is known."""
    return weigh_model(category, make, model, fact_table())


def weigh_model(category: str, make: str | None, model: str, table: FactTable) -> ModelWeight | None:
    """As `weight_from_model`, over a given table of facts."""
    number = table.number(category, model)
    facts = [
        fact
        for fact in table.facts(category, number.prefix)
        if fact.operating_weight_kg is not None and (make is None or fact.make == make)
    ]
    same = [fact for fact in facts if fact.number.number == number.number]
    if same:
        best = max(same, key=lambda fact: closeness(number.tail, fact.number.tail))
        assert best.operating_weight_kg is not None
        kg = best.operating_weight_kg * variant(number.tail) / variant(best.number.tail)
        alike = likeness(number.tail, best.number.tail)
        return ModelWeight(round(kg), 0.9 if alike >= 1 else 0.7 if alike >= 0.6 else 0.5, f"model table: {best.name}")
    return between(number, facts)


def closeness(tail: str, other: str) -> float:
    """Likeness, with a malus for words that weigh and stand in only one of the two."""
    return likeness(tail, other) - abs(math.log(variant(tail) / variant(other)))


def variant(tail: str) -> float:
    """The factor that a model's words put on the plain machine's weight."""
    factor = 1.0
    for word, share in VARIANTS:
        if word in tail:
            factor *= share
    return factor


def between(number: ModelNumber, facts: list[Fact]) -> ModelWeight | None:
    """The weight between the nearest smaller and greater numbers of the series, on a log scale."""
    if number.number <= 0:
        return None
    digits = len(str(int(number.number)))
    below: Fact | None = None
    above: Fact | None = None
    for fact in facts:
        value = fact.number.number
        if not number.prefix and len(str(int(value))) != digits:
            continue
        if value < number.number and (below is None or value >= below.number.number):
            below = fact
        if value > number.number and (above is None or value <= above.number.number):
            above = fact
    if below is None or above is None or above.number.number / below.number.number > 1 + REACH:
        return None
    assert below.operating_weight_kg is not None
    assert above.operating_weight_kg is not None
    share = math.log(number.number / below.number.number) / math.log(above.number.number / below.number.number)
    low, high = math.log(below.operating_weight_kg), math.log(above.operating_weight_kg)
    kg = math.exp(low + share * (high - low)) * variant(number.tail)
    return ModelWeight(round(kg), 0.35, f"between {below.name} and {above.name}")

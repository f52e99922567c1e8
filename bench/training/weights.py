"""Report how well operating weights are inferred for models whose weight is not in the table.

usage: python -m bench.training.weights WEIGHTS.csv

WEIGHTS.csv has columns make, machine_type, model, operating_weight_kg. Besides the labelled machines, every tenth
weight of the project's own tables is asked for without its number.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from inventory.taxonomy.categories import CATEGORIES
from inventory.taxonomy.machines import Fact, FactTable, family, published
from pipelines.inference.model_weight import WITHIN, ModelWeight, weigh_model

TYPES = {
    "compactor": "rollers",
    "crawler-loader": "crawler-loaders",
    "crawler-tractor": "dozers",
    "rock-truck": "rigid-trucks",
    "wheel-loader": "wheel-loaders",
}


class Case(NamedTuple):
    category: str
    make: str
    model: str
    kg: float


class Number(NamedTuple):
    """What is left out: a number of a series and the letter of its generation."""

    family: str
    prefix: str
    number: float
    letter: str


def read_cases(path: Path) -> list[Case]:
    """The labelled machines of the types that are ours."""
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Case(TYPES[row["machine_type"]], row["make"], row["model"], float(row["operating_weight_kg"]))
            for row in csv.DictReader(file)
            if row["machine_type"] in TYPES
        ]


def own_cases(every: int = 10) -> list[Case]:
    """Some weights of the project's tables, of families that are not measured by weight."""
    weighed = [f for f in published() if f.operating_weight_kg and f.make and not by_weight(f)]
    return [
        Case(f.category, f.make, f.name.removeprefix(f"{f.make} "), f.operating_weight_kg)
        for f in weighed[::every]
        if f.make and f.operating_weight_kg
    ]


def by_weight(fact: Fact) -> bool:
    return CATEGORIES[fact.category].size_basis == "operating weight"


def as_it_is(fact: Fact, left: Number) -> Fact | None:
    return fact


def without_weight_of_letter(fact: Fact, left: Number) -> Fact | None:
    return without_weight(fact, left) if fact.number.tail[:1] == left.letter else fact


def without_weight(fact: Fact, left: Number) -> Fact | None:
    """The size stays known, as power and capacity are published far more often; a size that is the weight goes."""
    return fact._replace(operating_weight_kg=None, size=None if by_weight(fact) else fact.size)


def without_all(fact: Fact, left: Number) -> Fact | None:
    return None


WAYS: dict[str, Callable[[Fact, Number], Fact | None]] = {
    "plain": as_it_is,
    "weight of this generation left out": without_weight_of_letter,
    "weights of the number left out": without_weight,
    "all about the number left out": without_all,
}


def answers(cases: Iterable[Case], way: Callable[[Fact, Number], Fact | None]) -> list[tuple[Case, ModelWeight | None]]:
    """Every case answered from a table changed in one way."""
    full = FactTable(published())

    @cache
    def table(left: Number) -> FactTable:
        kept = []
        for fact in published():
            same = (family(fact.category), fact.number.prefix, fact.number.number) == left[:3]
            changed = way(fact, left) if same else fact
            if changed is not None:
                kept.append(changed)
        return FactTable(kept)

    found = []
    for case in cases:
        number = full.number(case.category, case.model)
        left = Number(family(case.category), number.prefix, number.number, number.tail[:1])
        used = full if way is as_it_is else table(left)
        found.append((case, weigh_model(case.category, case.make, case.model, used)))
    return found


def report(name: str, found: list[tuple[Case, ModelWeight | None]]) -> None:
    """Print the share within a tenth, by category, and the calibration of the confidences."""
    right = [answer is not None and abs(answer.kg / case.kg - 1) <= WITHIN for case, answer in found]
    by_category: dict[str, list[bool]] = defaultdict(list)
    tenths: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for (case, answer), good in zip(found, right, strict=True):
        by_category[case.category].append(good)
        if answer is not None:
            tenths[int(answer.confidence * 10)].append((answer.confidence, good))
    answered = sum(map(len, tenths.values()))
    off = sum(abs(sum(said - good for said, good in pairs)) for pairs in tenths.values()) / max(1, answered)
    print(
        f"{name:36} {sum(right) / len(right):.3f} of {len(right)}  calibration error {off:.3f}  "
        + " ".join(f"{category}={sum(goods) / len(goods):.2f}" for category, goods in by_category.items())
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    cases = read_cases(parser.parse_args().weights)
    for name, way in WAYS.items():
        report(name, answers(cases, way))
    for name in ("weights of the number left out", "all about the number left out"):
        report(f"own, {name}", answers(own_cases(), WAYS[name]))


if __name__ == "__main__":
    main()

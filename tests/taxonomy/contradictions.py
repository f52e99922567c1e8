"""What is odd about a published size: every check returns the rows that need a reason in their `note`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from statistics import median

from inventory.taxonomy.categories import CATEGORIES
from inventory.taxonomy.machines import Fact, family
from inventory.taxonomy.size_classes import classes_of, size_class

SAME_WEIGHT = 0.03
"""A size measured by operating weight and the operating weight beside it are one figure."""
GENERATIONS = 1.6
"""A model's successor under the same number has never been this many times its size."""
FALL = 0.8
"""A greater number of a series may be a little smaller (another generation), but not less than this share."""
LEAP = 2.2
"""Two numbers of a series that are less than this apart in number …"""
GROWTH = 3.0
"""… are less than this many times apart in size."""


def outside_its_classes(facts: Iterable[Fact]) -> Iterator[str]:
    """Sizes that no class of the category holds."""
    for fact in facts:
        if fact.note or fact.size is None or not classes_of(fact.category):
            continue
        if size_class(fact.category, fact.size) is None:
            yield f"{fact.category}: {fact.name} has size {fact.size:g}, which no class holds"


def unlike_its_weight(facts: Iterable[Fact]) -> Iterator[str]:
    """Sizes measured by operating weight that differ from the operating weight of the same row."""
    for fact in facts:
        category = CATEGORIES[fact.category]
        if category.size_basis != "operating weight" or fact.size is None or fact.operating_weight_kg is None:
            continue
        kg = fact.size * (1000 if category.size_unit == "t" else 1)
        if not fact.note and abs(kg / fact.operating_weight_kg - 1) > SAME_WEIGHT:
            yield f"{fact.category}: {fact.name} has size {kg:g} kg and weighs {fact.operating_weight_kg:g} kg"


def unlike_its_generations(facts: Iterable[Fact]) -> Iterator[str]:
    """Models of one number whose sizes or weights leap from one generation to the next."""
    numbers: dict[tuple[str, str | None, str, float], list[Fact]] = defaultdict(list)
    for fact in facts:
        numbers[fact.category, fact.make, fact.number.prefix, fact.number.number].append(fact)
    for found in numbers.values():
        found.sort(key=lambda fact: fact.number.tail)
        for before, here in pairwise(found):
            if before.note or here.note:
                continue
            for what, one, other in (
                ("size", before.size, here.size),
                ("weight", before.operating_weight_kg, here.operating_weight_kg),
            ):
                if one and other and max(one, other) / min(one, other) > GENERATIONS:
                    yield f"{here.category}: {here.name} has {what} {other:g}, but {before.name} {one:g}"


def out_of_its_series(facts: Iterable[Fact]) -> Iterator[str]:
    """Numbers whose size falls far below the one before in the series, or leaps far above it.

    A series is what a maker numbers with the same letters, as many digits and, from three digits on, the same first.
    """
    series: dict[tuple[str, str | None, str, str], dict[float, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        if fact.size is not None and not fact.note and fact.number.number:
            digits = f"{int(fact.number.number)}"
            shape = f"{digits[0] if len(digits) > 2 else ''}/{len(digits)}"
            series[family(fact.category), fact.make, fact.number.prefix, shape][fact.number.number].append(fact)
    for numbers in series.values():
        ordered = sorted(numbers)
        for low, high in pairwise(ordered):
            smaller, greater = (median(f.size for f in numbers[n] if f.size) for n in (low, high))
            far = high / low < LEAP and greater / smaller > GROWTH
            if greater < smaller * FALL or far:
                one, other = numbers[low][0], numbers[high][0]
                yield f"{other.category}: {other.name} has size {greater:g}, but {one.name} {smaller:g}"

"""What a model's relatives say of its size: the numbers before and behind it in a maker's series, and the maker's rule.

Asked only where nothing is published about the number itself. The constants were found by cross-validation with the
published figures of the very number left out (bench/training/sizes.py, "nothing published").
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from inventory.taxonomy.machines import Fact, NamingRule, family
from inventory.taxonomy.models import ModelNumber
from inventory.taxonomy.size_classes import SizeClass, size_class

SPREAD: Final = 0.02
SPREAD_BY_DISTANCE: Final = 1.0
SPREAD_BY_JUMP: Final = 0.13
"""How far off a size between two neighbours may lie, as a share of what lies between them."""
NEIGHBOUR: Final = 0.05
"""What a neighbour in the series weighs beside a fact of the same number, before its distance counts."""
BETWEEN: Final = 1.2
"""A size between two neighbours outweighs one scaled from a single neighbour."""
NEAR: Final = 0.03
REACH: Final = 0.36
"""Neighbours farther off than this (in log number) say nothing."""
UNLIKE: Final = 0.1
"""How much the likeness of the suffixes counts (an exponent)."""
AUCTIONED: Final = 1.0
"""What a series of auction classes counts, in which makers are not told apart."""
HUNDREDS: Final = 70.0
"""Numbers that are hundreds apart (550, 650, 750) are steps of one series, whatever is numbered between them."""
DOUBT: Final = 0.8
"""A rule is taken to have failed this often, and been right as often, before its neighbours are looked at."""
AGREES: Final = 0.06
PROPORTIONAL: Final = frozenset({"excavators", "dozers", "wheel-loaders", "skid-steer-loaders"})
"""Families whose size grows about as their numbers do; elsewhere with the root."""


class Guess(NamedTuple):
    """A size that relatives point to, with its weight, its spread in log size and the relatives' names."""

    weight: float
    size: float
    spread: float
    detail: str


class Point(NamedTuple):
    """One number of a maker's series with the log size of its variant most like the one in question."""

    number: float
    size: float
    likeness: float
    name: str


def guesses(
    category: str, make: str | None, number: ModelNumber, facts: Sequence[Fact], rule: NamingRule | None
) -> Iterator[Guess]:
    """A size from every maker's series of this prefix that has a number near enough.

    `facts` are those of the family behind the prefix, in any order; a fact of the very number is left alone.
    """
    here = scaled(number.number, rule)
    if here is None or here <= 0:
        return
    digits = len(str(int(number.number)))
    wanted = [
        fact
        for fact in facts
        if fact.number.number != number.number
        and (number.prefix or len(str(int(fact.number.number))) == digits)
        and (make is None or fact.make is None or fact.make == make)
    ]
    wanted.sort(key=lambda fact: (fact.make or "", fact.number.number))
    power = 1.0 if family(category) in PROPORTIONAL or rule is not None else 0.5
    for maker, group in groupby(wanted, key=lambda fact: fact.make):
        found = list(group)
        like = [fact for fact in found if digits == 3 and (fact.number.number - number.number) % 100 == 0]
        for members, worth in ((found, 1.0), (like, HUNDREDS)):
            guess = from_series(math.log(here), points(number, members, rule), power) if members else None
            if guess is not None:
                yield guess._replace(weight=guess.weight * worth * (1.0 if maker else AUCTIONED))


def scaled(number: float, rule: NamingRule | None) -> float | None:
    """The number as the maker's rule reads it, or as it is where there is no rule."""
    return number if rule is None else rule.size(number)


def points(number: ModelNumber, facts: list[Fact], rule: NamingRule | None) -> list[Point]:
    """One maker's numbers in ascending order."""
    found = []
    for value, group in groupby(facts, key=lambda fact: fact.number.number):
        read = scaled(value, rule)
        sized = [(likeness(number.tail, fact.number.tail), size_of(fact), fact.name) for fact in group]
        known = [entry for entry in sized if entry[1] is not None]
        if read is None or read <= 0 or not known:
            continue
        alike, size, name = max(known, key=lambda entry: entry[0])
        assert size is not None
        found.append(Point(math.log(read), math.log(size), alike, name))
    found.sort(key=lambda point: point.number)
    return found


def from_series(here: float, series: list[Point], power: float) -> Guess | None:
    """The size between the nearest neighbours on both sides, or scaled from the only one."""
    below = max((p for p in series if p.number <= here), key=lambda p: p.number, default=None)
    above = min((p for p in series if p.number > here), key=lambda p: p.number, default=None)
    below = below if below is not None and here - below.number <= REACH else None
    above = above if above is not None and above.number - here <= REACH else None
    if below is not None and above is not None:
        share = (here - below.number) / (above.number - below.number)
        size = below.size + share * (above.size - below.size)
        distance = min(here - below.number, above.number - here)
        spread = SPREAD + SPREAD_BY_JUMP * abs(above.size - below.size)
        alike = below.likeness ** (1 - share) * above.likeness**share
        weight = NEIGHBOUR * BETWEEN * alike**UNLIKE * math.exp(-distance / NEAR)
        return Guess(weight, math.exp(size), spread, f"between {below.name} and {above.name}")
    one = below or above
    if one is None:
        return None
    distance = abs(here - one.number)
    size = one.size + power * (here - one.number)
    weight = NEIGHBOUR * one.likeness**UNLIKE * math.exp(-distance / NEAR)
    return Guess(weight, math.exp(size), SPREAD + SPREAD_BY_DISTANCE * distance, f"series neighbour {one.name}")


def holds(rule: NamingRule, category: str, number: ModelNumber, facts: Sequence[Fact]) -> float:
    """How often a rule agrees with what is known of the numbers near by: 1 where it always does, about ½ unknown."""
    right = asked = 0.0
    for fact in facts:
        there = fact.number.number
        if there <= 0 or abs(math.log(there / number.number)) > REACH:
            continue
        size = rule.size(there)
        if size is None:
            continue
        near = math.exp(-abs(math.log(there / number.number)) / 0.1)
        asked += near
        if fact.size is not None:
            right += near * (
                abs(math.log(size / fact.size)) < AGREES
                or size_class(category, size) == size_class(category, fact.size)
            )
        else:
            right += near * (fact.size_class is not None and size in fact.size_class)
    return (right + DOUBT) / (asked + DOUBT)


def size_of(fact: Fact) -> float | None:
    """A fact's size; of a class its middle."""
    return fact.size if fact.size is not None else middle(fact.size_class)


def middle(interval: SizeClass | None) -> float | None:
    """A size in the middle of a class (on a log scale); a little above the edge of an open one."""
    if interval is None:
        return None
    upper = interval.upper if interval.upper is not None else interval.lower * 1.4
    return math.sqrt(max(interval.lower, upper / 4) * upper)


def likeness(tail: str, other: str) -> float:
    """How much a fact about one variant says about another: "8LC" and "8" much, "D" and "G" little."""
    if tail == other:
        return 1.6
    if not other:
        return 0.6 if tail else 1.6
    if not tail:
        return 0.6
    if tail[0] == other[0]:
        same = 0
        while same < min(len(tail), len(other)) and tail[same] == other[same]:
            same += 1
        return 1.0 + 0.4 * same / max(len(tail), len(other))
    if tail[0].isalpha() and other[0].isalpha() and abs(ord(tail[0]) - ord(other[0])) == 1:
        return 0.1
    return 0.02

"""A machine's size from its model number: every fact and rule that speaks for it votes, and the votes' agreement
is the confidence. The weights below were found by cross-validation over base models (bench/training/sizes.py)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from inventory.listing import SizeMethod
from inventory.taxonomy.machines import Fact, FactTable, NamingRule, fact_table, family, naming_rules
from inventory.taxonomy.models import ModelNumber
from inventory.taxonomy.size_classes import SizeClass, classes_of, size_class
from pipelines.inference.model_series import guesses, holds, likeness
from pipelines.inference.size_confidence import confidence, supports

SPREAD: Final = 0.03
"""How far (in log size) two variants of one number usually lie apart."""
RULE_WEIGHT: Final = 0.09
RULE_SPREAD: Final = 0.08
CLASS_FACT: Final = 0.3
COVERING: Final = 30.0
"""What is known of the descriptor itself, or of all its variants, outweighs whatever its relatives say."""
OWN_FIGURE: Final = 6.0
"""The very model in the very maker's list outweighs its sisters."""
UNMEASURED: Final = 0.7
"""No more than this where no labelled machine ever tested the answer."""
KNOWN: Final = 0.97
"""Confidence in a class that this very descriptor was auctioned in; the rest are labels that are off."""
ENOUGH: Final = 0.5
"""Where facts of the very number weigh this much, its neighbours are not asked."""
SURE: Final = 0.6
"""How much of a published size's vote goes to its class outright; the rest is spread over the edges near it."""
SLIP: Final = 0.06
"""Share of a class fact's vote that goes to the classes beside it: labels are off by one that often."""
CROWD: Final = 0.6
"""How strongly the variants that a make has of one number share a single vote: makers list some numbers tenfold."""
OTHER_MAKE: Final = 0.02
UNKNOWN_MAKE: Final = 0.5
BY_WEIGHT: Final = frozenset({"excavators", "rollers"})
"""Families whose numbers stand for a nominal weight; elsewhere a number that tells the size is the rating itself."""


class Vote(NamedTuple):
    """One piece of evidence: a size with its spread, or a class outright."""

    weight: float
    size: float | None
    spread: float
    size_class: SizeClass | None
    method: SizeMethod
    detail: str
    auction: bool = False
    """Whether it is a class that an auction put the machine in."""
    make: str | None = None
    likeness: float = 0.0
    """Of a published size: whose it is, and how alike the variant is."""


class ModelSize(NamedTuple):
    """A size inferred from a model number; `value` is None where only the class is known."""

    value: float | None
    size_class: SizeClass | None
    method: SizeMethod
    confidence: float
    detail: str
    share: float = 0.0
    """The winner's share of the votes, of which the confidence is made."""


@lru_cache(maxsize=32768)
def size_from_model(category: str, make: str | None, model: str) -> ModelSize | None:
    """The size of a model on its category's basis; None where nothing is known of it or of its relatives."""
    return weigh(category, list(votes(category, make, model, fact_table(), naming_rules())))


def weigh(category: str, found: list[Vote]) -> ModelSize | None:
    """The class with most votes (or the heaviest size, in a category without classes)."""
    if not found:
        return None
    classes = classes_of(category)
    total = sum(vote.weight for vote in found)
    if not classes:
        best = max(found, key=lambda vote: vote.weight)
        near = sum(v.weight for v in found if v.size and best.size and abs(math.log(v.size / best.size)) < 0.1)
        sure = min(near / total, UNMEASURED)
        return ModelSize(best.size, None, best.method, sure, best.detail) if best.size else None
    shares = [0.0] * len(classes)
    for vote in found:
        if vote.size_class is not None:
            vote_for_class(shares, places_of(category), vote)
        elif vote.size is not None:
            vote_for_size(shares, log_edges(category), vote)
    winner = max(range(len(classes)), key=shares.__getitem__)
    chosen = classes[winner]
    for_it = [vote for vote in found if supports(vote, chosen)]
    best = max(for_it or found, key=lambda vote: vote.weight)
    sized = max((v for v in for_it if v.size is not None), key=lambda vote: vote.weight, default=None)
    size = sized.size if sized is not None else None
    share = shares[winner] / total
    known = best.auction and best.method == "descriptor"
    sure = KNOWN if known else confidence(category, found, chosen, share, size)
    return ModelSize(size, chosen, best.method, sure, best.detail, share)


@lru_cache(maxsize=256)
def places_of(category: str) -> Mapping[SizeClass | None, int]:
    """Which of a category's classes each is."""
    return {interval: index for index, interval in enumerate(classes_of(category))}


@lru_cache(maxsize=256)
def log_edges(category: str) -> tuple[float | None, ...]:
    """The logs of the upper edges of a category's classes; None where one has no end."""
    return tuple(None if c.upper is None else math.log(c.upper) for c in classes_of(category))


def vote_for_class(shares: list[float], places: Mapping[SizeClass | None, int], vote: Vote) -> None:
    """Give a vote to its class, and a little to the ones beside it."""
    index = places.get(vote.size_class, -1)
    if index < 0:
        return
    shares[index] += vote.weight * (1 - 2 * SLIP)
    for beside in (index - 1, index + 1):
        if 0 <= beside < len(shares):
            shares[beside] += vote.weight * SLIP


def vote_for_size(shares: list[float], edges: Sequence[float | None], vote: Vote) -> None:
    """Spread a vote over the classes between such edges as a normal distribution of log size does."""
    assert vote.size is not None
    centre, scale = math.log(vote.size), vote.spread * math.sqrt(2)
    below = 0.0
    for index, edge in enumerate(edges):
        to = 1.0 if edge is None else 0.5 * (1 + math.erf((edge - centre) / scale))
        shares[index] += vote.weight * (to - below)
        below = to


def votes(
    category: str,
    make: str | None,
    model: str,
    table: FactTable,
    rules: Mapping[tuple[str, str], tuple[NamingRule, ...]],
) -> Iterator[Vote]:
    """All evidence about a model: facts of its number, of its neighbours in the series, and its maker's rule."""
    number = table.number(category, model)
    same = table.same_number(category, number)
    cover = covering(number, same)
    known = make is not None and any(fact.make == make for fact in same)
    told = 0.0
    portions = portions_by_make(number, same)
    for fact in same:
        weight = make_weight(make, fact, known) * (COVERING if fact is cover else portions.get(fact.make, 1.0))
        if make is not None and fact.make == make and fact.number.tail == number.tail:
            weight *= OWN_FIGURE
        told += weight
        yield from same_number(number, fact, weight, category)
    series = () if told >= ENOUGH else table.facts(category, number.prefix)
    rule = None
    for candidate in rules.get((family(category), number.prefix), ()):
        size = candidate.size(number.number)
        if size is not None and (make is None or candidate.make == make):
            weight = RULE_WEIGHT * holds(candidate, category, number, series)
            yield from by_rule(candidate, size, weight, category)
            rule = rule or candidate
    for guess in guesses(category, make, number, series, rule):
        yield Vote(guess.weight, guess.size, guess.spread, None, "rule", guess.detail)


def by_rule(rule: NamingRule, size: float, weight: float, category: str) -> Iterator[Vote]:
    """The votes of a maker's rule; where it gives the rating itself, mostly outright for its class."""
    detail = f"rule: {rule.make} {rule.rule}"
    rated = size_class(category, size) if family(category) not in BY_WEIGHT else None
    if rated is not None:
        yield Vote(weight * SURE, None, 0.0, rated, "rule", detail)
    yield Vote(weight * (1 - SURE if rated else 1), size, RULE_SPREAD, None, "rule", detail)


def portions_by_make(number: ModelNumber, facts: list[Fact]) -> dict[str | None, float]:
    """What each fact of a make counts, so that a make with ten variants of a number has no more votes than one has."""
    alike: dict[str | None, list[float]] = {}
    for fact in facts:
        if fact.make is not None and fact.size is not None:
            alike.setdefault(fact.make, []).append(likeness(number.tail, fact.number.tail))
    return {make: (max(found) / sum(found)) ** CROWD for make, found in alike.items()}


def covering(number: ModelNumber, facts: list[Fact]) -> Fact | None:
    """The class fact about this very variant, or the closest one that several variants agree on."""
    found = None
    for fact in facts:
        if fact.size_class is None:
            continue
        tail = fact.number.tail
        stands = tail == number.tail or (fact.models > 1 and number.tail.startswith(tail))
        if stands and (found is None or len(tail) > len(found.number.tail)):
            found = fact
    return found


def make_weight(make: str | None, fact: Fact, known: bool) -> float:
    """What a fact weighs by its maker. `known`: the maker's own figure for this number is in the table."""
    if make is None or fact.make == make:
        return 1.0
    if fact.make is not None:
        return OTHER_MAKE
    return UNKNOWN_MAKE if known else 1.0


def same_number(number: ModelNumber, fact: Fact, weight: float, category: str) -> Iterator[Vote]:
    """The votes of a fact about the very number, by how its suffixes agree."""
    alike = likeness(number.tail, fact.number.tail)
    weight *= alike
    exact = number.tail == fact.number.tail
    method: SizeMethod = "descriptor" if exact else "base model"
    if fact.size_class is not None:
        weight *= CLASS_FACT
        yield Vote(weight, None, 0.0, fact.size_class, method, f"auction class of {fact.name}", auction=True)
    elif fact.size is not None:
        detail = f"model table: {fact.name}"
        known = size_class(category, fact.size)
        if known is not None:
            yield Vote(weight * SURE, None, 0.0, known, method, detail)
        yield Vote(weight * (1 - SURE), fact.size, SPREAD, None, method, detail, make=fact.make, likeness=alike)

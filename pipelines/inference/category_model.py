"""What kind of machine a maker's model number stands for: a linear model over the parts of the number.

"CAT 745C" is an articulated truck and "KOMATSU PC490LC-11" an excavator, although no word says so. The weights
(data/category_weights.tsv) are made by bench/training/categories.py from models whose kind is known; at run time
an answer is a few dozen additions.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from inventory.taxonomy.categories import CATEGORIES
from inventory.taxonomy.machines import published
from inventory.taxonomy.models import ModelNumber, model_number
from inventory.taxonomy.tables import TaxonomyError
from pipelines.inference.model_kinds import kind_of_series

WEIGHTS: Final = Path(__file__).parent / "data" / "category_weights.tsv"
LEAST: Final = 0.005
BY_SERIES: Final = 0.9
"""How sure a maker's own way of naming is, for a number that the weights do not know."""
Weights = dict[str, tuple[tuple[int, float], ...] | str]
STEPS: Final = 8
"""Numbers a step apart are alike: one is an eighth of e (13 %) greater than the other."""
NEAR: Final = ((1e-9, "same"), (0.06, "near"), (0.2, "far"))
"""How far (in log number) a published model may be to be called so."""


class Series(NamedTuple):
    """What numbers of one maker share: "" stands for an unknown maker, `length` is that of the number."""

    maker: str
    prefix: str
    length: int


def series_of(make: str | None, number: ModelNumber) -> Series:
    """The series that a model number belongs to."""
    return Series(make or "", number.prefix, len(figures(number).partition(".")[0]))


def figures(number: ModelNumber) -> str:
    """The number in figures; nothing where there is none."""
    return f"{number.number:g}" if number.number else ""


def features(make: str | None, model: str) -> list[str]:
    """The parts of a model number that hint at its kind, first those of its series."""
    number = model_number(model)
    return [*features_of_series(series_of(make, number)), *features_of_number(make, number)]


def features_of_series(series: Series) -> list[str]:
    """The hints that all numbers of a series have."""
    maker, prefix, length = series
    name = f"{maker}|{prefix}"
    return ["*", f"m {maker}", f"p {prefix}", f"pl {prefix} {length}", f"s {name}", f"sl {name} {length}"]


def features_of_number(make: str | None, number: ModelNumber) -> list[str]:
    """The hints that are a number's own."""
    maker, prefix, length = series_of(make, number)
    tail, digits = number.tail, figures(number)
    series = f"{maker}|{prefix}"
    found = [
        f"s1 {series} {length} {digits[:1]}",
        f"s2 {series} {length} {digits[:2]}",
        f"se {series} {length} {digits[-2:]}",
        f"sn {series} {digits}",
        f"sv {series} {digits} {tail[:1]}",
        f"st {series} {length} {tail[:1]}",
        f"s1t {series} {length} {digits[:1]} {tail[:1]}",
        f"set {series} {length} {digits[-2:]} {tail[:1]}",
        f"t {tail[:2]}",
        f"mt {maker} {tail[:2]}",
        f"n {prefix} {digits}",
    ]
    if len(prefix) > 1:
        found.append(f"p1 {prefix[0]}")
        found.append(f"pm {maker} {prefix[0]}")
    if number.number:
        step = int(math.log(number.number) * STEPS)
        for near in (step - 1, step, step + 1):
            found.append(f"b {prefix} {near}")
            found.append(f"bs {series} {near}")
        found.append(f"bm {maker} {step // 2}")
    return found


@lru_cache(maxsize=1)
def series_of_makers() -> dict[tuple[str | None, str], list[tuple[float, str]]]:
    """Logs of the published models' numbers in ascending order and their categories, by maker and prefix."""
    found: dict[tuple[str | None, str], dict[float, str]] = {}
    for fact in published():
        if fact.number.number:
            series = found.setdefault((fact.make, fact.number.prefix), {})
            number = math.log(fact.number.number)
            series[number] = min(series.get(number, fact.category), fact.category)
    return {key: sorted(series.items()) for key, series in found.items()}


def relatives(make: str | None, model: str) -> list[str]:
    """What the tables of published sizes hint: the category of the series' nearest number, and how near it is."""
    return relatives_of(make, model_number(model))


def relatives_of(make: str | None, number: ModelNumber) -> list[str]:
    """As `relatives`, of a number that is already split."""
    known = series_of_makers().get((make, number.prefix))
    if not known or not number.number:
        return []
    here = math.log(number.number)
    place = bisect_left(known, (here, ""))
    apart, category = min((abs(there - here), category) for there, category in known[max(place - 1, 0) : place + 1])
    return [f"k {category} {next((name for limit, name in NEAR if apart < limit), 'series')}"]


@lru_cache(maxsize=1)
def load() -> tuple[tuple[str, ...], Weights]:
    """Read the weights: the categories of the first line, then feature and per category number:weight.

    The pairs stay text until they are asked for: most never are, and loading takes a few hundredths of a second.
    """
    lines = WEIGHTS.read_text(encoding="utf-8").splitlines()
    slugs = tuple(lines[0].split("\t"))
    for slug in slugs:
        if slug not in CATEGORIES:
            raise TaxonomyError(WEIGHTS, 1, f"unknown category {slug!r}")
    weights: Weights = {}
    for number, line in enumerate(lines[1:], 2):
        feature, tab, rest = line.partition("\t")
        if not tab:
            raise TaxonomyError(WEIGHTS, number, "no weights")
        weights[feature] = rest
    return slugs, weights


def read_pairs(text: str) -> tuple[tuple[int, float], ...]:
    """The weights of a feature as the file writes them, in hundredths."""
    return tuple((int(index), int(weight) / 100) for index, weight in (pair.split(":") for pair in text.split()))


def add_up(hints: Iterable[str], scores: list[float]) -> bool:
    """Add the weights of hints to the categories' scores; whether one of them is of a known series or number."""
    weights, known = load()[1], False
    for feature in hints:
        found = weights.get(feature)
        if found is not None:
            if isinstance(found, str):
                found = weights[feature] = read_pairs(found)
            known = known or feature[0] in "snk"
            for index, weight in found:
                scores[index] += weight
    return known


@lru_cache(maxsize=4096)
def scores_of_series(series: Series) -> tuple[tuple[float, ...], bool]:
    """The categories' scores by what all numbers of a series share, and whether the series is known."""
    scores = [0.0] * len(load()[0])
    known = add_up(features_of_series(series), scores)
    return tuple(scores), known


@lru_cache(maxsize=32768)
def categories_of_model(make: str | None, model: str) -> tuple[tuple[str, float], ...]:
    """The likeliest categories of a model and their probabilities, the best first; () where nothing of it is known.

    Known is a model of whose series or number there is a feature. The probabilities are as they hold for models
    never seen (bench/training/categories.py prints the table); those below LEAST are left out.
    """
    slugs, weights = load()
    number = model_number(model)
    of_series, known = scores_of_series(series_of(make, number))
    scores = list(of_series)
    if add_up([*features_of_number(make, number), *relatives_of(make, number)], scores):
        known = True
    told = None if exactly_known(make, number, weights) else kind_of_series(make, number)
    if not known:
        return ((told, BY_SERIES),) if told else ()
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    total = sum(powers)
    shares = {slug: power / total for slug, power in zip(slugs, powers, strict=True) if power > LEAST * total}
    if told:
        shares = {slug: share * (1 - BY_SERIES) for slug, share in shares.items()}
        shares[told] = shares.get(told, 0.0) + BY_SERIES
    return tuple(sorted(shares.items(), key=lambda pair: -pair[1]))


def exactly_known(make: str | None, number: ModelNumber, weights: Weights) -> bool:
    """Whether the very number is among those the weights were made from."""
    digits = figures(number)
    return bool(digits) and f"sn {make or ''}|{number.prefix} {digits}" in weights

"""Sizes that stand in a title or description: "operating weight 21,800 kg", "1000 kg payload", "20 ton class"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from inventory.taxonomy.categories import Category
from inventory.taxonomy.phrases import SHORT, Word, words
from inventory.taxonomy.size_classes import classes_of
from pipelines.inference.size_quantities import UNDER_WORKING_HEIGHT_FT, Way, ways, weight_ways
from pipelines.inference.specs import DIMENSIONS, FACTORS, FIGURE_WORDS, SPEC_NAMES, amount, plain_unit
from pipelines.parsing.lexicon import fold, rows

NAMED, LOOSE, BARE, NOMINAL = 0.7, 0.5, 0.5, 0.4
"""Confidence where the text names the quantity, names it loosely, a unit tells it, and where it is nominal."""
LOOSELY: Final = frozenset({"weight", "power", "capacity"})
"""Quantities whose names state the machine's figure in a table, but may mean a part's in running text."""
NOT_IN_TEXT: Final = frozenset({"gross_weight", "shipping_weight"})
LONGEST: Final = 4000
LONGEST_NAME: Final = 5
BEFORE: Final = 45
"""Characters before a figure that its name is looked for in."""
FIGURE: Final = re.compile(
    r"\d(?<![\w.,/]\d)(?<!\d-\d)(?:[\d.,']*\d)?(?:[ \u00a0\u202f]\d{3}(?!\d))*[ \u00a0\u202f-]{0,2}(?:short |metric )?"
    r"([mм][3³] ?/ ?\w+|l/s|[лh]\. ?[сp]\b|[^\W\d]+|['\"′″])(?!\s*/)(\s*-?\s*(?:class|klasse|size)\b)?",
    re.IGNORECASE,
)
RANGE: Final = re.compile(r"\d\s*(?:t|kg|to|lbs?|m|ft)?\s*(?:à|to|bis|al?|do|до|tot|till|–|-|~)\s*$", re.IGNORECASE)
"""What stands before the upper end of a range: machines that a tool fits, not one machine's size."""
QUANTITY_ONLY: Final = re.compile(r"\d+(?:[.,]\d+)?(?:\s*(?:kg|lbs?|tons?|tonnes?|kVA|kW)| +(?:t|ft|m))")
LINKS: Final = FIGURE_WORDS["link"]
"""Words between a quantity's name and its figure."""
OTHER_THINGS: Final = FIGURE_WORDS["other_before"]
"""What the figure right behind such a word belongs to."""
PARTS_BEHIND: Final = FIGURE_WORDS["part_behind"]
"""What the figure right before such a word belongs to."""
IN_TITLE: Final = {
    "operating weight": ("t", "kg"),
    "payload": ("t",),
    "lift capacity": ("t", "lb"),
    "rated operating capacity": ("lb",),
    "platform height": ("ft",),
    "mast height": ("ft",),
    "rated output": ("kW",),
    "free air delivery": ("cfm",),
    "net power": ("hp",),
}
"""Units of which a bare figure in the title is a size on the basis."""
FEET: Final = frozenset({"ft", "foot", "feet", "'", "′", "in", "inch", "inches", '"', "″"})


@dataclass(frozen=True, slots=True)
class Stated:
    """A size that a text states, on the category's basis and in its unit, with its confidence and the words."""

    value: float
    confidence: float
    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount in a text, the quantity that is named beside it, and whether it may be the machine's own."""

    value: float
    quantity: str | None
    unit: str
    nominal: bool
    own: bool
    text: str


def is_quantity(model: str) -> bool:
    """Whether what was taken for a model number is a quantity: "21 t"."""
    return QUANTITY_ONLY.fullmatch(model) is not None


def stated_size(category: Category, title: str | None, description: str | None) -> Stated | None:
    """The size on the category's basis that the text states by name, else the title by its unit; None if neither."""
    unit = category.size_unit or ""
    known = ways(category)
    in_title = tuple(figures(title, unit))
    for found in (in_title, figures(description, unit, names_of(known)) if description else ()):
        named = best_named(found, known)
        if named is not None and sane(category, named.value):
            return named
    bare = bare_figure(category, in_title)
    return bare if bare is not None and sane(category, bare.value) else None


def stated_weight_kg(category: Category | None, title: str | None, description: str | None) -> Stated | None:
    """The operating weight that the text names, in kg."""
    known = weight_ways(category)
    for text in (title, description):
        found = best_named(figures(text, "kg", names_of(known)), known)
        if found is not None and is_weight_of_machine(found.value):
            return found
    return None


def is_weight_of_machine(kg: float) -> bool:
    """Whether anything that is called a machine may weigh that."""
    return 20 < kg < 1_500_000


def best_named(found: Iterable[Figure], known: tuple[Way, ...]) -> Stated | None:
    """The first figure of the best of the named quantities."""
    named: list[Figure] = []
    for one in found:
        if one.quantity is not None and one.own:
            named.append(one)
            if one.quantity == known[0].quantity:
                break
    for way in known if named else ():
        for one in named:
            if one.quantity == way.quantity and way.quantity not in NOT_IN_TEXT:
                value = round(one.value * way.factor + way.offset, 3)
                sure = LOOSE if way.quantity in LOOSELY or not way.direct else NAMED
                return Stated(value, sure, one.text) if value > 0 else None
    return None


@cache
def names_of(known: tuple[Way, ...]) -> frozenset[str]:
    """The quantities of some ways."""
    return frozenset(way.quantity for way in known)


def bare_figure(category: Category, found: Iterable[Figure]) -> Stated | None:
    """A figure of the title that nothing names, in a unit that tells: "21 t excavator"; "20 ton class" is nominal.

    Lifts are sold by their working height where metres are usual, by their platform's where feet are.
    """
    if category.size_unit not in IN_TITLE.get(category.size_basis or "", ()):
        return None
    for one in found:
        if one.quantity is None and one.own:
            metric = category.size_basis == "platform height" and one.unit not in FEET
            value = one.value + UNDER_WORKING_HEIGHT_FT if metric else one.value
            return Stated(round(value, 3), NOMINAL if one.nominal or metric else BARE, one.text) if value > 0 else None
    return None


def figures(text: str | None, unit: str, wanted: frozenset[str] | None = None) -> Iterable[Figure]:
    """All amounts of a text in units of the wanted kind, turned to `unit`; where names are wanted, only those."""
    if not text:
        return ()
    return few_figures(text, unit, wanted) if len(text) <= SHORT else all_figures(text[:LONGEST], unit, wanted)


def all_figures(text: str, unit: str, wanted: frozenset[str] | None) -> Iterator[Figure]:
    """As `figures`, one by one."""
    known = units_like(unit)
    for match, written in amounts(text):
        if written not in known:
            continue
        behind, before = match.end(1), text[max(0, match.start() - BEFORE) : match.start()]
        name, own = named_before(before)
        if name is None:
            name, own = named_behind(text[behind : behind + BEFORE], own and RANGE.search(before) is None)
        if wanted is not None and name not in wanted:
            continue
        value = amount(text[match.start() : match.end(1) + 6], unit)
        if value is not None and value > 0:
            yield Figure(value, name, written, match[2] is not None, own, (before[-30:] + match[0]).strip())


@lru_cache(maxsize=64)
def amounts(text: str) -> tuple[tuple[re.Match[str], str], ...]:
    """Each number in a text with the unit behind it; a text is asked for several kinds, one after the other."""
    return tuple((match, spelled(match[1])) for match in FIGURE.finditer(text))


@lru_cache(maxsize=4096)
def few_figures(text: str, unit: str, wanted: frozenset[str] | None) -> tuple[Figure, ...]:
    """The figures of a title, which is asked for its size and for its weight."""
    return tuple(all_figures(text, unit, wanted))


@lru_cache(maxsize=2048)
def spelled(unit: str) -> str:
    """A unit as written, in the spelling that all are compared in."""
    return plain_unit(fold(unit))


def named_before(text: str) -> tuple[str | None, bool]:
    """The quantity that a text ends in the name of, and whether it is the machine's own."""
    found = list(words(text))
    while found and found[-1].text in LINKS:
        found.pop()
    for length in range(min(LONGEST_NAME, len(found)), 0, -1):
        if name := SPEC_NAMES.get(key_of(found[-length:])):
            rest = found[:-length]
            return name, not (rest and rest[-1].text in OTHER_THINGS)
    apart = not found or not adjacent(text[found[-1].end :])
    return None, apart or found[-1].text not in OTHER_THINGS


def named_behind(text: str, own: bool) -> tuple[str | None, bool]:
    """The quantity whose name follows a figure at once, and whether the figure is the machine's own."""
    found = list(words(text))
    if not found or not adjacent(text[: found[0].start]):
        return None, own
    if found[0].text in PARTS_BEHIND:
        return None, False
    while found and found[0].text in LINKS:
        del found[0]
    for length in range(min(LONGEST_NAME, len(found)), 0, -1):
        if name := SPEC_NAMES.get(key_of(found[:length])):
            return name, own
    return None, own


def key_of(found: list[Word]) -> tuple[str, ...]:
    """The words of a quantity's name, as SPEC_NAMES has them."""
    return tuple(word.text for word in found)


def adjacent(between: str) -> bool:
    """Whether only blanks or a hyphen stand between two things."""
    return not between.strip(" -\u00a0")


@cache
def units_like(unit: str) -> frozenset[str]:
    """All units of the kind of `unit`, as written."""
    dimension = DIMENSIONS.get(unit)
    if dimension is None:
        return frozenset(FACTORS[unit])
    small = {"g", "gr", "gm", "mg", "oz", "#"}
    return frozenset(
        plain_unit(fold(row["word"])) for row in rows("units.csv") if row["dimension"] == dimension[0]
    ) - frozenset(small)


def sane(category: Category, value: float) -> bool:
    """Whether a machine of the category may be that big: from a tenth of its smallest class to thrice its largest."""
    classes = classes_of(category.slug)
    if not classes:
        return DIMENSIONS.get(category.size_unit or "") is None or 0 < value < 10_000
    least = classes[0].lower or (classes[0].upper or 0) / 10
    last = classes[-1].upper or classes[-1].lower * 3
    return least < value <= last

"""Sizes that stand in a title or description: "operating weight 21,800 kg", "21 t excavator", "20 ton class"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from inventory.taxonomy.categories import Category
from inventory.taxonomy.size_classes import classes_of
from pipelines.inference.specs import DIMENSIONS, SPEC_NAMES, amount

NAMED, BARE, NOMINAL = 0.7, 0.5, 0.4
"""Confidence where the text names the quantity, where a unit tells it, and where it is nominal ("20 ton class")."""
AMBIGUOUS: Final = frozenset(
    {("weight",), ("shipping", "weight"), ("gross", "weight"), ("total", "weight"), ("power",)}
)
"""Names that state the machine's figure in its table of specifications, but may mean anything in running text."""
LONGEST: Final = 4000
LINK: Final = r"[\s:=\-–(]*(?:(?:of|is|ca|approx|approximately|about|max|von|de|di|van|up to)\b[\s.:]*)?"
NUMBER: Final = re.compile(r"\d[\d.,' \u00a0]*")
FIGURE: Final = re.compile(
    r"(?<![\w.,/-])(\d[\d.,]*)\s*-?\s*(metric tons?|tonnes?|tons?|to?|kg|lbs?|ft|foot|feet|m|kva|kw|cfm|hp)\b(?!\s*/)"
    r"(\s*-?\s*(?:class|klasse|size)\b)?",
    re.IGNORECASE,
)
QUANTITY_ONLY: Final = re.compile(r"\d+(?:[.,]\d+)?(?:\s*(?:kg|lbs?|tons?|tonnes?|kVA|kW)| +(?:t|ft|m))")
OTHER_THING: Final = re.compile(
    r"\b(?:bucket|breaker|hammer|attachment|transport\w*|shipping|fork|forks|grapple|blade|thumb|coupler|trailer|counterweight"
    r"|hook|winch|ripper|tank|engine|load|for|löffel|schaufel|godet|cuchara|benna|bak)\W*$",
    re.IGNORECASE,
)
FOLLOWS: Final = re.compile(
    r"^\W*(?:bucket|breaker|hammer|fork|grapple|blade|thumb|coupler|trailer|counterweight|hook|winch|ripper|tank|boom\b"
    r"(?! ?lift)|stick|löffel|schaufel)",
    re.IGNORECASE,
)
IN_TITLE: Final = {"t": "t", "lb": "lb", "ft": "ft", "kW": "kW", "cfm": "cfm"}
"""Units of a category's size that a bare figure in the title may be in; horsepower is the engine's as often as not."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A size that a text states, on the category's basis and in its unit, with its confidence and the words."""

    value: float
    confidence: float
    text: str


def is_quantity(model: str) -> bool:
    """Whether what was taken for a model number is a quantity: "21 t"."""
    return QUANTITY_ONLY.fullmatch(model) is not None


def stated_size(category: Category, quantity: str, title: str | None, description: str | None) -> Stated | None:
    """The size on the category's basis that the text states by name, else the title by its unit; None if neither."""
    unit = category.size_unit or ""
    for text in (title, description):
        found = named(text, quantity, unit)
        if found is not None and sane(category, found.value):
            return found
    bare = figure(title, unit)
    return bare if bare is not None and sane(category, bare.value) else None


def stated_weight_kg(title: str | None, description: str | None) -> Stated | None:
    """The operating weight that the text names, in kg."""
    for text in (title, description):
        found = named(text, "operating_weight", "kg")
        if found is not None and 50 < found.value < 1_500_000:
            return found
    return None


def named(text: str | None, quantity: str, unit: str) -> Stated | None:
    """The first amount directly behind one of the quantity's names; not a bucket's, nor a transport weight."""
    for name in names(quantity).finditer((text or "")[:LONGEST]):
        assert text is not None
        if OTHER_THING.search(text[max(0, name.start() - 30) : name.start()]):
            continue
        number = NUMBER.match(text, name.end())
        if number is None:
            continue
        value = amount(text[number.start() : number.end() + 16], unit)
        if value is not None and value > 0:
            return Stated(value, NAMED, text[name.start() : number.end() + 8].strip())
    return None


@lru_cache(maxsize=32)
def names(quantity: str) -> re.Pattern[str]:
    """A pattern for all names of a quantity that are plain in running text, longest first."""
    known = [" ".join(key) for key, (what, _) in SPEC_NAMES.items() if what == quantity and key not in AMBIGUOUS]
    known.sort(key=len, reverse=True)
    joined = "|".join(re.escape(name).replace(r"\ ", r"[\s\-]+") for name in known) or r"(?!)"
    return re.compile(rf"(?<!\w)(?:{joined})\b{LINK}(?=\d)", re.IGNORECASE)


def figure(title: str | None, unit: str) -> Stated | None:
    """A bare figure of the title in a unit of the right kind: "21 t excavator"; "20 ton class" is nominal."""
    if unit not in IN_TITLE:
        return None
    for match in FIGURE.finditer(title or ""):
        assert title is not None
        if OTHER_THING.search(title[: match.start()]) or FOLLOWS.match(title[match.end() :]):
            continue
        written = match[2].lower()
        value = amount(f"{match[1]} {'ft' if written in ('foot', 'feet') else written}", unit)
        wrong_kind = (written in ("t", "to", "kg", "lb", "lbs") or written.startswith(("ton", "metric"))) != (
            unit in ("t", "lb", "kg")
        )
        if value is not None and value > 0 and not wrong_kind:
            return Stated(value, NOMINAL if match[3] else BARE, match[0])
    return None


def sane(category: Category, value: float) -> bool:
    """Whether a machine of the category may be that big: from a tenth of its smallest class to thrice its largest."""
    classes = classes_of(category.slug)
    if not classes:
        return DIMENSIONS.get(category.size_unit or "") is None or 0 < value < 10_000
    least = classes[0].lower or (classes[0].upper or 0) / 10
    last = classes[-1].upper or classes[-1].lower * 3
    return least < value <= last

"""For how heavy a dog something is made: "20-40 lb", "over 55 lb", ">4-10 kg"."""

from __future__ import annotations

import re
from typing import Final

KG_PER_LB: Final = 0.45359237
NUMBER: Final = r"(\d+(?:[.,]\d+)?)"
DASH: Final = r"\s*(?:-|–|—|~|to|bis|à|au|hasta|tot|a)\s*"
MASS: Final = r"(kgs?|kilos?|lbs?\.?|pounds?|#)(?!\w)"
HEAVIEST_DOG_KG: Final = 130.0
BETWEEN: Final = re.compile(
    rf"(?:>|≥)?\s*{NUMBER}\s*(?:kgs?|kilos?|lbs?|pounds?)?{DASH}(?:<|≤)?{NUMBER}\s*{MASS}", re.IGNORECASE
)
UP_TO: Final = re.compile(
    r"(?:up to|under|below|less than|bis(?: zu)?|unter|jusqu['’]à|moins de|hasta|menos de|fino a|tot|max\.?|<|≤)"
    rf"\s*{NUMBER}\s*{MASS}",
    re.IGNORECASE,
)
OVER: Final = re.compile(
    rf"(?:\bover|\babove|\bfrom|more than|\bab|\büber|plus de|à partir de|más de|desde|oltre|vanaf|>|≥)"
    rf"\s*{NUMBER}\s*{MASS}"
    rf"|{NUMBER}\s*{MASS}\s*(?:\+|and (?:over|up)|or more|und mehr|et plus|y más)",
    re.IGNORECASE,
)
OF_DOGS: Final = re.compile(
    r"\b(?:dogs|pets|puppies|hunden?|welpen|chiens|chiots|perros|cachorros|cani|honden|weighing|body ?weight)\b",
    re.IGNORECASE,
)
"""Words for the dogs that eat; "dog food" speaks of none."""
HAS_MASS: Final = re.compile(rf"\d\s*{MASS}", re.IGNORECASE)


def dog_weight(text: str) -> tuple[float | None, float | None]:
    """The weight range in kg of the dogs a product is for; an open end is None, and so are both where none is named.

    Bounds keep the label's own figures: "10.1-24 lb" and ">10-25 kg" both start just above ten.
    """
    if not HAS_MASS.search(text):
        return None, None
    between = BETWEEN.search(text)
    if between is not None:
        factor = kg_per(between[3])
        return plausible(decimal(between[1]) * factor, decimal(between[2]) * factor)
    over = OVER.search(text)
    if over is not None:
        amount, unit = (over[1], over[2]) if over[1] else (over[3], over[4])
        return plausible(decimal(amount) * kg_per(unit), None)
    up_to = UP_TO.search(text)
    if up_to is not None:
        return plausible(None, decimal(up_to[1]) * kg_per(up_to[2]))
    return None, None


def plausible(low: float | None, high: float | None) -> tuple[float | None, float | None]:
    """The range to ten grams; none where it is upside down or no dog weighs that."""
    if (low or 0.0) >= (high or HEAVIEST_DOG_KG) or (high or 0.0) > HEAVIEST_DOG_KG:
        return None, None
    return low and round(low, 2), high and round(high, 2)


def names_dogs(text: str) -> bool:
    """Whether a text speaks of dogs, so that a weight in it may be a dog's."""
    return OF_DOGS.search(text) is not None


def decimal(text: str) -> float:
    """A number with a decimal comma or point."""
    return float(text.replace(",", "."))


def kg_per(unit: str) -> float:
    """Kilograms in one of a unit of mass."""
    return 1.0 if unit.lower().startswith("k") else KG_PER_LB

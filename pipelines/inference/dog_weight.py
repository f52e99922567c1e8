"""For how heavy a dog something is made: "20-40 lb", "over 55 lb", ">4-10 kg"."""

from __future__ import annotations

from typing import Final

from pipelines.inference.late_pattern import LatePattern
from pipelines.inference.pack_words import ENDS

DOGS_EATING: Final = (
    r"hunden?|welpen|chiens|chiots|perros|cachorros|cani|cuccioli|honden|psów|psy|psa|szczeniąt|psů|štěňat|собак|щенков|"
    r"köpekler|hundar|valpar|hvalpe|hunder|valper|cães"
)
KG_PER_LB: Final = 0.45359237
NUMBER: Final = r"(\d+(?:[.,]\d+)?)"
DASH: Final = r"\s*(?:-|–|—|~|〜|～|to|bis|à|au|hasta|tot|a|do|e|até|til|till|až|до)\s*"
MASS: Final = rf"(kgs?|kilos?|quilos?|кг|キロ|lbs?\.?|pounds?|#){ENDS}"
PLAIN_MASS: Final = r"(?:kgs?|kilos?|кг|キロ|lbs?|pounds?)"
HEAVIEST_DOG_KG: Final = 130.0
BETWEEN: Final = LatePattern(rf"(?:>|≥)?\s*(?<![\d.,]){NUMBER}\s*{PLAIN_MASS}?{DASH}(?:<|≤)?{NUMBER}\s*{MASS}")
UP_TO: Final = LatePattern(
    r"(?:(?<![^\W\d])(?:up to|under|below|less than|bis(?: zu)?|unter|jusqu['’]à|moins de|hasta|menos de|fino a|"
    r"meno di|tot|max\.?|onder|do|poniżej|до|até|abaixo de|till|upp till|op til|opp til|til|až do|maks\.?)|[<≤])"
    rf"\s*{NUMBER}\s*{MASS}"
    rf"|(?<![\d.,]){NUMBER}\s*{MASS}['’]?\s*(?:or less|and under|and less|oder weniger|et moins|o menos|o meno|"
    r"of minder|i mniej|a méně|и менее|以下|まで|未満|(?:ye|ya|a|e)?\s?kadar)"
)
OVER: Final = LatePattern(
    rf"(?:\bover|\babove|\bfrom|more than|\bab|\büber|plus de|à partir de|dès|más de|a partir de|desde|oltre|più di|"
    r"vanaf|meer dan|\bboven|\bod|\bnad|powyżej|\bот|свыше|более|acima de|mais de|från|över|\bfra|mere end|mer enn|>|≥)"
    rf"\s*(?:i\s|ca\.\s)?{NUMBER}\s*{MASS}"
    rf"|(?<![\d.,]){NUMBER}\s*(?:\+\s*{MASS}|{MASS}\s*(?:\+(?!\s*\d)|and (?:over|up|above)|or (?:more|over)|"
    r"und mehr|et plus|y más|e oltre|en meer|en zwaarder|i więcej|a více|и более|ve üzeri|üzeri|"
    r"e mais|och uppåt|og over|以上))"
)
OF_DOGS: Final = LatePattern(
    rf"(?<!\w)(?:dogs|pets|puppies|weighing|body ?weight|körpergewicht|poids du chien|peso corporal|"
    rf"{DOGS_EATING})(?!\w)|[犬体重]"
)
"""Words for the dogs that eat; "dog food" speaks of none."""
HAS_MASS: Final = LatePattern(rf"\d\s*\+?\s*{MASS}")
ANY_MASS: Final = LatePattern(rf"\d\s*\+?\s*(?:{MASS}|(?:g|gr|grams?|oz|ounces?){ENDS})")


def dog_weight(text: str) -> tuple[float | None, float | None]:
    """The weight range in kg of the dogs a product is for; an open end is None, and so are both where none is named.

    Bounds keep the label's own figures: "10.1-24 lb" and ">10-25 kg" both start just above ten.
    """
    if not HAS_MASS.search(text):
        return None, None
    for between in BETWEEN.finditer(text):
        factor = kg_per(between[3])
        found = plausible(decimal(between[1]) * factor, decimal(between[2]) * factor)
        if found != (None, None):  # "up to 10 kg – 1.5 kg" is no range
            return found
    over = OVER.search(text)
    if over is not None:
        amount, unit = (over[1], over[2]) if over[1] else (over[3], over[4] or over[5])
        return plausible(decimal(amount) * kg_per(unit), None)
    up_to = UP_TO.search(text)
    if up_to is not None:
        amount, unit = (up_to[1], up_to[2]) if up_to[1] else (up_to[3], up_to[4])
        return plausible(None, decimal(amount) * kg_per(unit))
    return None, None


def plausible(low: float | None, high: float | None) -> tuple[float | None, float | None]:
    """The range to ten grams; none where it is upside down or no dog weighs that."""
    if (low or 0.0) >= (high or HEAVIEST_DOG_KG) or (high or 0.0) > HEAVIEST_DOG_KG:
        return None, None
    return low and round(low, 2), high and round(high, 2)


def weights_in(text: str) -> int:
    """How many weights a text states."""
    return len(ANY_MASS.findall(text))


def names_dogs(text: str) -> bool:
    """Whether a text speaks of dogs, so that a weight in it may be a dog's."""
    return OF_DOGS.search(text) is not None


def decimal(text: str) -> float:
    """A number with a decimal comma or point."""
    return float(text.replace(",", "."))


def kg_per(unit: str) -> float:
    """Kilograms in one of a unit of mass."""
    return KG_PER_LB if unit[0] in "lLpP#" else 1.0

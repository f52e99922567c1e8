"""Measures of dog gear: for how heavy a dog, letter sizes, and girths and lengths in centimetres."""

from __future__ import annotations

import re
from typing import Final

KG_PER_LB: Final = 0.45359237
CM: Final = {"cm": 1.0, "mm": 0.1, "m": 100.0, "in": 2.54, "ft": 30.48}
NUMBER: Final = r"(\d+(?:[.,]\d+)?)"
DASH: Final = r"\s*(?:-|–|—|~|to|bis|à|a)\s*"
DOG: Final = r"(?:dogs?|pets?|puppies|hunde?|chiens?|perros?|cani|honden)"
MASS: Final = r"(kgs?|lbs?|pounds?)\b"
BETWEEN: Final = re.compile(rf">?{NUMBER}\s*(?:kgs?|lbs?|pounds?)?{DASH}{NUMBER}\s*{MASS}", re.IGNORECASE)
UP_TO: Final = re.compile(
    rf"(?:up to|under|below|bis(?: zu)?|jusqu'à|hasta|max\.?|<|≤)\s*{NUMBER}\s*{MASS}", re.IGNORECASE
)
OVER: Final = re.compile(
    rf"(?:over|above|from|ab|über|plus de|más de|>|≥)\s*{NUMBER}\s*{MASS}|{NUMBER}\s*{MASS}\s*(?:\+|and (?:over|up))",
    re.IGNORECASE,
)
LETTERS: Final = r"(?:[2-5]?X{0,3}[SL]|XX?S|[2-5]XL|M)"
LABEL: Final = re.compile(rf"(?<![\w'’.&-])({LETTERS}(?:\s?[/-]\s?{LETTERS})?)(?![\w'’]|\s?&|\.\w)")
NAMED: Final = re.compile(
    r"\b(extra[\s-]small|x[\s-]?small|xx[\s-]?large|extra[\s-]large|x[\s-]?large|small|medium|large|sm|med|lg)\b"
    r"(?!\s*(?:breeds?|dogs?|bites?|to|and|&|/))",
    re.IGNORECASE,
)
NAMES: Final = {"extrasmall": "XS", "xsmall": "XS", "small": "S", "sm": "S", "medium": "M", "med": "M", "large": "L",
                "lg": "L", "extralarge": "XL", "xlarge": "XL", "xxlarge": "XXL"}  # fmt: skip
LENGTH_UNIT: Final = r"(cm|mm|m|inch(?:es)?|in|ft|feet|foot|\"|”|'|’)(?![\w])"
PART: Final = (
    r"(neck|chest|girth|back|collar|hals(?:umfang)?|brust(?:umfang)?|rücken(?:länge)?|cou|poitrail|cuello|pecho)"
)
GIRTH: Final = re.compile(
    rf"\b{PART}\b[^\d]{{0,20}}{NUMBER}\s*(?:cm|in|inch|\"|”)?(?:{DASH}{NUMBER})?\s*{LENGTH_UNIT}", re.IGNORECASE
)
PARTS: Final = {
    "girth": "chest",
    "hals": "neck",
    "halsumfang": "neck",
    "brust": "chest",
    "brustumfang": "chest",
    "collar": "neck",
    "rücken": "back",
    "rückenlänge": "back",
    "cou": "neck",
    "poitrail": "chest",
    "cuello": "neck",
    "pecho": "chest",
}
BOX: Final = re.compile(
    rf"{NUMBER}\s*(?:cm|in|inch|\"|”)?\s*[xX×*]\s*{NUMBER}\s*(?:(?:cm|in|inch|\"|”)?\s*[xX×*]\s*{NUMBER})?\s*{LENGTH_UNIT}",
    re.IGNORECASE,
)
ONE: Final = re.compile(rf"(?<![\d.,x×/-]){NUMBER}[\s-]*{LENGTH_UNIT}", re.IGNORECASE)


def decimal(text: str) -> float:
    """A number with a decimal comma or point."""
    return float(text.replace(",", "."))


def dog_weight(text: str) -> tuple[float | None, float | None]:
    """The weight range in kg of the dogs a product is for; an open end is None, and so are both where none is named.

    Bounds keep the label's own figures: "10.1-24 lb" and ">10-25 kg" both start just above ten.
    """
    between = BETWEEN.search(text)
    if between is not None:
        factor = kg_per(between[3])
        low, high = decimal(between[1]) * factor, decimal(between[2]) * factor
        return (round(low, 2), round(high, 2)) if low < high else (None, None)
    over = OVER.search(text)
    if over is not None:
        amount, unit = (over[1], over[2]) if over[1] else (over[3], over[4])
        return round(decimal(amount) * kg_per(unit), 2), None
    up_to = UP_TO.search(text)
    if up_to is not None:
        return None, round(decimal(up_to[1]) * kg_per(up_to[2]), 2)
    return None, None


def kg_per(unit: str) -> float:
    """Kilograms in one of a unit of mass."""
    return 1.0 if unit.lower().startswith("k") else KG_PER_LB


def size_label(text: str) -> str | None:
    """The letter size (XS … 5XL, also "S/M") a title or variant states, the last one where there are several."""
    letters = [match[1].replace(" ", "").replace("-", "/") for match in LABEL.finditer(text)]
    if letters:
        return letters[-1]
    named = [match[1] for match in NAMED.finditer(text)]
    return NAMES[re.sub(r"[\s-]", "", named[-1].lower())] if named else None


def measures(text: str) -> dict[str, float]:
    """Girths and lengths in cm: neck_min_cm, neck_max_cm, chest_…, back_…, or length_cm, width_cm, height_cm."""
    found: dict[str, float] = {}
    for match in GIRTH.finditer(text):
        part = PARTS.get(match[1].lower(), match[1].lower())
        factor = cm_per(match[4])
        low = decimal(match[2]) * factor
        high = decimal(match[3]) * factor if match[3] else low
        found.setdefault(f"{part}_min_cm", round(min(low, high), 1))
        found.setdefault(f"{part}_max_cm", round(max(low, high), 1))
    box = BOX.search(text)
    if box is not None:
        factor = cm_per(box[4])
        for name, group in zip(("length_cm", "width_cm", "height_cm"), box.groups()[:3], strict=True):
            if group:
                found[name] = round(decimal(group) * factor, 1)
    elif not found:
        one = ONE.search(text)
        if one is not None:
            found["length_cm"] = round(decimal(one[1]) * cm_per(one[2]), 1)
    return found


def cm_per(unit: str) -> float:
    """Centimetres in one of a unit of length."""
    name = unit.lower()
    if name in ('"', "”") or name.startswith("in"):
        return CM["in"]
    if name in ("'", "’") or name.startswith("f"):
        return CM["ft"]
    return CM[name]

"""How much is in the bag: net weight, pack count and the weight of one, from a dog product's title or variant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

GRAMS: Final = {"kg": 1000.0, "g": 1.0, "lb": 453.59237, "oz": 28.349523125}
UNIT: Final = r"(kgs?|kilo(?:gramm)?s?|gr|gms?|g|grams?|gramm|lbs?|pounds?|oz|ounces?)\b"
AMOUNT: Final = r"(\d+(?:[.,]\d+)*|\.\d+)"
WEIGHT: Final = re.compile(rf"(?<![\w.,/-]){AMOUNT}[\s-]*{UNIT}(?!\s*(?:dog|fish|puppy)\b)", re.IGNORECASE)
BONUS: Final = re.compile(rf"\s*\+\s*{AMOUNT}[\s-]*{UNIT}\s*(?:free|gratis|extra|bonus|gratuit)?", re.IGNORECASE)
TIMES: Final = re.compile(r"(\d{1,3})\s*[x×*]\s*$", re.IGNORECASE)
TIMES_BEHIND: Final = re.compile(r"\s*[x×*]\s*(\d{1,3})\b(?!\s*(?:cm|mm|in|\d|[x×]))", re.IGNORECASE)
PACK: Final = re.compile(
    r"\b(?:case|pack|box|tray|bundle|set|karton)\s+(?:of|de|à|von)\s+(\d{1,3})\b(?!\s*[x×])", re.IGNORECASE
)
COUNT: Final = re.compile(
    r"\b(\d{1,3})[\s-]*(?:count|ct|pack|pk|pcs|cans?|pouches|trays|dosen|beutel|er pack)\b", re.IGNORECASE
)
LOOK_BACK: Final = 30
FOR_DOG: Final = re.compile(
    r"\b(?:dogs?|puppies|pets|weighing|chiens?|hunde?|perros?|over|up to|under)\s*(?:from|of|von|de)?\s*$",
    re.IGNORECASE,
)
RANGE: Final = re.compile(r"\d\s*(?:lbs?|kg)?\s*(?:-|–|to)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PackWeight:
    """Grams in all, packs, and grams in one of them."""

    net_weight_g: float
    pack_count: int
    unit_weight_g: float


def pack_weight(text: str, *, pieces_in_bag: bool = False) -> PackWeight | None:
    """The weight of what is sold. "5.5-oz, case of 24" is 24 packs; a dog's own weight ("for dogs 20-40 lb") is none.

    `pieces_in_bag`: a count is of pieces within the bag (treats: "12-oz bag, 30 count"), not of bags. A fluid
    ounce is a volume, and "30 lb / 13.6 kg" one weight said twice.
    """
    for match in WEIGHT.finditer(text):
        before = text[max(0, match.start() - LOOK_BACK) : match.start()]
        if FOR_DOG.search(before) or RANGE.search(before):
            continue
        unit_g = number(match[1]) * grams_per(match[2])
        bonus = BONUS.match(text, match.end())
        if bonus is not None:
            unit_g += number(bonus[1]) * grams_per(bonus[2])
        if unit_g <= 0:
            continue
        count = packs(text, before, match.end(), pieces_in_bag=pieces_in_bag)
        return PackWeight(round(unit_g * count, 1), count, round(unit_g, 1))
    return None


def packs(text: str, before: str, end: int, *, pieces_in_bag: bool) -> int:
    """How many packs: "6 x" before the weight or "x 6" behind it, times "case of 4", else a bare count."""
    times = TIMES.search(before) or TIMES_BEHIND.match(text, end)
    inner = int(times[1]) if times else 1
    outer = 1
    for pack in PACK.finditer(text):
        outer *= int(pack[1])
    if times is None and outer == 1 and not pieces_in_bag:
        count = COUNT.search(text)
        outer = int(count[1]) if count else 1
    return max(1, inner * outer)


def number(text: str) -> float:
    """A number with decimal comma or point; "1,000" and "1.000,5" have a thousands mark."""
    if "," in text and "." in text:
        decimal = max(text.rfind(","), text.rfind("."))
        return float(re.sub(r"[.,]", "", text[:decimal]) + "." + text[decimal + 1 :])
    if re.fullmatch(r"[1-9]\d{0,2},\d{3}", text):
        return float(text.replace(",", ""))
    return float(text.replace(",", ".", 1).replace(",", ""))


def grams_per(unit: str) -> float:
    """Grams in one of a unit, however it is spelled."""
    name = unit.lower()
    if name.startswith(("kg", "kilo")):
        return GRAMS["kg"]
    if name.startswith(("lb", "pound")):
        return GRAMS["lb"]
    return GRAMS["oz"] if name.startswith(("oz", "ounce")) else GRAMS["g"]

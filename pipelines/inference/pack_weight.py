"""How much is in the bag: net weight, pack count and the weight of one, from a dog product's title or variant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

GRAMS: Final = {"kg": 1000.0, "g": 1.0, "lb": 453.59237, "oz": 28.349523125}
UNIT: Final = (
    r"(kgs?|kilos?|kilogramm?e?s?|кг|gr|gms?|g|grams?|gramm(?:es|i)?|gramos|г|lbs?|pounds?|livres?|libras?|oz|ounces?|onzas?)"
    r"(?!\w)"
)
AMOUNT: Final = r"(\d+(?:[.,]\d+)*|\.\d+)"
WEIGHT: Final = re.compile(
    rf"(?<![\w./])(?<!\d,)(?<!\d[-–]){AMOUNT}[\s-]*{UNIT}"
    r"(?!\.?\s*(?:dogs?|pups?|pupp(?:y|ies)|fish|hunde?|chiens?|perros?)\b)",
    re.IGNORECASE,
)
BONUS: Final = re.compile(
    rf"\s*\+\s*{AMOUNT}[\s-]*{UNIT}\s*(?:free|gratis|extra|bonus|gratuite?s?|offerte?s?|geschenkt)?", re.IGNORECASE
)
BONUS_BEFORE: Final = re.compile(rf"(?<![\w.,]){AMOUNT}\s*\+\s*$")
TIMES: Final = re.compile(r"(?<![\d.,])(\d{1,3})\s*[x×*]\s*$", re.IGNORECASE)
EACH: Final = re.compile(
    r"(?<![\d.,])(\d{1,3})\s*(?:cans?|tins?|pouches|trays|bags|dosen|beutel|schalen|boîtes|sachets|barquettes|latas|"
    r"sobres|vaschette|bustine|blikjes|stück|packs?)\s*(?:à|a|de|je|of|da|van|x|×)\s*$",
    re.IGNORECASE,
)
TIMES_BEHIND: Final = re.compile(r"\s*[x×*]\s*(\d{1,3})\b(?!\s*(?:cm|mm|in|\d|[x×]))", re.IGNORECASE)
PACK: Final = re.compile(
    r"\b(?:(?:case|pack|box|tray|bundle|set|karton|packung|lot|paquete|caja|confezione|pacco|multipack|doos)\s+"
    r"(?:of|de|à|von|da|di|van|con|mit)|sparpaket|multipack)\s+(\d{1,3})\b(?!\s*[x×.,]\s*\d|\s*[x×]|\s*(?:kg|g|lb|oz)\b)",
    re.IGNORECASE,
)
COUNT: Final = re.compile(
    r"(?<![\d.,])(\d{1,3})[\s-]*(?:count|ct|pack|pk|packs|pcs|cans?|tins?|pouches|trays|dosen|beutel|schalen|boîtes|sachets|"
    r"latas|sobres|er[\s-]?pack(?:ung)?|er[\s-]?set|er[\s-]?sparpack|[\s-]?teilig)\b",
    re.IGNORECASE,
)
LOOK_BACK: Final = 30
FOR_DOG: Final = re.compile(
    r"(?:\b(?:dogs?|puppies|pets|chiens?|hunden?|hunde|perros?|cani|honden)\s+(?:from|of|von|de|di|van|zu)|"
    r"\b(?:weighing|over|above|up to|under|below|bis|ab|über|unter|jusqu['’]à|hasta|fino a|más de|plus de)|[<>≤≥])"
    r"\s*(?:zu)?\s*$",
    re.IGNORECASE,
)
"""What makes the weight behind it a dog's. "For dogs 10 kg" is a bag: a dog's weight is a range or has an open end."""
RANGE: Final = re.compile(r"\d\s*(?:lbs?|kg|kilos?|pounds?)?\s*(?:-|–|to|bis|à)\s*$", re.IGNORECASE)
RANGE_BEHIND: Final = re.compile(r"\s*(?:-|–|to|bis|à)\s*\d+(?:[.,]\d+)?\s*(?:lbs?|kgs?|pounds?)\b", re.IGNORECASE)
PER: Final = re.compile(r"(?:\b(?:per|pro|je|par|por|al)|/|\$|€|£)\s*$", re.IGNORECASE)
FRACTION: Final = re.compile(
    r"(?<![\d./])(?:(\d{1,3})[\s-])?([1-9])/([2-8])(?=[\s-]*(?:lb|oz|pound|ounce|kg))", re.IGNORECASE
)
HEAVIEST_PACK_KG: Final = 100.0


@dataclass(frozen=True, slots=True)
class PackWeight:
    """Grams in all, packs, and grams in one of them."""

    net_weight_g: float
    pack_count: int
    unit_weight_g: float
    text: str = ""

    def times(self, count: int) -> PackWeight:
        """As many of these packs together."""
        return PackWeight(
            round(self.net_weight_g * count, 1), self.pack_count * count, self.unit_weight_g, f"{self.text} × {count}"
        )


NUMBERS: Final = re.compile(r"\d+(?:[.,]\d+)*")


def pack_weight(text: str, *, pieces_in_bag: bool = False) -> PackWeight | None:
    """The weight of what is sold. "5.5-oz, case of 24" is 24 packs; a dog's own weight ("for dogs 20-40 lb") is none.

    `pieces_in_bag`: a count is of pieces within the bag (treats: "12-oz bag, 30 count"), not of bags. A fluid
    ounce is a volume, and "30 lb / 13.6 kg" one weight said twice.
    """
    if "/" in text:
        text = FRACTION.sub(lambda found: f"{int(found[1] or 0) + int(found[2]) / int(found[3]):.3f}", text)
    alone = len(NUMBERS.findall(text)) == 1
    for match in WEIGHT.finditer(text):
        before = text[max(0, match.start() - LOOK_BACK) : match.start()]
        if FOR_DOG.search(before) or PER.search(before):
            continue
        if alone:  # no count and no range, which most titles are
            unit_g = round(grams(match[1], match[2]), 1)
            return PackWeight(unit_g, 1, unit_g, match[0]) if unit_g > 0 else None
        if RANGE.search(before) or RANGE_BEHIND.match(text, match.end()):
            continue
        unit_g, end = grams(match[1], match[2]), match.end()
        if bonus := BONUS.match(text, end):
            unit_g, end = unit_g + grams(bonus[1], bonus[2]), bonus.end()
        elif bonus := BONUS_BEFORE.search(before):
            unit_g += grams(bonus[1], match[2])
        if unit_g <= 0:
            continue
        count = packs(text, before, match.end(), pieces_in_bag=pieces_in_bag)
        return PackWeight(round(unit_g * count, 1), count, round(unit_g, 1), text[match.start() : end])
    return None


def packs(text: str, before: str, end: int, *, pieces_in_bag: bool) -> int:
    """How many packs: "6 x" before the weight or "x 6" behind it, times "case of 4", else a bare count."""
    times = TIMES.search(before) or EACH.search(before) or TIMES_BEHIND.match(text, end)
    inner = int(times[1]) if times else 1
    outer = 1
    for pack in PACK.finditer(text):
        outer *= int(pack[1])
    if times is None and outer == 1 and not pieces_in_bag:
        count = COUNT.search(text)
        outer = int(count[1]) if count else 1
    return max(1, inner * outer)


def pack_count(text: str) -> int | None:
    """How many packs a text without a weight says: "Pack of 7", "6er Pack", or a bare "x 4"."""
    found = PACK.search(text) or COUNT.search(text) or re.fullmatch(r"\s*[x×]?\s*(\d{1,3})\s*[x×]?\s*", text)
    return int(found[1]) if found and int(found[1]) > 0 else None


def grams(amount: str, unit: str) -> float:
    """Grams of an amount as written. "1.500 g" has a thousands point and "1,500 kg" a decimal comma."""
    per = grams_per(unit)
    if per == GRAMS["g"] and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", amount):
        return float(amount.replace(".", ""))
    value = number(amount)
    if per >= GRAMS["lb"] and value * per > HEAVIEST_PACK_KG * 1000 and re.fullmatch(r"\d{1,3},\d{3}", amount):
        return value * per / 1000
    return value * per


def number(text: str) -> float:
    """A number with decimal comma or point; "1,000" and "1.000,5" have a thousands mark."""
    if "," in text and "." in text:
        decimal = max(text.rfind(","), text.rfind("."))
        return float(re.sub(r"[.,]", "", text[:decimal]) + "." + text[decimal + 1 :])
    if re.fullmatch(r"[1-9]\d{0,2},\d{3}", text):
        return float(text.replace(",", ""))
    if text.count(".") > 1:
        return float(text.replace(".", ""))
    return float(text.replace(",", ".", 1).replace(",", ""))


def grams_per(unit: str) -> float:
    """Grams in one of a unit, however it is spelled."""
    name = unit.lower()
    if name.startswith(("kg", "kilo", "кг")):
        return GRAMS["kg"]
    if name.startswith(("lb", "pound", "livre", "libra")):
        return GRAMS["lb"]
    return GRAMS["oz"] if name.startswith(("oz", "ounce", "onza")) else GRAMS["g"]

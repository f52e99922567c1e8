"""How much is in the bag: net weight, pack count and the weight of one, from a dog product's title or variant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pipelines.inference.late_pattern import LatePattern
from pipelines.inference.pack_words import CJK, ENDS, any_of

GRAMS: Final = {"kg": 1000.0, "g": 1.0, "lb": 453.59237, "oz": 28.349523125}
UNIT: Final = (
    r"(kgs?|kilos?|quilos?|kilogramm?[a-zůóě]{0,3}|кг|килограмм\w{0,2}|キロ(?:グラム)?|gr|gms?|g|grams?|gramm(?:es|i|ów)?|"
    r"gramos|gramas|гр?|グラム|lbs?|pounds?|livres?|libras?|oz|ounces?|onzas?)" + ENDS
)
AMOUNT: Final = r"(\d+(?:[.,]\d+)*|\.\d+)"
DOGS: Final = (
    r"dogs?|pups?|pupp(?:y|ies)|pets|hunde?n?|welpen|chiens?|chiots?|perros?|cachorros?|cani|cuccioli|hond(?:en)?|pups|"
    r"ps[ayůó]w?|psy|szczeni\w+|štěňat\w*|собак\w*|щен\w+|k[oö]pek(?:ler)?|hundar|valpar|hvalpe|valper|cães|cão"
)
"""Words for the dog, in the cases that stand beside a weight."""
WEIGHT: Final = LatePattern(
    rf"(?=[\d.])(?:(?<![\w./])|(?<=\d[xX×*хХ])|(?<=(?-i:[{CJK}])))(?<!\d,)(?<!\d[-–]){AMOUNT}[\s-]*{UNIT}"
    rf"(?!\.?\s*(?:(?:{DOGS}|fish|körpergewicht|body\s?weight)\b|以上|以下|まで|未満|\+(?!\s*\d)))"
)
BONUS: Final = LatePattern(rf"\s*\+\s*{AMOUNT}[\s-]*{UNIT}\s*{any_of('bonus')}?")
BONUS_BEFORE: Final = re.compile(rf"(?<![\w.,]){AMOUNT}\s*\+\s*$")
TIMES: Final = LatePattern(r"(?<![\d.,])(\d{1,3})\s*[x×*х]\s*$")
EACH: Final = LatePattern(
    rf"(?<![\d.,])(\d{{1,3}})[\s-]*(?:{any_of('can', 'bag', 'sort', 'piece')}\.?[\s(,]*"
    rf"(?:(?:{any_of('each')}|[×*])\s*){{1,2}}|{any_of('can')}\s*)$"
)
TIMES_BEHIND: Final = LatePattern(r"\s*[x×*х]\s*(\d{1,3})(?![\d.,]\d|\d)(?!\s*(?:cm|mm|in\b|\d|[x×]))")
MEASURED: Final = rf"\s*(?:[x×]|{UNIT}|[mc]?l\b|[cm]?m\b|in\b|%)"
PACK: Final = LatePattern(rf"(?<!\w){any_of('set')}[\s:]+(\d{{1,3}})(?!\d|[.,]\d|{MEASURED}|\+)")
COUNT: Final = LatePattern(
    rf"(?<![\d.,])(\d{{1,3}})(?:[\s-]*{any_of('can', 'piece')}"
    r"|[\s-]*er[\s-]?(?:pack(?:ung)?|set|sparpack)\b|[\s-]*teilig\b|['’]?l[ıiuü]\s(?:paket|kutu|set)\b|[\s-]pa[ck]k?\b)"
)
LOOK_BACK: Final = 30
FOR_DOG: Final = LatePattern(
    rf"(?:\b(?:{DOGS})\s+(?:from|of|von|de|di|van|zu|à|do|od|au)|"
    r"\b(?:weighing|over|above|up to|under|below|bis|ab|über|unter|jusqu['’]à|hasta|fino a|más de|plus de|moins de|"
    r"menos de|tot|vanaf|oltre|desde|até|acima de|do|od|nad|powyżej|poniżej|до|от|свыше|till|til|från|fra|"
    r"under|až)|[<>≤≥])"
    r"\s*(?:zu)?\s*$"
)
"""What makes the weight behind it a dog's. "For dogs 10 kg" is a bag: a dog's weight is a range or has an open end."""
RANGE: Final = LatePattern(
    rf"(?<![\d.,]){AMOUNT}\s*(?:lbs?|kgs?|кг|kilos?|pounds?)?\s*(?:-|–|—|~|〜|to|bis|à|a|au|tot|hasta|do|do|até|til|till|až|до)\s*$"
)
RANGE_BEHIND: Final = LatePattern(
    r"\s*(?:-|–|—|~|〜|to|bis|à|a|au|tot|hasta|do|até|til|till|až|до)\s*(\d+(?:[.,]\d+)?)\s*(?:lbs?|kgs?|кг|pounds?)"
    rf"{ENDS}"
)
WITH_NUMBER: Final = frozenset("<>≤≥/$€£")
PER: Final = LatePattern(r"(?:\b(?:per|pro|je|par|por|al)|/|\$|€|£)\s*$")
FRACTION: Final = LatePattern(r"(?<![\d./])(?:(\d{1,3})[\s-])?([1-9])/([2-8])(?=[\s-]*(?:lb|oz|pound|ounce|kg))")
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
        if joined(before) and (FOR_DOG.search(before) or PER.search(before)):
            continue
        if alone:  # no count and no range, which most titles are
            unit_g = round(grams(match[1], match[2]), 1)
            return PackWeight(unit_g, 1, unit_g, match[0]) if unit_g > 0 else None
        if ends_range(match[1], before) or starts_range(match[1], text, match.end()):
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


def joined(before: str) -> bool:
    """Whether a word or a sign that goes with a number stands right in front of it; after a comma none does."""
    last = before.rstrip()[-1:]
    return last.isalpha() or last in WITH_NUMBER


def ends_range(amount: str, before: str) -> bool:
    """Whether an amount ends a range: "20-40 lb". "Up to 10 kg – 1.5 kg" is none, for it goes down."""
    found = RANGE.search(before)
    return found is not None and number(found[1]) < number(amount)


def starts_range(amount: str, text: str, end: int) -> bool:
    """Whether an amount starts a range: "20 kg to 40 kg"."""
    found = RANGE_BEHIND.match(text, end)
    return found is not None and number(amount) < number(found[1])


def packs(text: str, before: str, end: int, *, pieces_in_bag: bool) -> int:
    """How many packs: "6 x" before the weight or "x 6" behind it, times "case of 4", else a bare count."""
    times = TIMES.search(before) or EACH.search(before)
    ahead = before[: times.end(1)] if times else ""
    times = times or TIMES_BEHIND.match(text, end)
    inner = int(times[1]) if times else 1
    outer = 1
    for pack in PACK.finditer(text):
        outer *= 1 if ahead.endswith(pack[0]) else int(pack[1])  # "lot de 6 boîtes de 1,2 kg" are six
    if times is None and outer == 1 and not pieces_in_bag:
        count = COUNT.search(text)
        outer = int(count[1]) if count else 1
    return max(1, inner * outer)


def pack_count(text: str) -> int | None:
    """How many packs a text without a weight says: "Pack of 7", "6er Pack", or a bare "x 4"."""
    found = PACK.search(text) or COUNT.search(text) or re.fullmatch(r"[x×]?\s*(\d{1,3})\s*[x×]?", text.strip())
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
    if name.startswith(("kg", "kilo", "quilo", "кг", "кил", "キロ")):
        return GRAMS["kg"]
    if name.startswith(("lb", "pound", "livre", "libra")):
        return GRAMS["lb"]
    return GRAMS["oz"] if name.startswith(("oz", "ounce", "onza")) else GRAMS["g"]

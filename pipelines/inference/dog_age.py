"""For how old a dog something is, how long it lasts and how many pieces are in it.

"12 months +" is an age, "12 month supply" is not; "3 chews" are pieces within one pack.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from pipelines.inference.late_pattern import LatePattern
from pipelines.inference.pack_words import any_of

MONTHS: Final = {"m": 1.0, "y": 12.0, "w": 12 / 52}
NUMBER: Final = r"(\d{1,2})"
UNIT: Final = (
    r"(months?|mos?|monaten?|mois|meses|mesi|maanden|years?|yrs?|jahren?|jahre|ans|años|anni|jaar|weeks?|wks?|wochen|semaines|"
    r"semanas|settimane|weken)\b"
)
NOT_AGE: Final = r"(?!['’]?\s*(?:supply|warranty|guarantee|vorrat|protection|schutz|garantie))"
FROM: Final = LatePattern(
    rf"{NUMBER}[\s-]*{UNIT}\s*(?:\+|plus\b|and (?:up|older|over)|or older|und älter|et plus|y más|e oltre)"
    rf"|{NUMBER}\s*\+\s*{UNIT}{NOT_AGE}"
    rf"|\b(?:from|over|older than|ab|über|dès|à partir de|plus de|desde|a partir de|más de|oltre i?|vanaf)"
    rf"\s*{NUMBER}\s*{UNIT}{NOT_AGE}"
)
STAGE: Final = LatePattern(
    r"\b(?:adult|senior|mature|ageing|aging|age[sd]?|seniors)\s*(\d{1,2})\s*\+|(?<![\w.])(\d{1,2})\s*\+\s*(?:adult|senior|mature)\b"
)
TO: Final = LatePattern(
    rf"\b(?:up to|under|until|bis(?: zu)?|bis zum|jusqu['’]à|hasta(?: los)?|fino a|tot)\s*{NUMBER}\s*{UNIT}{NOT_AGE}"
)
SUPPLY: Final = LatePattern(
    rf"{NUMBER}[\s-]*(months?|monats?|monate|mois|meses)['’]?[\s-]*"
    r"(?:supply|vorrat|packung|protection|schutz|de protection)"
)
PIECES: Final = LatePattern(
    r"(?<![\d.,-])(\d{1,4})[\s-]*(?:(?:soft|mini|large|small|medium|big|beef|chicken|weiche|kleine|große|flavou?red)\s)?"
    rf"(?:{any_of('piece', 'dose')}|(?:bags|rolls)\b)|[^\W\d]\.?\s+[x×]\s?(\d{{1,3}})\s*$"
)
SENIOR_MONTHS: Final = 84
"""Seven years: what makers call mature or senior."""
ADULT_MONTHS: Final = 10


MAYBE: Final = LatePattern(
    r"\d\s*\+|\d[\s-]*(?:mo|mes|maand|year|yr|jahr|jaar|an|añ|week|wk|woch|sem|set|wek)|(?:adult|aged?|mature|senior)\s*\d"
)
"""A quick look whether a text speaks of an age at all."""


@lru_cache(maxsize=2048)
def speaks_of_age(text: str) -> bool:
    """Whether a closer look is worth it."""
    return MAYBE.search(text) is not None


def age_months(text: str) -> tuple[float | None, float | None]:
    """The least and the greatest age in months that a text names, None where it names none."""
    low = high = None
    if not speaks_of_age(text):
        return None, None
    if found := FROM.search(text):
        amount, unit = next((found[i], found[i + 1]) for i in (1, 3, 5) if found[i])
        low = months(amount, unit)
    elif found := STAGE.search(text):
        low = float(found[1] or found[2]) * MONTHS["y"]
    if found := TO.search(text):
        high = months(found[1], found[2])
    return low, high


def stage_of_age(low: float | None, high: float | None) -> str | None:
    """puppy, adult or senior for a range of ages in months."""
    if low is not None:
        return "senior" if low >= SENIOR_MONTHS else "adult" if low >= ADULT_MONTHS else None
    return "puppy" if high is not None and high <= 24 else None


def supply_months(text: str) -> int | None:
    """How many months a pack lasts: "12 month supply"."""
    found = SUPPLY.search(text) if speaks_of_age(text) else None
    return int(found[1]) if found else None


def piece_count(text: str) -> int | None:
    """How many pieces are in the pack: "3 chews", "30 count", "18 Pieces"."""
    found = PIECES.search(text)
    return int(found[1] or found[2]) or None if found else None


def months(amount: str, unit: str) -> float:
    """An age in months; a week is 12/52 of one."""
    letter = unit[0].lower()
    kind = {"j": "y", "a": "y", "s": "w"}.get(letter, letter)
    return round(float(amount) * MONTHS[kind], 1)

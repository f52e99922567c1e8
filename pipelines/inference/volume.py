"""How much a bowl or a bottle holds, in millilitres. A fluid ounce is a volume, an ounce is one only of a bowl."""

from __future__ import annotations

import re
from typing import Final

from pipelines.inference.pack_weight import AMOUNT, LOOK_BACK, PER, number, packs

ML: Final = {"ml": 1.0, "cl": 10.0, "dl": 100.0, "l": 1000.0, "floz": 29.5735295625, "gal": 3785.411784,
             "qt": 946.352946, "pt": 473.176473, "cup": 236.5882365}  # fmt: skip
"""US customary measures: NIST Handbook 44, appendix C."""
UNIT: Final = (
    r"(ml|mls|millilit(?:er|re)s?|cl|dl|l|lt|ltrs?|lit(?:er|re)s?|litros?|litri|fl\.?[\s-]?oz\.?|fluid[\s-]ounces?|"
    r"gal(?:lons?)?|qts?|quarts?|pints?|cups?)(?!\w)"
)
VOLUME: Final = re.compile(rf"(?<![\w./])(?<!\d,){AMOUNT}[\s-]*{UNIT}", re.IGNORECASE)
OF_BOWL: Final = re.compile(rf"(?<![\w./])(?<!\d,){AMOUNT}[\s-]*(oz|ounces?)(?!\w)", re.IGNORECASE)


def volume_ml(text: str, *, bowl: bool = False) -> float | None:
    """Millilitres in all ("6 x 200 ml" is 1200), None where no volume is named. `bowl`: "32 oz" is what it holds."""
    match = VOLUME.search(text) or (OF_BOWL.search(text) if bowl else None)
    if match is None:
        return None
    before = text[max(0, match.start() - LOOK_BACK) : match.start()]
    value = number(match[1]) * ml_per(match[2])
    if PER.search(before) or value <= 0:
        return None
    return round(value * packs(text, before, match.end(), pieces_in_bag=True), 1)


def ml_per(unit: str) -> float:
    """Millilitres in one of a unit, however it is spelled."""
    name = re.sub(r"[\s.-]", "", unit.lower())
    if name.startswith(("fl", "oz", "ounce")):
        return ML["floz"]
    if name.startswith("mill"):
        return ML["ml"]
    known = {"c": "cup" if name.startswith("cup") else "cl", "d": "dl", "g": "gal", "q": "qt", "p": "pt"}
    return ML["ml"] if name.startswith("ml") else ML[known.get(name[0], "l")]

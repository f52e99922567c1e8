"""Girths and lengths of dog gear in centimetres: "neck 14-20 in", "60 x 40 x 30 cm", '36"L x 23"W', "6 ft x 1 in"."""

from __future__ import annotations

import re
from typing import Final

from pipelines.inference.dog_weight import decimal
from pipelines.inference.dog_words import DOG_WORDS
from pipelines.inference.late_pattern import LatePattern
from pipelines.inference.pack_words import CJK
from pipelines.parsing.numbers import has_digit

CM: Final = {"cm": 1.0, "см": 1.0, "センチ": 1.0, "mm": 0.1, "мм": 0.1, "m": 100.0, "in": 2.54, "ft": 30.48}
GIRTHS: Final = frozenset({"neck", "chest", "back"})
NUMBER: Final = r"(\d{1,4}(?:[.,]\d{1,3})?)"
UNIT: Final = (
    r"((?:cm|см|センチ|mm|мм|mtrs?|meters?|metres?|m|inch(?:es)?|in\b\.?|ft|feet|foot|zoll|pouces?)"
    rf"(?!(?-i:[^\W_{CJK}]))|\"|”|″|''|(?:'|’|′)(?!\w))"
)
BEFORE_M: Final = rf"(?:(?<![\w.,])|(?<=(?-i:[{CJK}])))"
DASH: Final = r"\s*(?:-|–|—|~|〜|～|to|bis|à|a|tot|do|e|hasta|até|till|til|až|до)\s*"
SPAN: Final = rf"{BEFORE_M}{NUMBER}\s*(?:cm|mm|in(?:ch)?\b\.?|\"|”|″)?(?:{DASH}{NUMBER})?[\s-]*{UNIT}"
RANGE: Final = LatePattern(rf"{BEFORE_M}{NUMBER}\s*(?:cm|mm|in(?:ch)?\b\.?|\"|”|″)?{DASH}{NUMBER}\s*{UNIT}")
AFTER: Final = LatePattern(rf"[^\d,;|/]{{0,24}}?{SPAN}")
AHEAD: Final = LatePattern(rf"{SPAN}\s*$")
BEHIND: Final = frozenset(
    {"long", "wide", "high", "tall", "across", "lang", "breit", "hoch", "breed", "hoog", "lång", "bred"}
)
"""Words that stand behind their measure: "5 ft long and 1 in wide"."""
LOOK_BACK: Final = 24
SIDE: Final = rf"(?:(?<![^\W_])([LWHDBT])\s*:?\s*)?{NUMBER}\s*(?:{UNIT})?\s*(?:\(?([LWHDBT])(?![^\W_])\)?)?"
BETWEEN_SIDES: Final = r"\s*(?:[xX×*]|by)\s*"
BOX: Final = LatePattern(
    rf"(?<![\w.,/-])(?<![xX×]\s){SIDE}{BETWEEN_SIDES}{SIDE}(?:{BETWEEN_SIDES}{SIDE})?(?!\s*(?:kg|g|lb|oz|ml|ct|pcs)\b)"
)
STRAP: Final = LatePattern(
    rf"{BEFORE_M}{NUMBER}\s*{UNIT}{BETWEEN_SIDES}{NUMBER}\s*{UNIT}?{DASH}{NUMBER}\s*{UNIT}"
    rf"|{BEFORE_M}{NUMBER}\s*{UNIT}?{DASH}{NUMBER}\s*{UNIT}{BETWEEN_SIDES}{NUMBER}\s*{UNIT}"
)
"""A strap's width and the girth it is set to: "20 mm x 35-50 cm", '15"-20" x 2"'."""
FRACTION: Final = re.compile(
    r"(?<![\d./,])(?:(\d{1,2})[\s-])?([1-9]\d?)/([2-9]|16)(?=[\s-]*(?:in|\"|”|″|''|ft|foot|feet))"
)
ROUND: Final = LatePattern(rf"Ø\s*{NUMBER}\s*{UNIT}")
ONE: Final = LatePattern(rf"(?<![\d.,x×/-])(?<!\w){NUMBER}[\s-]*{UNIT}")
SIDES: Final = {"l": "length", "w": "width", "b": "width", "h": "height", "d": "depth", "t": "depth"}
IN_ORDER: Final = ("length", "width", "height")
GIRTH_OF: Final = {"dog-collars": "neck", "dog-harnesses": "chest"}
"""What is measured where gear states one girth."""
STRAP_CM: Final = 8.0
"""What is narrower than that is a strap's width, not a collar's or a harness's girth."""


def measures(text: str, kind: str | None = None, *, alone: bool = True) -> dict[str, float]:
    """Measures in cm by name: neck_min_cm, neck_max_cm, chest_…, back_…, length_cm, width_cm, height_cm, diameter_cm.

    A bare length is what gear of that `kind` (a category's slug) is measured by: the neck for a collar, the chest
    for a harness. Sides without letters are length, width, height. Not `alone`: a bare length is left out.
    """
    if not has_digit(text):
        return {}
    if "/" in text:
        text = FRACTION.sub(lambda part: f"{int(part[1] or 0) + int(part[2]) / int(part[3]):.3f}", text)
    found = named_measures(text)
    if kind in GIRTH_OF and (strap := STRAP.search(text)) is not None:
        return strap_measures(strap, GIRTH_OF[kind]) | found
    found |= {name: value for name, value in sides(text).items() if name not in found}
    if (round_one := ROUND.search(text)) is not None:
        found.setdefault("diameter_cm", centimetres(round_one[1], round_one[2]))
    return found if not alone or any(name != "width_cm" for name in found) else bare(text, kind) | found


def strap_measures(strap: re.Match[str], part: str) -> dict[str, float]:
    """Width and girth of a strap."""
    said = strap.groups()
    width, width_unit, low, low_unit, high, unit = said[:6] if strap[1] else (*said[10:], *said[6:10])
    ends = sorted((centimetres(low, low_unit or unit), centimetres(high, unit)))
    return {f"{part}_min_cm": ends[0], f"{part}_max_cm": ends[1], "width_cm": centimetres(width, width_unit)}


def named_measures(text: str) -> dict[str, float]:
    """The measures whose name stands beside them ("chest girth 40-50 cm", "35 cm neck", "1 in wide")."""
    found: dict[str, float] = {}
    for hit in DOG_WORDS.read(text).get("measure", ()):
        ahead = AHEAD.search(text[max(0, hit.start - LOOK_BACK) : hit.start])
        adjective = text[hit.start : hit.end].lower() in BEHIND
        match = (ahead if adjective else None) or AFTER.match(text, hit.end) or ahead
        if match is None:
            continue
        low = centimetres(match[1], match[3])
        high = centimetres(match[2], match[3]) if match[2] else low
        if hit.label in GIRTHS:
            found.setdefault(f"{hit.label}_min_cm", min(low, high))
            found.setdefault(f"{hit.label}_max_cm", max(low, high))
        elif not match[2]:
            found.setdefault(f"{hit.label}_cm", low)
    return found


def sides(text: str) -> dict[str, float]:
    """The sides of "60 x 40 x 30 cm", by their letters or else in the order length, width, height; {} without unit."""
    for box in BOX.finditer(text):
        parts = [box.groups()[start : start + 4] for start in (0, 4, 8)]
        parts = [part for part in parts if part[1]]
        units = [part[2] for part in parts]
        last = next((unit for unit in reversed(units) if unit), None)
        if last is None:
            continue
        letters = [SIDES.get((part[0] or part[3] or "").lower(), "") for part in parts]
        if not all(letters) or len(set(letters)) < len(letters):
            letters = list(IN_ORDER[: len(parts)])
        spare = next((name for name in IN_ORDER if name not in letters), "length")
        return {
            f"{spare if name == 'depth' else name}_cm": centimetres(str(part[1]), unit or last)
            for name, part, unit in zip(letters, parts, units, strict=True)
        }
    return {}


def bare(text: str, kind: str | None) -> dict[str, float]:
    """A length or range without a name, as what gear of that kind is measured by."""
    part = GIRTH_OF.get(kind or "")
    if (span := RANGE.search(text)) is not None:
        low, high = sorted((centimetres(span[1], span[3]), centimetres(span[2], span[3])))
        part = part or ("chest" if kind == "dog-apparel" else None)
        return {f"{part}_min_cm": low, f"{part}_max_cm": high} if part and low > STRAP_CM else {}
    one = ONE.search(text)
    if one is None:
        return {}
    length = centimetres(one[1], one[2])
    if part is not None:
        return {"width_cm": length} if length < STRAP_CM else {f"{part}_min_cm": length, f"{part}_max_cm": length}
    return {"back_min_cm": length, "back_max_cm": length} if kind == "dog-apparel" else {"length_cm": length}


def centimetres(amount: str, unit: str) -> float:
    """A length in centimetres to a millimetre."""
    return round(decimal(amount) * cm_per(unit), 1)


def cm_per(unit: str) -> float:
    """Centimetres in one of a unit of length."""
    name = unit.lower()
    if name in ('"', "”", "″", "''") or name.startswith(("in", "zoll", "pouce")):
        return CM["in"]
    if name in ("'", "’", "′") or name.startswith("f"):
        return CM["ft"]
    return CM[name] if name in CM else CM["m"]

"""Model numbers: one normal form for the many ways of writing one, and its parts."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

SIGNS: Final = re.compile(r"[\s\-_./]+")
BASE: Final = re.compile(r"([A-Z]*(?:[ \-_./]+[A-Z]+)*)[ \-_./]*(\d+(?:[.,]\d+)?)")
PART: Final = re.compile(r"[A-Z]+|\d+")
SERIES: Final = re.compile(r"\bSER(?:IES|\.)?\b")
ROMAN: Final = {"II": "2", "III": "3", "IV": "4", "V": "5", "VI": "6"}
GENERATION_LETTERS: Final = frozenset("ABCDEFGHJKMNPRST")
UNDERCARRIAGE: Final = (
    "LGP",
    "XLT",
    "XHP",
    "NLC",
    "SLC",
    "LRR",
    "LCR",
    "LCN",
    "XL",
    "XW",
    "LC",
    "LT",
    "WT",
    "L",
    "N",
    "T",
)


@dataclass(frozen=True, slots=True)
class Model:
    """A model number in its parts: PC200-8LC → model "PC200LC-8", base "PC200", suffixes ("LC",), generation "8".

    `model` is the normal form: two ways of writing one number give equal Models. `suffixes` are sorted.
    """

    model: str
    base_model: str
    suffixes: tuple[str, ...]
    generation: str | None


SERIES_NAMES: Final = {"ZAXIS": "ZX", "SOLAR": "SL", "ROBEX": "R", "MARK": ""}
SERIES_NAME: Final = re.compile("|".join(SERIES_NAMES))
NUMBERED: Final = re.compile(r"\s*(?:\d{1,2}(?=[A-Z]{2,}[ -]?\d\d))?([A-Z&. ]*?)[\s\-/]*(\d+(?:\.\d+)?)(.*)", re.DOTALL)


LONGEST_NUMBER: Final = 12
"""More figures than this number no model; a few hundred are more than a float holds."""
LONGEST_MODEL: Final = 200
RARE: Final = 0.07
"""A last digit that fewer numbers of a series end in is no part of a number that nobody publishes."""


@dataclass(frozen=True, slots=True)
class ModelNumber:
    """A model number as size rules read it: "PC200-8LC" → prefix "PC", number 200, tail "8LC"."""

    prefix: str
    number: float
    tail: str


def model_number(text: str, known: Collection[float] = ()) -> ModelNumber:
    """Split a model at its first number; a word without one is all prefix, with number 0.

    Dealers drop signs ("WA2503L" is WA250-3L). `known` are the numbers known behind the prefix: a last digit that
    runs on from one of them is taken for the generation, unless numbers of the series do end in it.
    A leading series digit ("8FGU25") is no part of the number.
    """
    upper = SERIES_NAME.sub(lambda m: SERIES_NAMES[m[0]], text[:LONGEST_MODEL].upper())
    match = NUMBERED.match(upper)
    if match is None or len(match[2]) > LONGEST_NUMBER:
        return ModelNumber(re.sub(r"[^A-Z]", "", upper), 0.0, "")
    digits, tail = match[2], match[3]
    if runs_on(digits, known):
        digits, tail = digits[:-1], digits[-1] + tail
    return ModelNumber(re.sub(r"[^A-Z]", "", match[1]), float(digits), re.sub(r"[^A-Z0-9]", "", tail))


def runs_on(digits: str, known: Collection[float]) -> bool:
    """Whether a number's last digit is a generation that ran on: no number of the series is like it."""
    if len(digits) < 3 or "." in digits or not known:
        return False
    number = float(digits)
    if number in known or float(digits[:-1]) not in known or digits[-1] == "0":
        return False
    if number > max(known) * 1.3:
        return True
    like = [other % 10 == number % 10 for other in known if len(f"{other:g}") == len(digits)]
    return sum(like) < RARE * max(len(like), 1)


def base_model(text: str) -> str:
    """The letters and the number that a model number starts with, as `normal_model` has them."""
    upper = plain(text)
    match = BASE.match(upper)
    if match is None:
        base = SIGNS.sub("", upper)
        return base if base == upper else base_model(base)
    return based(match)


def plain(text: str) -> str:
    """A model number in capitals without the word for a series."""
    upper = text.upper()
    return " ".join((SERIES.sub(" ", upper) if "SER" in upper else upper).split())


def based(match: re.Match[str]) -> str:
    """The base model that BASE matched, without signs."""
    return SIGNS.sub("", match[1]) + match[2].replace(",", ".")


@lru_cache(maxsize=32768)
def normal_model(make: str | None, text: str) -> Model:
    """Take a model number apart. `make` is the canonical maker or None; text without a number is all base.

    A number behind the suffixes is the generation (PC200LC-8); else a single letter directly behind the base
    number is (320D L, D6T LGP), since that is how the other makers count.
    """
    upper = plain(text)
    match = BASE.match(upper)
    if match is None:
        base = SIGNS.sub("", upper)
        return Model(base, base, (), None) if base == upper else normal_model(make, base)
    base = based(match)
    suffixes: list[str] = []
    generation: str | None = None
    for index, part in enumerate(PART.findall(upper[match.end() :])):
        if part.isdigit():
            generation = part if generation is None else f"{generation}{part}"
        elif index > 0 and part in ROMAN:
            generation = f"{generation or ''}{ROMAN[part]}"
        elif index == 0 and part[0] in GENERATION_LETTERS and (len(part) == 1 or part[1:] in UNDERCARRIAGE):
            generation = part[0]
            suffixes.extend([part[1:]] if part[1:] else [])
        elif index == 0 and part[0] in GENERATION_LETTERS and part[1:] in ROMAN:
            generation = part[0] + ROMAN[part[1:]]
        else:
            suffixes.append(part)
    ordered = tuple(sorted(suffixes))
    joined = "".join(ordered)
    if generation is None:
        model = base + joined
    elif generation[0].isdigit():
        model = f"{base}{joined}-{generation}"
    else:
        model = f"{base}{generation}" + (f" {' '.join(ordered)}" if ordered else "")
    return Model(model, base, ordered, generation)

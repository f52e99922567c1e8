"""The year, the hours and an unnamed serial number in a machine's title, in any order and dress.

"'15", "2012年", "5.2k hrs", "hr-2012 yr-2016": a bare number behind a model may be either, or part of the model; what
stands beside it decides. Words for hours are those of pipelines/parsing.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Final

from pipelines.parsing.lexicon import branches, rows
from pipelines.parsing.word_starts import Starts, may_hold, starts_of

FIRST_YEAR: Final = 1940
LAST_YEAR: Final = date.today().year + 1
MOST_HOURS: Final = 120_000
"""Thirteen years of day and night; a greater number is no hour meter."""
LEAST_BARE_HOURS: Final = 100

_YEAR_WORD: Final = (
    r"(?:\b(?:bj|bauj(?:ahr)?|année|annee|anno|año|ano|bouwjaar|bwj|rok(?:\s+(?:prod(?:ukcji)?|výroby))?|rv|yom|myear|"
    r"model\s+year|year|yr|y|built|årsmodell|årgang|vm|vuosi|yıl|anul|мод)(?![^\W\d_])\.?\s*[:=-]?\s*)"
)
YEAR_STARTS: Final = starts_of([
    "bj", "bau", "ann", "año", "ano", "bou", "bwj", "rok", "rv", "yom", "mye", "mod", "yea", "yr", "y", "bui",
    "års", "årg", "vm", "vuo", "yıl", "anu", "мод",
])  # fmt: skip
"""How the words for a year start (pipelines/parsing/word_starts.py)."""
_FOUR_FIGURES: Final = re.compile(r"(?:19[4-9]|20\d)\d")
_MONTH: Final = len("12/")
_YEAR: Final = re.compile(
    rf"(?:(?P<word>{_YEAR_WORD})|(?<![\w.,/-]))(?:(?:0?[1-9]|1[0-2])[./])?(?P<year>(?:19[4-9]|20\d)\d)"
    r"(?:\s?[-–/]\s?(?:19[4-9]|20\d)\d)?(?:(?=r\b|[年년])|(?![\w/]|[.,]\d|-\d))"
    r"\s*(?:г\.?\s?в?\.?(?!\w)|rok\b|r\b\.?|model\b|年式?|년식?)?",
    re.IGNORECASE,
)
_SHORT_YEAR: Final = re.compile(rf"(?:{_YEAR_WORD}['’]?|(?<![\w'’.,/-])['’])(\d\d)(?![\w.,'’\"/-])", re.IGNORECASE)
"""Two figures are a year behind an apostrophe or a word for it: "'15", "Bj. 08"."""
_ERA: Final = re.compile(r"(令和|平成|昭和)(\d{1,2}|元)年")
_ERAS: Final = {"令和": 2018, "平成": 1988, "昭和": 1925}
"""The year before a Japanese era's first."""
_LONE_LETTER: Final = re.compile(r"(?<![^\W_])[A-Za-z]\s*$")

_NUMBER: Final = r"((?<![\d.,])\d{1,3}(?:[.,'’ ]\d{3})+|\d+(?:[.,]\d+)?)"
_THOUSAND: Final = r"(?:\s?(k|тыс\.?|тис\.?|tys\.?|tis\.?|tusen|千|万))?"
_TEN_THOUSAND: Final = "万"
_KIND: Final = (
    r"(?:(?:metered|actual|original|orig|org|genuine|true|real|verified|documented|total|running|engine|machine|operating"
    r"|working|clock|meter|motor|honest)\.?\s+)?"
)
_SHORT: Final = frozenset({"h", "u", "bh", "ч", "ur", "mh", "hs", "tim", "o/h"})
"""Units that may be part of a model or a word of another sense: they stand behind a number only."""
_NOT_BARE: Final = frozenset({"meter", "usage", "timer", "compteur", "licznik", "przebieg"})
"""Labels of other things too: a number counts behind them only after a colon."""
_OTHER_WORDS: Final = frozenset({"год"})
"""Hours in one language and a year in another."""
_ALSO: Final = ("motoore", "o/h", "ч", "м/час*", "saatte", "bst", "betr-std", "godz")


def _hour_words(*kinds: str) -> list[str]:
    return [row["word"] for row in rows("hours_words.csv") if row["value"] in kinds and row["word"] not in _OTHER_WORDS]


def _pattern(words: list[str]) -> str:
    """The words as a pattern; one that ends in "*" also matches longer words, a point at the end may be missing."""
    whole = branches([word.rstrip(".") for word in words if not word.endswith("*")])
    begun = branches([word.removesuffix("*") for word in words if word.endswith("*")])
    return rf"(?:{begun}\w{{0,6}}|{whole})"


@cache
def hour_starts() -> frozenset[str]:
    """How the words for hours start (pipelines/parsing/word_starts.py)."""
    return starts_of([*_hour_words("unit", "label"), *_ALSO])


@cache
def hour_word() -> re.Pattern[str]:
    """Any word for hours."""
    known = _pattern([*_hour_words("unit", "label"), *_ALSO])
    return re.compile(rf"(?<![^\W\d_])(?:{known})(?![^\W_])|時間|小时|小時|시간", re.IGNORECASE)


@cache
def _unit_behind() -> re.Pattern[str]:
    units = _pattern([*_hour_words("unit"), *_ALSO])
    return re.compile(rf"\s?-?{_KIND}(?:{units}(?![^\W_])|時間|小时|小時|시간)(?!\s*[:=.]?\s*\d)", re.IGNORECASE)


_NUMBER_BEFORE: Final = re.compile(_NUMBER + r"\+?" + _THOUSAND + r"(\s*)-?" + _KIND + "$", re.IGNORECASE)
_NUMBER_BEHIND: Final = re.compile(r"\.?\s*(?:meter)?\s*[:=-]\s*" + _NUMBER + _THOUSAND, re.IGNORECASE)
_NUMBER_BARE: Final = re.compile(
    r"\.?\s+(?:di lavoro\s+|ca\.?\s+)?" + _NUMBER + _THOUSAND + r"(?![\w.,/-]*[^\W\d_])", re.IGNORECASE
)
_LETTER_H: Final = re.compile(r"(?<!\w)h[.:]\s?" + _NUMBER)
_WINDOW: Final = 32
_LONE_CODE: Final = re.compile(r"(?<=[,;|])\s*(?=(?:[A-Z-]*\d){7})(?=\d*[A-Z])([A-Z0-9][A-Z0-9-]{8,24})\s*(?=[,;|]|$)")
"""Nine signs and more, seven figures among them, are more than a model number has."""


def read_number(text: str) -> float:
    """A number with thousands marks of any land: "5,239", "5.239" and "5 239" are 5239; "5239,5" is 5239.5."""
    if re.fullmatch(r"\d{1,3}(?:[.,'’ ]\d{3})+", text):
        return float(re.sub(r"\D", "", text))
    return float(text.replace(",", "."))


def find_year(text: str, starts: Starts = None) -> tuple[int, tuple[int, int]] | None:
    """The year of manufacture and its span with the word for it; of two ("2015-2016") the first.

    None of "2000 hrs" and "Wirtgen W 2000". `starts` are those of the text's words, where the caller knows them.
    """
    worded = may_hold(starts, YEAR_STARTS)
    first = _FOUR_FIGURES.search(text)
    begin = 0 if worded or first is None else max(0, first.start() - _MONTH)
    for match in _YEAR.finditer(text, begin) if first is not None else ():
        year = int(match["year"])
        if not FIRST_YEAR <= year <= LAST_YEAR:
            continue
        if match["word"] or not (
            _unit_behind().match(text, match.end("year")) or _is_model_number(text[: match.start("year")])
        ):
            return year, match.span()
    short = _SHORT_YEAR.search(text) if worded or "'" in text else None
    if short is not None:
        year = (2000 if int(short[1]) <= LAST_YEAR % 100 else 1900) + int(short[1])
        return (year, short.span()) if year >= FIRST_YEAR else None
    era = _ERA.search(text) if starts is None else None
    return (_ERAS[era[1]] + int(era[2].replace("元", "1")), era.span()) if era is not None else None


def find_hours(text: str, starts: Starts = None) -> tuple[int | None, tuple[int, int]] | None:
    """Operating hours and the span they stand at: "5,239 hrs", "3.500 Bh", "Hours: 120", "8 тыс. моточасов".

    None hours at a span are too many to be believed. A lone "h" counts in lower case behind a space or four digits,
    a lone "H" only behind a number with thousands marks: "950H" is a loader, "9500h" and "12.450 H" are hours.
    `starts` are those of the text's words, where the caller knows them.
    """
    if not may_hold(starts, hour_starts()):
        return None
    for word in hour_word().finditer(text):
        short = word[0].lower() in _SHORT
        behind = None if short else _NUMBER_BEHIND.match(text, word.end())
        if behind is not None and "-" not in text[word.end() : behind.start(1)]:
            return _hours(behind[1], behind[2]), (word.start(), behind.end())
        before = _NUMBER_BEFORE.search(text, max(0, word.start() - _WINDOW), word.start())
        if before is not None:
            if not short or _is_hours_before(before[1], word[0], joined=not before[3]):
                return _hours(before[1], before[2]), (before.start(), word.end())
            continue
        if short:
            continue
        if behind is None and word[0].lower() not in _NOT_BARE:
            behind = _NUMBER_BARE.match(text, word.end())
            if behind is not None and read_number(behind[1]) < LEAST_BARE_HOURS and not behind[2]:
                behind = None
        if behind is not None:
            return _hours(behind[1], behind[2]), (word.start(), behind.end())
    letter = _LETTER_H.search(text)
    return (_hours(letter[1], None), letter.span()) if letter is not None else None


def lone_serial(text: str) -> tuple[str, tuple[int, int]] | None:
    """A serial number without a word for it, alone between commas: "GENIE S-85, S8515-12044, 3311 hours"."""
    code = _LONE_CODE.search(text)
    return (code[1], code.span()) if code is not None else None


def _is_model_number(before: str) -> bool:
    """Whether a letter alone stands before a number, and no number before it: "Wirtgen W 2000", not "580 K 1988"."""
    return _LONE_LETTER.search(before) is not None and not any(map(str.isdigit, before))


def _is_hours_before(number: str, unit: str, *, joined: bool) -> bool:
    digits = sum(map(str.isdigit, number))
    if unit[0].isupper() and len(unit) == 1:
        return digits >= 4 and digits < len(number)
    return not joined or digits >= 4


def _hours(number: str, thousand: str | None) -> int | None:
    """Hours that a machine can have run; "5.2" says 5,200 in "5.2k"."""
    if thousand:
        factor = 10_000 if thousand == _TEN_THOUSAND else 1000
        value = float(number.replace(",", ".").replace(" ", "")) * factor
    else:
        value = read_number(number)
    return round(value) if value <= MOST_HOURS else None

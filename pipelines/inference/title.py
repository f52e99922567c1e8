"""A machine's title taken apart: maker, model, year, hours, serial number, in any order and dress."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from inventory.taxonomy.makes import canonical_make, find_make
from inventory.taxonomy.models import normal_model
from inventory.taxonomy.phrases import Found, Word, words
from pipelines.inference.category_words import CATEGORY_WORDS
from pipelines.inference.title_numbers import find_hours, find_year, lone_serial, read_number
from pipelines.parsing.word_starts import Starts, ascii_starts, may_hold

DISTANCE: Final = re.compile(
    r"((?<![\d.,])\d{1,3}(?:[.,'’ ]\d{3})+|\d+(?:[.,]\d+)?)(k?)\s*(miles|mi|kms?|kilometers|kilometres|км)\b",
    re.IGNORECASE,
)
DISTANCE_STARTS: Final = frozenset({"mi", "mil", "km", "kms", "kil", "kmi", "kkm", "kki"})
"""What a text's words start with where DISTANCE can match (parsing/word_starts.py): "5kmiles" has a word "kmiles"."""
SERIAL: Final = re.compile(
    r"(?:(?:\bs\s?/\s?n\b|\bserial(?:\s*(?:number|no\.?|nr\.?|#))?|\bpin\b|\bvin\b|\bseriennummer|\bserien-nr\.?"
    r"|\bn(?:[°º]|r\.?|\.?º)?\s?(?:de\s)?s[ée]rie|\bmatricola|\b(?:nr|numer)\.?\s?seryjny|\bserien(?:ummer|r\.?)"
    r"|\bfahrgestellnummer|\bзав(?:одской)?\.?\s?(?:номер|№))\s*[:#.]*\s*(?=[A-Z-]*\d)([A-Z0-9][A-Z0-9-]{3,24})"
    r"|\bsn\b\s*(?:[:#.]+\s*(?=[A-Z-]*\d)([A-Z0-9][A-Z0-9-]{3,24})|(?=[A-Z]{0,8}\d)([A-Z0-9]{5,24})))\b",
    re.IGNORECASE,
)
"""A lone "SN" may be the end of a model ("580 SN"), so what follows it must be longer."""
SERIAL_STARTS: Final = frozenset({"s", "sn", "ser", "pin", "vin", "mat", "num", "nrs", "nse", "fah"})
STOCK: Final = re.compile(
    r"(?:\b(?:stock|stk|lot|ref(?:erence|erenz|erencia)?|inv(?:entory)?|lager|asset|item|unit|id)\b\.?\s*-?\s*"
    r"(?:(?:no|nr|number|num)\b\.?|n[°º])?\s*[:#]+\s*|\b(?:stock|stk|lot|ref|lager-?nr|asset)\b\.?\s*(?:no\.?|nr\.?)?\s*|#\s?)"
    r"(?=[A-Z-]*\d)[A-Z0-9][A-Z0-9-]*\b",
    re.IGNORECASE,
)
"""The dealer's own number, which is no model."""
STOCK_STARTS: Final = frozenset({"sto", "stk", "lot", "ref", "inv", "lag", "ass", "ite", "uni", "id"})
BREAK: Final = re.compile(
    r"\s[-–—|]+\s|,(?!\d{3}(?!\d))|[;|()\[\]{}*!?\"“”•]|\s&\s|\s/\s|:\s"
    r"|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)
BREAK_SIGN: Final = re.compile(r"[-|,;()\[\]{}*!?\"&/:]")
"""One of these stands in every ASCII text that has a break."""
MEASURE: Final = re.compile(
    r"\d+(?:[.,]\d+)*\s?-?(?:tons?|tonnes?|to|t|lbs?|kgs?|hp|ps|kw|kva|ft|feet|foot|cfm|cv|pk|mm|cm|m³|m|yds?|yd3|gal"
    r"|mtrs?|met(?:er|re|ro|ri)s?|toneladas?|tonnellate|тонн\w{0,2}|тн|т|кг|litros|liter|litres?|inch|kn)",
    re.IGNORECASE,
)
EXTRAS: Final = re.compile(
    r"\b(?:[468]x[2468]|[st]/a|c/w|high[ -]?flow|(?:two|2|dual)[ -]speed|e?rops|orops|canopy|a/c|enclosed cab|4wd|2wd"
    r"|low hours?"
    r"|ex[ -]rental|ready to work|one owner|cabin|klima|powertilt|tilt|full history|top condition|demo|hammer lines"
    r"|aux hydraulics)\b",
    re.IGNORECASE,
)
"""What a machine has or how it is; a model number ends before it."""
EXTRAS_STARTS: Final = frozenset([
    "x", "s", "t", "c", "hig", "two", "dua", "spe", "ero", "rop", "oro", "can", "a", "enc", "wd", "low", "ex", "rea",
    "one", "cab", "kli", "pow", "til", "ful", "top", "dem", "ham", "aux",
])  # fmt: skip
FILLER: Final = frozenset(
    [
        "used",
        "new",
        "for",
        "sale",
        "demo",
        "unused",
        "rebuilt",
        "refurbished",
        "salvage",
        "with",
        "w",
        "in",
        "the",
        "and",
        "excellent",
        "good",
        "nice",
        "low",
        "very",
        "one",
        "two",
        "owner",
        "only",
        "unit",
        "machine",
        "inoperable",
        "parts",
        "gebraucht",
        "neu",
        "occasion",
        "usado",
        "usada",
        "nuevo",
        "usato",
        "nuovo",
    ]
)
JOINED: Final = re.compile(r"-\d")
"""A category word that runs on into a number is part of it: "TLB-225"."""
DIGIT: Final = re.compile(r"\d")
WHOLE_MODEL: Final = re.compile(r"[A-Z]+-?\d")
SPACED: Final = re.compile(r" \d")
LONGEST_SERIES: Final = 3
LONGEST_NAME: Final = 20
"""A model may be a name without a number ("RCV"), but not a sentence."""
MAX_TITLE: Final = 500
KM_PER_MILE: Final = 1.609344


class TitleParts(NamedTuple):
    """What a title says. `make` is canonical, `model` as written; `rest` is what is left; distance is in km."""

    make: str | None
    model: str | None
    base_model: str | None
    suffixes: tuple[str, ...]
    year: int | None
    hours: int | None
    serial_number: str | None
    rest: str
    distance_km: float | None = None
    generation: str | None = None


def read_title(title: str, *, make: str | None = None, model: str | None = None) -> TitleParts:
    """Take a title apart. A `make` or `model` that the source gives by itself is believed."""
    return _known(title[:MAX_TITLE], make, model)


@lru_cache(maxsize=1024)
def _known(text: str, make: str | None, model: str | None) -> TitleParts:
    """A page's readers and the pipelines ask for the same titles, a few pages at a time."""
    title = text
    starts = ascii_starts(text)
    serial = SERIAL.search(text) if may_hold(starts, SERIAL_STARTS) and has_digit(text) else None
    if serial is not None:
        text = blank(text, serial.span())
    year, hours = find_year(text, starts), None
    if year is not None:
        text = blank(text, year[1])
    if has_digit(text):
        hours = find_hours(text, starts)
    if hours is not None:
        text = blank(text, hours[1])
    distance = DISTANCE.search(text) if may_hold(starts, DISTANCE_STARTS) else None
    if distance is not None:
        text = blank(text, distance.span())
    stock = STOCK.search(text) if "#" in text or may_hold(starts, STOCK_STARTS) else None
    if stock is not None:
        text = blank(text, stock.span())
    lone = lone_serial(text) if serial is None else None
    if lone is not None:
        text = blank(text, lone[1])
    found = words(text)
    hit = find_make(found)
    if make is None and hit is not None:
        make = hit[0]
    elif make is not None:
        make = canonical_make(make)
    if model is None:
        model = find_model(text, found, hit[1] if hit else None, starts)
        if make is None and model is not None:
            make, model = unknown_make(model, leading=year is not None and title[:1].isdigit())
    rest = text
    if hit is not None:
        rest = blank(rest, hit[1])
    if model is not None:
        rest = rest.replace(model, " ", 1)
    parts = normal_model(make, model) if model else None
    km = None
    if distance is not None:
        km = read_number(distance[1]) * (1000 if distance[2] else 1)
        km *= KM_PER_MILE if distance[3].lower().startswith("mi") else 1
    return TitleParts(
        make=make,
        model=model,
        base_model=parts.base_model if parts else None,
        suffixes=parts.suffixes if parts else (),
        year=year[0] if year is not None else None,
        hours=hours[0] if hours is not None else None,
        serial_number=next(filter(None, serial.groups()), None) if serial else lone[0] if lone else None,
        rest=" ".join(rest.split()),
        distance_km=km,
        generation=parts.generation if parts else None,
    )


def has_digit(text: str) -> bool:
    """Whether any number stands in a text."""
    return DIGIT.search(text) is not None


def blank(text: str, span: tuple[int, int]) -> str:
    """The text with a span turned to a break, so that what stands around it does not run together."""
    return f"{text[: span[0]]} | {text[span[1] :]}" if span[0] else f"  {text[span[1] :]}"


def find_model(
    text: str, found: Sequence[Word], make_span: tuple[int, int] | None, starts: Starts = None
) -> str | None:
    """The model number: what follows the maker up to the words that say what kind of machine it is."""
    marks: list[tuple[int, int]] = []
    if BREAK_SIGN.search(text) or not text.isascii():
        marks.extend([match.span() for match in BREAK.finditer(text)])
    if may_hold(starts, EXTRAS_STARTS):
        marks.extend([match.span() for match in EXTRAS.finditer(text)])
    start = make_span[1] if make_span else 0
    hits = CATEGORY_WORDS["equipment"].find(found)
    marks.extend(hit[1:3] for hit in hits if not JOINED.match(text, hit.end) and not is_series(text, start, hit))
    marks.sort()
    model = model_within(text, marks, start, len(text))
    if model is None and make_span is not None and make_span[0] > 0:
        model = model_within(text, marks, 0, make_span[0])
    return model


def is_series(text: str, start: int, hit: Found) -> bool:
    """Whether a short word for a kind is a model's first letters: "GEHL CTL 70"."""
    name = text[hit.start : hit.end]
    return (
        name.isupper()
        and len(name) <= LONGEST_SERIES
        and SPACED.match(text, hit.end) is not None
        and not has_digit(text[start : hit.start])
    )


def model_within(text: str, marks: list[tuple[int, int]], begin: int, end: int) -> str | None:
    """The first stretch of a part of the text that holds a digit and no break, filler or word for a kind of machine."""
    start = begin
    named = None
    for first, last in [*marks, (end, end)]:
        if last < begin or first > end:
            continue
        if first >= start:
            stretch = trimmed(text[start:first])
            if stretch and has_digit(stretch):
                model = without_sentence(stretch)
                if model:
                    return model
            elif start == begin and stretch.isupper() and len(stretch) < LONGEST_NAME:
                named = stretch if not has_digit(text[last:end]) else None
        start = max(start, last)
    return named


def trimmed(stretch: str) -> str:
    """Without filler words and signs at either end, and without what follows a filler word inside."""
    kept: list[str] = []
    for word in stretch.split():
        if word.lower().strip(".:-#'/") in FILLER and word != "W":
            if kept:
                break
            continue
        kept.append(word)
    return " ".join(kept).strip(" -–:./#'")


def without_sentence(stretch: str) -> str:
    """Without what stands behind the number: "TB290-2 mit Powertilt" is TB290-2, "RT890E 90 Ton" is RT890E.

    "3CX Contractor" stays; a measure alone ("6 Tonne") is no model.
    """
    kept: list[str] = []
    parts = stretch.split()
    numbered = False
    for index, word in enumerate(parts):
        if numbered and (len(word) > 1 or not word.isascii()) and word.isalpha() and word.islower():
            break
        if has_digit(word):
            if is_measure(word, parts[index + 1 : index + 2]):
                break
            numbered = True
        kept.append(word)
    return " ".join(kept).strip(" -–:./#'") if numbered else ""


def is_measure(word: str, following: list[str]) -> bool:
    """Whether a word and the one behind it are a number with its unit; "325 L" and "20T" are models all the same."""
    behind = following[0] if following else ""
    if behind.isalpha() and (len(behind) > 1 or behind == "m") and MEASURE.fullmatch(f"{word} {behind}"):
        return True
    return len(word) > 3 and MEASURE.fullmatch(word) is not None and not word[-1:].isupper()


def unknown_make(model: str, *, leading: bool) -> tuple[str | None, str | None]:
    """Part "KINZUN KZ12" of "2019 KINZUN KZ12" into a maker that no table has, and its model.

    Behind a leading year, where dealers write year, maker, model, or where a word in capitals stands before what can
    only be a whole model ("PATRICK ARR10C"); elsewhere the words may be anything.
    """
    head, _, tail = model.partition(" ")
    if not tail or not head.isalpha():
        return None, model
    if (leading and (len(head) > 2 or head.isupper())) or (
        len(head) > 2 and head.isupper() and WHOLE_MODEL.match(tail) is not None
    ):
        return canonical_make(head), tail
    return None, model

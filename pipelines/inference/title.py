"""A machine's title taken apart: maker, model, year, hours, serial number, in any order and dress."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from inventory.taxonomy.makes import canonical_make, find_make
from inventory.taxonomy.models import normal_model
from pipelines.inference.category_words import CATEGORY_WORDS

FIRST_YEAR: Final = 1940
LAST_YEAR: Final = date.today().year + 1
YEAR: Final = re.compile(r"(?<![\w.,/-])(?:19[4-9]\d|20\d\d)(?![\w/]|[.,]\d|-\d)")
NUMBER: Final = r"(\d{1,3}(?:[.,' ]\d{3})+|\d+(?:[.,]\d+)?)"
HOUR_WORD: Final = re.compile(
    r"(?<![^\W\d_])(?:hours?|hrs?|std|stunden|betriebsstunden|bstd|heures?|horas?|uren|draaiuren|mth|godzin|motoore|smu"
    r"|bh|u|h"
    r"|ore|uur|timmar|timer|tuntia|motogodzin\w{0,2}|motohodin|mtg|bst|hs|betr\.?-?std)(?![^\W_])",
    re.IGNORECASE,
)
SHORT: Final = frozenset({"h", "u", "bh"})
NUMBER_BEFORE: Final = re.compile(NUMBER + r"(\s*)$")
NUMBER_BEHIND: Final = re.compile(r"\.?\s*(?:meter)?\s*[:=]\s*" + NUMBER, re.IGNORECASE)
NUMBER_BARE: Final = re.compile(r"\.?\s+(?:di lavoro\s+|ca\.?\s+)?" + NUMBER + r"(?![\w.,/-]*[^\W\d_])")
DISTANCE: Final = re.compile(NUMBER + r"\s*(miles|mi|kms?|kilometers|kilometres)\b", re.IGNORECASE)
SERIAL: Final = re.compile(
    r"(?:\bs\s?/\s?n\b|\bsn\b|\bserial(?:\s*(?:number|no\.?|nr\.?|#))?|\bpin\b|\bvin\b|\bseriennummer|\bserien-nr\.?"
    r"|\bn(?:[°º]|r\.?|\.?º)?\s?(?:de\s)?s[ée]rie|\bmatricola|\b(?:nr|numer)\.?\s?seryjny|\bserien(?:ummer|r\.?)|\bfahrgestellnummer)"
    r"\s*[:#.]*\s*([A-Z0-9][A-Z0-9-]{3,24})\b",
    re.IGNORECASE,
)
BREAK: Final = re.compile(r"\s[-–—|]+\s|[,;|()\[\]{}*!\"“”•]|\s&\s|\s/\s")
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
LONGEST_NAME: Final = 20
"""A model may be a name without a number ("RCV"), but not a sentence."""
MAX_TITLE: Final = 500
KM_PER_MILE: Final = 1.609344


@dataclass(frozen=True, slots=True)
class TitleParts:
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


def read_number(text: str) -> float:
    """A number with thousands marks of any land: "5,239", "5.239" and "5 239" are 5239; "5239,5" is 5239.5."""
    if re.fullmatch(r"\d{1,3}(?:[.,' ]\d{3})+", text):
        return float(re.sub(r"\D", "", text))
    return float(text.replace(",", "."))


def read_title(title: str, *, make: str | None = None, model: str | None = None) -> TitleParts:
    """Take a title apart. A `make` or `model` that the source gives by itself is believed."""
    text = title[:MAX_TITLE]
    serial = SERIAL.search(text)
    if serial is not None:
        text = blank(text, serial.span())
    hours, span = find_hours(text)
    if span is not None:
        text = blank(text, span)
    distance = DISTANCE.search(text)
    if distance is not None:
        text = blank(text, distance.span())
    year_match = next((m for m in YEAR.finditer(text) if FIRST_YEAR <= int(m[0]) <= LAST_YEAR), None)
    if year_match is not None:
        text = blank(text, year_match.span())
    hit = find_make(text)
    if make is None and hit is not None:
        make = hit[0]
    elif make is not None:
        make = canonical_make(make)
    if model is None:
        model = find_model(text, hit[1] if hit else None)
        if make is None and model is not None:
            make, model = unknown_make(model, leading=year_match is not None)
    rest = text
    if hit is not None:
        rest = blank(rest, hit[1])
    if model is not None:
        rest = rest.replace(model, " ", 1)
    parts = normal_model(make, model) if model else None
    km = None
    if distance is not None:
        km = read_number(distance[1]) * (KM_PER_MILE if distance[2].lower().startswith("mi") else 1)
    return TitleParts(
        make=make,
        model=model,
        base_model=parts.base_model if parts else None,
        suffixes=parts.suffixes if parts else (),
        year=int(year_match[0]) if year_match else None,
        hours=hours,
        serial_number=serial[1] if serial else None,
        rest=" ".join(rest.split()),
        distance_km=km,
        generation=parts.generation if parts else None,
    )


def find_hours(text: str) -> tuple[int | None, tuple[int, int] | None]:
    """Operating hours and the span they stand at: "5,239 hrs", "3.500 Bh", "Hours: 120".

    A lone "h" counts only in lower case, behind a space or four digits: "950H" is a loader, "9500h" are hours.
    """
    for word in HOUR_WORD.finditer(text):
        short = word[0].lower() in SHORT
        behind = None if short else NUMBER_BEHIND.match(text, word.end())
        if behind is not None:
            return round(read_number(behind[1])), (word.start(), behind.end())
        before = NUMBER_BEFORE.search(text, max(0, word.start() - 14), word.start())
        if before is None:
            bare = None if short else NUMBER_BARE.match(text, word.end())
            if bare is not None and read_number(bare[1]) >= 100:
                return round(read_number(bare[1])), (word.start(), bare.end())
            continue
        joined = not before[2] and len(re.sub(r"\D", "", before[1])) < 4
        if not short or not (joined or word[0] in ("H", "U")):
            return round(read_number(before[1])), (before.start(), word.end())
    return None, None


def blank(text: str, span: tuple[int, int]) -> str:
    """The text with a span turned to a break, so that what stands around it does not run together."""
    return f"{text[: span[0]]} | {text[span[1] :]}" if span[0] else f"  {text[span[1] :]}"


def find_model(text: str, make_span: tuple[int, int] | None) -> str | None:
    """The model number: what follows the maker up to the words that say what kind of machine it is."""
    after = text[make_span[1] :] if make_span else text
    model = model_at_start(after)
    if model is None and make_span is not None and make_span[0] > 0:
        before = text[: make_span[0]]
        model = model_at_start(before)
    return model


def model_at_start(text: str) -> str | None:
    """The first stretch of text that holds a digit and no break, filler or word for a kind of machine."""
    marks = [(m.start(), m.end()) for m in BREAK.finditer(text)]
    hits = CATEGORY_WORDS["equipment"].find(text)
    marks.extend((hit.start, hit.end) for hit in hits if not JOINED.match(text, hit.end))
    marks.sort()
    start = 0
    named = None
    for first, last in [*marks, (len(text), len(text))]:
        if first >= start:
            stretch = trimmed(text[start:first])
            if stretch and any(c.isdigit() for c in stretch):
                return without_sentence(stretch)
            if start == 0 and stretch.isupper() and len(stretch) < LONGEST_NAME and not rest_has_digit(text, last):
                named = stretch
        start = max(start, last)
    return named


def rest_has_digit(text: str, start: int) -> bool:
    """Whether a number, and so perhaps the model, still follows."""
    return any(c.isdigit() for c in text[start:])


def trimmed(stretch: str) -> str:
    """Without filler words and signs at either end, and without what follows a filler word inside."""
    kept: list[str] = []
    for word in stretch.split():
        if word.lower().strip(".:-#'/") in FILLER:
            if kept:
                break
            continue
        kept.append(word)
    return " ".join(kept).strip(" -–:./#'")


def without_sentence(stretch: str) -> str:
    """Without the ordinary words behind the number: "TB290-2 mit Powertilt" is TB290-2, "3CX Contractor" stays."""
    kept: list[str] = []
    for word in stretch.split():
        ordinary = len(word) > 1 and word.isalpha() and word.islower()
        if ordinary and any(c.isdigit() for k in kept for c in k):
            break
        kept.append(word)
    return " ".join(kept)


def unknown_make(model: str, *, leading: bool) -> tuple[str | None, str | None]:
    """Part "KINZUN KZ12" of "2019 KINZUN KZ12" into a maker that no table has, and its model.

    Only behind a leading year, where dealers write year, maker, model; elsewhere the words may be anything.
    """
    head, _, tail = model.partition(" ")
    if leading and tail and head.isalpha() and (len(head) > 2 or head.isupper()):
        return canonical_make(head), tail
    return None, model

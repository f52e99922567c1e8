"""What a dealer's sentences say of a machine: maker and model, the year it was built, where it stands.

"A 2017 Kobelco SK210LC-10 …", "Er wurde 2018 gebaut …", "Der Bagger steht in unserer Halle in Rheine (Deutschland)."
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Final

from inventory.taxonomy.makes import find_make, may_name_make
from pipelines.parsing.identifiers import plausible_serial
from pipelines.parsing.lexicon import branches, fold, patterns, rows, word_pattern
from pipelines.parsing.numbers import has_digit
from pipelines.parsing.places import country_code, parse_place
from pipelines.parsing.word_starts import ascii_starts, may_hold, starts_of, word_starts
from pipelines.wording.clauses import clauses_of
from pipelines.wording.labels import DATA

_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-ŽŁŚŻ¡¿\"„«])")
_WORD: Final = re.compile(r"\S+")
_NUMBERED: Final = re.compile(r"^[A-Za-z0-9][\w./+-]*$")
_YEAR: Final = re.compile(r"(?<![\w.,/-])((?:19|20)\d\d)(?![\w/]|[.,-]\d)")
_FOUR_FIGURES: Final = re.compile(r"(?:19|20)\d\d")
_YEAR_START: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_LONE_YEAR: Final = re.compile(r"(\D{0,12})((?:19|20)\d\d)(?: ?(?:r|г|г\.? ?в|р\.? ?в|年|年式|년|년식)\.?)?")
_REGISTERED: Final = re.compile(r"(?<![\w.,-])(?:[0-3]?\d[./-])?(?:[01]?\d[./-])?((?:19|20)\d\d)(?![\w/]|[.,-]\d)")
_BETWEEN: Final = 2
_SUFFIX: Final = re.compile(r"^(?:[A-Z]{1,4}|[A-Z]{1,3}-?\d{1,2}|XR|Plus|Pro|Compact|Super)$")
_UNITS: Final = re.compile(
    r"^(?:h|hrs?|hours?|std|stunden|betriebsstunden|heures|horas|ore|uren|uur|mth|kg|t|to|tonn\w*|km\S*|m|mm|cm|€|eur\w*|\$|£"
    r"|zł|kw|ps|hp|cv|ch|%|liter|l|monat\w*|mois|meses|mesi|maand\w*|months?|jahre?|years?|ans|años|anni|jaar|lat)\b",
    re.IGNORECASE,
)
_CAPITAL: Final = "A-ZÀÁÂÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖØÙÚÛÜÝĄĆČĘŁŃŘŚŠŹŻŽ"
_NAME: Final = (
    rf"[{_CAPITAL}][^\W\d_]+(?:['’.-][^\W\d_]+){{0,4}}"
    r"(?:[ -](?:(?:an der|am|im|ob der|bei|de la|de los|de las|de|del|della|di|du|des|sur|sous|les|le|la|en|upon|on"
    r"|under|aan den|op)[ -])?"
    rf"[{_CAPITAL}][^\W\d_]+(?:['’-][^\W\d_]+){{0,4}}){{0,3}}"
)
_TAIL: Final = 50
_LEAST_DIGITS: Final = 3


def sentences(text: str) -> list[str]:
    """The text's sentences; an abbreviation's point ends none unless a capital letter follows."""
    return _SENTENCE.split(text)


def make_and_model(sentence: str) -> tuple[str, str, tuple[int, int]] | None:
    """The first maker that a model number follows, that number, and the span of both."""
    start = sentence[:1500]
    if not has_digit(start) or not may_name_make(start):
        return None
    words = list(_WORD.finditer(start))
    for at, word in enumerate(words):
        token = word[0].strip("(),;:.!?\"“”„'")
        if not any(map(str.isdigit, token)) or not _NUMBERED.match(token) or _YEAR.fullmatch(token):
            continue
        if at + 1 < len(words) and token.replace(".", "").replace(",", "").isdigit() and _UNITS.match(words[at + 1][0]):
            continue
        first, before, hit = at, "", None
        while hit is None and first > max(0, at - _BETWEEN - 2):
            first -= 1
            before = sentence[words[first].start() : word.start()]
            hit = find_make(before)
        if hit is None or not before[hit[1][0]].isupper():
            continue
        between = before[hit[1][1] :].split()
        if len(between) > _BETWEEN or any(not _is_name(part) for part in between):
            continue
        model = [*between, token]
        end = word.start() + word[0].find(token) + len(token)
        if word[0].endswith(token):
            for following in words[at + 1 : at + 3]:
                bare = following[0].strip("),;:.!?")
                if not _SUFFIX.match(bare):
                    break
                model.append(bare)
                end = following.start() + len(bare)
                if bare != following[0]:
                    break
        return hit[0], " ".join(model), (words[first].start() + hit[1][0], end)
    return None


def built_year(text: str, machine: tuple[int, int] | None, *, today: date) -> int | None:
    """The year the machine was built: one with a word that says so, or one right beside maker and model.

    Years of other events ("bought from us in 2012", "since 1987") are none.
    """
    if not _FOUR_FIGURES.search(text):
        return None
    words = patterns("year_words.csv")
    for match in _YEAR.finditer(text):
        if not 1950 <= int(match[1]) <= today.year + 1:
            continue
        before = fold(text[max(0, match.start() - 30) : match.start()]).rstrip(" :.-(")
        after = fold(text[match.end() : match.end() + 24]).lstrip(" ,")
        if any(m.end() >= len(before) for m in words["label"].finditer(before)) or words["behind"].match(after):
            return int(match[1])
        if _ends_with_being(before):
            return int(match[1])
        if machine is None:
            continue
        gap_before = text[match.end() : machine[0]].strip() if match.end() <= machine[0] else None
        if gap_before is not None and len(gap_before.split()) <= 1:
            return int(match[1])
        gap = fold(text[machine[1] : match.start()]).strip(" ,(") if machine[1] <= match.start() else None
        if gap is not None and (not gap or words["of"].fullmatch(gap)):
            return int(match[1])
    return None


def lone_year(text: str, *, today: date) -> int | None:
    """The only year that makes up a clause of its own: "Diesel Hatz, 2014", "VGP à jour. 2013.", "8 t, uit 2021"."""
    found: set[int] = set()
    for clause in clauses_of(text) if _FOUR_FIGURES.search(text) and _YEAR_START.search(text) else ():
        match = _LONE_YEAR.fullmatch(fold(clause, 60).strip(" .:!()"))
        if match is None or not 1950 <= int(match[2]) <= today.year + 1:
            continue
        if not match[1] or patterns("year_words.csv")["of"].fullmatch(match[1].strip()):
            found.add(int(match[2]))
    return found.pop() if len(found) == 1 else None


def registered_year(text: str, *, today: date) -> int | None:
    """The year of the first registration: "EZ 05/2012". The machine may be older: it counts last."""
    if not _FOUR_FIGURES.search(text):
        return None
    words = patterns("year_words.csv")["registered"]
    for match in _REGISTERED.finditer(text):
        before = fold(text[max(0, match.start() - 40) : match.start()]).rstrip(" :.-(")
        if 1950 <= int(match[1]) <= today.year + 1 and any(m.end() >= len(before) for m in words.finditer(before)):
            return int(match[1])
    return None


def serial_in(text: str) -> str | None:
    """A serial number behind its name anywhere in a sentence: "con número de serie X", "the PIN is X"."""
    if not has_digit(text) or not may_hold(ascii_starts(text), _serial_starts()):
        return None
    for match in _serial_pattern().finditer(text):
        if sum(map(str.isdigit, match[1])) >= _LEAST_DIGITS and plausible_serial(match[1]):
            return match[1].rstrip(".-")
    return None


@cache
def _serial_names() -> list[str]:
    names = {row["label"].rstrip(" .:") for row in rows("labels.csv", DATA) if row["field"] == "serial_number"}
    return [name.casefold() for name in names if len(name) > 2]


@cache
def _serial_starts() -> frozenset[str]:
    return starts_of(_serial_names()) | {"s", "sn", "pin"}


@cache
def _serial_pattern() -> re.Pattern[str]:
    parts = branches(_serial_names())
    behind = r"\.?[\s:#]{1,3}(?:(?:is|ist|lautet|est|es|è|no\.?|nr\.?|n[°º])\s*:?\s*)?"
    return re.compile(rf"(?<!\w)(?:(?i:{parts})|S\.?N\.?|PIN){behind}([A-Z0-9][A-Z0-9.-]{{4,24}})(?!\w)")


def standing_place(text: str) -> str | None:
    """Where a machine stands, by a verb or a branch before the name: "located in Hays, Kansas", "at our Ely depot"."""
    for pattern in _place_patterns():
        for match in pattern.finditer(text):
            name = match["name"]
            country = _country_behind(text[match.end() : match.end() + _TAIL])
            if country_code(name) is None and not _is_state(name):
                return f"{name}, {country}" if country else name
    return None


def says_used(text: str) -> bool:
    """Whether a text speaks of a used thing: "une pelle d'occasion", "einen gebrauchten JCB", "aus erster Hand"."""
    folded = fold(text, 1500)
    return may_hold(word_starts(folded), _condition_starts()) and _condition_words().search(folded) is not None


def _is_name(word: str) -> bool:
    return (word[0].isupper() and word.isalpha() and len(word) <= 12) or (len(word) <= 3 and word[0].isalnum())


def _ends_with_being(before: str) -> bool:
    """ "De verreiker is van 2019": the machine itself is of that year."""
    return any(m.end() >= len(before) for m in _being().finditer(before))


@cache
def _being() -> re.Pattern[str]:
    words = [row["word"] for row in rows("machine_phrases.csv", DATA) if row["kind"] == "is of"]
    return re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words))


@cache
def _condition_words() -> re.Pattern[str]:
    return word_pattern(row["word"] for row in rows("machine_phrases.csv", DATA) if row["kind"] == "used")


@cache
def _condition_starts() -> frozenset[str]:
    return starts_of(row["word"] for row in rows("machine_phrases.csv", DATA) if row["kind"] == "used")


def _country_behind(tail: str) -> str | None:
    tail = re.split(r"[;!?]|\.(?:\s|$)", tail)[0]
    for piece in re.split(r"[,()]|\s(?:in|en|dans|w|i|y|und|et|and)\s", tail):
        if piece.strip() and (country_code(piece.strip()) or _is_state(piece.strip())):
            return piece.strip()
    return None


def _is_state(name: str) -> bool:
    place = parse_place(name)
    return place is not None and place.city is None


@cache
def _place_patterns() -> tuple[re.Pattern[str], ...]:
    kinds: dict[str, list[str]] = {}
    for row in rows("machine_phrases.csv", DATA):
        kinds.setdefault(row["kind"], []).append(re.escape(row["word"]).replace(r"\ ", r"\s+"))
    stands, of, branch, preposition = (
        "|".join(sorted(kinds[kind], key=len, reverse=True)) for kind in ("stands", "branch of", "branch", "in")
    )
    return (
        re.compile(rf"(?<!\w)(?i:{of})\s*(?:\()?(?P<name>{_NAME})"),
        re.compile(rf"(?<!\w)(?i:our|the|your)\s+(?P<name>{_NAME})\s+(?i:{branch})(?!\w)"),
        re.compile(rf"(?<!\w)(?i:{stands})(?!\w)[^.;!?]{{0,60}}?(?:(?<!\w)(?i:{preposition})\s+|\()(?P<name>{_NAME})"),
    )

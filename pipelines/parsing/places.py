"""City, region and country out of a location text. Conservative: what is not certain stays `None`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from pipelines.parsing.lexicon import fold, one_space, rows, word_pattern

_SEPARATOR: Final = re.compile(r"\s*[,;|/()·•]\s*|\s+[-–—]\s+")
_US_ZIP: Final = re.compile(r"\b\d{5}(?:-\d{4})?$")
_AU_CODE: Final = re.compile(r" \d{4}$")
_CA_CODE: Final = re.compile(r"\b[A-Z]\d[A-Z] ?\d[A-Z]\d$")
_POSTAL: Final = re.compile(r"^(?:([A-Z]{1,3})[- ])?(\d{2}-\d{3}|\d{3} \d{2}|\d{3,6}(?: ?[A-Z]{2}(?=\s))?)\s+(?=\D)")
_POSTAL_AFTER: Final = re.compile(r"\s+(?:[A-Z]{1,2}-)?\d{4,6}$")
_GB_CODE: Final = re.compile(r"\s*\b(?!BT)[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$")
_OWN_CODES: Final = ((re.compile(r"\d{2}-\d{3}"), "PL"), (re.compile(r"\d{4} ?[A-Z]{2}"), "NL"))
"""Postal codes that only one country writes so."""
_PROVINCE: Final = re.compile(r"\s*\((?:[A-Z]{2}|\d{1,3}[AB]?)\)")
"""Behind a city the code of an Italian province or a French département: no state of America."""
_LAST_WORDS: Final = re.compile(r"(?<=[\w.)])\s+(?=\S+(?:\s+\S+){0,2}$)")
_COUNTRY_SIGNS: Final = {"D": "DE", "A": "AT", "F": "FR", "I": "IT", "B": "BE", "L": "LU", "E": "ES"}
"""Country signs before a postal code that are not ISO codes (UN Road Traffic Convention)."""
_ALSO_A_COUNTRY: Final = frozenset({"DE"})
"""State codes that more often are a country's code: "Lingen, DE" says no state, "Dover, DE" may say both."""


@dataclass(frozen=True, slots=True)
class Place:
    """`region` is a state or province code (US, CA, AU); `country` ISO 3166-1 alpha-2."""

    city: str | None = None
    region: str | None = None
    country: str | None = None


def parse_place(text: str | None) -> Place | None:
    """ "Houston, TX 77001" · "D-49808 Lingen" · "Lyon, France" · "Queensland". `None` where no part is known."""
    if not text:
        return None
    bare = _PROVINCE.sub("", one_space(text, 200))
    parts = _with_last_word_apart([p for p in _SEPARATOR.split(bare) if p][:6])
    country = region = None
    rest: list[str] = []
    for part in reversed(parts):
        name = fold(part)
        if country is None and name in _countries():
            country = _countries()[name]
        elif region is None and (found := _region(part, country, alone=len(parts) == 1)):
            region, country = found
        elif not (country or region or rest) and len(parts) > 1 and part in _country_codes():
            if part in _ALSO_A_COUNTRY and fold(parts[-2]) in _towns_there():
                return None
            country = part  # "Wil, CH"
        else:
            rest.insert(0, part)
    city, sign, has_code = _city(rest)
    has_code |= _PROVINCE.search(text) is not None
    country = country or sign
    if country is None and region is None and not has_code:
        return None
    return Place(city, region, country)


def _with_last_word_apart(parts: list[str]) -> list[str]:
    """A country or state that stands behind the city without a comma as its own part: "Dubbo NSW", "Lyon France"."""
    if not parts or fold(parts[-1]) in _countries() or fold(parts[-1]) in _regions():
        states = parts[-2:-1] if len(parts) > 1 else []
        split = _split_state(states[0]) if states else None
        return [*parts[:-2], *split, parts[-1]] if split else parts
    for cut in _LAST_WORDS.finditer(parts[-1]):
        head, tail = parts[-1][: cut.start()], parts[-1][cut.end() :]
        if fold(tail) in _countries() and not tail.islower():
            return _with_last_word_apart([*parts[:-1], head, tail])
    split = _split_state(parts[-1])
    return [*parts[:-1], *split] if split else parts


def _split_state(part: str) -> tuple[str, str] | None:
    """ "Dubbo NSW", "Hays KS 67601": the city and the code of its state, which alone could be anything's."""
    bare = _US_ZIP.sub("", _POSTAL_AFTER.sub("", part)).strip()
    head, _, code = bare.rpartition(" ")
    has_code = bare != part
    if not head or not any(code == known and (has_code or len(code) > 2) for known, _ in _region_codes()):
        return None
    return head, part[len(head) + 1 :]


def country_code(text: str | None) -> str | None:
    """A country's name in many languages, or its alpha-2 code in capitals."""
    if not text:
        return None
    name = one_space(text, 60)
    return _countries().get(fold(name)) or (name if name in _country_codes() else None)


def _region(part: str, country: str | None, *, alone: bool) -> tuple[str, str] | None:
    bare = _US_ZIP.sub("", part).strip()
    has_zip = bare != part
    australian = _AU_CODE.sub("", bare)
    is_australian = australian != bare or len(australian) == 3  # no other state's code has three letters
    bare = _CA_CODE.sub("", australian).strip()
    by_name = _regions().get(fold(bare))
    if by_name and country in (None, by_name[1]):
        return by_name
    if alone or not bare.isupper():
        return None
    for code, owner in _region_codes():
        if code != bare or country not in (None, owner) or (country is None and is_australian != (owner == "AU")):
            continue
        if owner == "US" and code in _ALSO_A_COUNTRY and not has_zip and country is None:
            return None
        return code, owner
    return None


def _city(parts: list[str]) -> tuple[str | None, str | None, bool]:
    """The part with a postal code, else the first that may be a city; the country of the code; whether there is one.

    Streets, districts behind the city and words for a branch are left out.
    """
    first: str | None = None
    for part in parts:
        postal = _POSTAL.match(part)
        british = None if postal else _GB_CODE.search(part)
        name = part[postal.end() :] if postal else _GB_CODE.sub("", part)
        name = _branch().sub("", _POSTAL_AFTER.sub("", name)).strip(" -–")
        if not name or len(name) > 40 or any(map(str.isdigit, name)) or (_street().search(fold(name)) and not postal):
            if british:
                return first, "GB", True
            continue
        if postal:
            sign = postal[1]
            country = _COUNTRY_SIGNS.get(sign or "") or (sign if sign in _country_codes() else None)
            own = next((code for pattern, code in _OWN_CODES if pattern.fullmatch(postal[2])), None)
            return name, country or own, True
        if british:
            return first or name, "GB", True
        first = first or name
    return first, None, False


@cache
def _branch() -> re.Pattern[str]:
    """Words beside a city's name for the dealer's branch there."""
    words = "|".join(re.escape(row["word"]) for row in rows("place_words.csv") if row["kind"] == "branch")
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)\s*[:\-–]?", re.IGNORECASE)


@cache
def _towns_there() -> frozenset[str]:
    """The towns of Delaware."""
    return frozenset(fold(row["word"]) for row in rows("place_words.csv") if row["kind"] == "town in Delaware")


@cache
def _street() -> re.Pattern[str]:
    return word_pattern(row["word"] for row in rows("place_words.csv") if row["kind"] == "street")


@cache
def _countries() -> dict[str, str]:
    return {fold(row["word"]): row["code"] for row in rows("places.csv") if row["kind"] == "country"}


@cache
def _country_codes() -> frozenset[str]:
    return frozenset(_countries().values())


@cache
def _regions() -> dict[str, tuple[str, str]]:
    return {fold(row["word"]): (row["code"], row["country"]) for row in rows("places.csv") if row["kind"] == "region"}


@cache
def _region_codes() -> tuple[tuple[str, str], ...]:
    return tuple(sorted(set(_regions().values()), key=lambda r: (r[1] != "US", r)))

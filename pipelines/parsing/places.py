"""City, region and country out of a location text. Conservative: what is not certain stays `None`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from pipelines.parsing.lexicon import fold, one_space, rows

_SEPARATOR: Final = re.compile(r"\s*[,;|/()·•]\s*|\s+[-–—]\s+")
_US_ZIP: Final = re.compile(r"\b\d{5}(?:-\d{4})?$")
_CA_CODE: Final = re.compile(r"\b[A-Z]\d[A-Z] ?\d[A-Z]\d$")
_POSTAL: Final = re.compile(r"^(?:([A-Z]{1,3})[- ])?\d{3,6}(?: ?[A-Z]{2}(?=\s))?\s+(?=\D)")
_POSTAL_AFTER: Final = re.compile(r"\s+(?:[A-Z]{1,2}-)?\d{4,6}$")
_COUNTRY_SIGNS: Final = {"D": "DE", "A": "AT", "F": "FR", "I": "IT", "B": "BE", "L": "LU", "E": "ES"}
"""Country signs before a postal code that are not ISO codes (UN Road Traffic Convention)."""
_ALSO_A_COUNTRY: Final = frozenset({"DE"})
"""State codes that as often are a country's code: "Lingen, DE" says no state."""


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
    parts = [p for p in _SEPARATOR.split(one_space(text, 200)) if p][:6]
    country = region = None
    rest: list[str] = []
    for part in reversed(parts):
        name = fold(part)
        if country is None and name in _countries():
            country = _countries()[name]
        elif region is None and (found := _region(part, country, alone=len(parts) == 1)):
            region, country = found
        else:
            rest.insert(0, part)
    city, sign = _city(rest)
    country = country or sign
    if country is None and region is None:
        return None
    return Place(city, region, country)


def country_code(text: str | None) -> str | None:
    """A country's name in many languages, or its alpha-2 code in capitals."""
    if not text:
        return None
    name = one_space(text, 60)
    return _countries().get(fold(name)) or (name if name in _country_codes() else None)


def _region(part: str, country: str | None, *, alone: bool) -> tuple[str, str] | None:
    bare = _US_ZIP.sub("", part).strip()
    has_zip = bare != part
    bare = _CA_CODE.sub("", bare).strip()
    by_name = _regions().get(fold(bare))
    if by_name and country in (None, by_name[1]):
        return by_name
    if alone or not bare.isupper():
        return None
    for code, owner in _region_codes():
        if code == bare and (country == owner or (country is None and owner != "AU")):
            if owner == "US" and code in _ALSO_A_COUNTRY and not has_zip and country is None:
                return None
            return code, owner
    return None


def _city(parts: list[str]) -> tuple[str | None, str | None]:
    """The last part that is left, without its postal code, and the country that the code's sign names."""
    for part in reversed(parts):
        postal = _POSTAL.match(part)
        sign = postal[1] if postal else None
        name = _POSTAL_AFTER.sub("", part[postal.end() :] if postal else part).strip()
        country = _COUNTRY_SIGNS.get(sign or "") or (sign if sign in _country_codes() else None)
        if name and len(name) <= 40 and not any(map(str.isdigit, name)):
            return name, country
    return None, None


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

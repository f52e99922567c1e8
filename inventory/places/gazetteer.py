"""Towns → coordinates, from a table that comes along (data/towns.tsv.gz).

The table is made by `python -m inventory.places.making` from GeoNames' towns of more than 1,000 people (geonames.org,
CC BY 4.0): a line for each name of a town, sorted by the name's plain form.
"""

from __future__ import annotations

import gzip
import math
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

DATA: Final = Path(__file__).parent / "data" / "towns.tsv.gz"
PRECISION: Final = "city"
"""`location_precision` of a position that is a town's middle."""
SAME_PLACE_KM: Final = 25.0
"""Towns of one name so near to each other are not worth telling apart."""
OUTSHINES: Final = 10
"""A town with so many times the people of the next one is meant where only a name is given."""
_SAINTS: Final = {"sankt": "st", "saint": "st", "sainte": "ste"}
_LETTERS: Final = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "ı": "i"})


class PlacesError(ValueError):
    """The table of towns is broken."""


@dataclass(frozen=True, slots=True)
class Town:
    """`country` is ISO 3166-1 alpha-2; `region` the code of a state or province in the US, Canada and Australia, else
    empty."""

    country: str
    region: str
    lat: float
    lon: float
    people: int


def plain_name(name: str) -> str:
    """A name by which it is looked up: "St. Pölten" and "Sankt Polten" are `stpolten`."""
    lowered = name.lower().translate(_LETTERS)
    if not lowered.isascii():
        lowered = "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))
    words = "".join(sign if sign.isalnum() else " " for sign in lowered).split()
    return "".join(_SAINTS.get(word, word) for word in words)


@lru_cache(maxsize=8192)
def locate(city: str | None, region: str | None, country: str | None) -> tuple[float, float] | None:
    """Latitude and longitude of a town's middle. None where it is not known, or not known which one is meant.

    `region` is a state's or province's code, as in `Listing.region`; it decides where the table knows the regions.
    """
    if not city or not country:
        return None
    towns = [town for town in towns_called(city) if town.country == country]
    if region and any(town.region for town in towns):
        towns = [town for town in towns if town.region == region]
    return _meant(towns)


def locate_text(text: str) -> tuple[float, float] | None:
    """As `locate`, of "Denver, CO", "Linz, AT" or "Denver": behind the comma a state's or a country's code."""
    name, _, rest = text.partition(",")
    code = rest.strip().upper()
    towns = list(towns_called(name.strip()))
    if code:
        towns = [town for town in towns if code == town.region] or [town for town in towns if code == town.country]
    return _meant(towns)


def towns_called(name: str) -> Iterator[Town]:
    """All towns of this name."""
    lines = _lines()
    wanted = plain_name(name) + "\t"
    if len(wanted) < 2:
        return
    position = bisect_left(lines, wanted)
    while position < len(lines) and lines[position].startswith(wanted):
        _, country, region, lat, lon, people = lines[position].split("\t")
        yield Town(country, region, float(lat), float(lon), int(people))
        position += 1


def _meant(towns: list[Town]) -> tuple[float, float] | None:
    ordered = sorted(towns, key=lambda town: (-town.people, town.lat, town.lon))
    if not ordered:
        return None
    first = ordered[0]
    for other in ordered[1:]:
        if first.people < OUTSHINES * max(other.people, 1000) and _apart_km(first, other) > SAME_PLACE_KM:
            return None
    return first.lat, first.lon


def _apart_km(one: Town, other: Town) -> float:
    east = (one.lon - other.lon) * math.cos(math.radians(one.lat))
    return math.hypot(one.lat - other.lat, east) * 111.2


@cache
def _lines() -> list[str]:
    header, *lines = gzip.decompress(DATA.read_bytes()).decode().splitlines()
    if header != "name\tcountry\tregion\tlat\tlon\tpeople" or not lines:
        raise PlacesError(f"{DATA.name} is no table of towns")
    return lines

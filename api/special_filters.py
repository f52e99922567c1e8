"""Filters that are more than a column and an operator: `q`, `near` with `within_km`, `seen_within`, `fits_dog_kg`,
`breed`. Pure: texts → `Filter`, which `api.filters.condition` turns into SQL.

A resource knows those in its `special`. They look at a listing's columns: those of a list of units at the listing that
stands for the unit (`seen_within` at the unit's own last sight).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from api.columns import ApiColumn
from api.filters import Filter
from api.places.circle import FARTHEST_KM, Circle, distance_km
from api.problems import ParameterError, suggest
from api.resources import Resource
from api.search.words import parse_search
from api.values import split_list
from inventory.places.gazetteer import locate_text
from inventory.tables import listings
from inventory.taxonomy.breeds import breed_called, known_breeds

DISTANCE: Final = "distance_km"
"""The column that an answer to `near=` has beside the others."""
MOST_BREEDS: Final = 20
LONGEST_PLACE: Final = 60
HEAVIEST_KG: Final = 1000.0
_SPAN: Final = re.compile(r"([0-9]{1,6})([mhdw])")
_SECONDS: Final = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,6}(\.[0-9]{0,400})?([eE][+-]?[0-9]{1,3})?")

_ID: Final = ApiColumn("q", listings.c.id, "integer", False, "")
_LAT: Final = ApiColumn("near", listings.c.lat, "float", True, "")
_FITS: Final = ApiColumn("fits_dog_kg", listings.c.dog_weight_min_kg, "float", True, "")

Texts = dict[str, list[str]]


@dataclass(slots=True)
class Special:
    """What was understood. `columns`: those that an answer can show because of it."""

    filters: list[Filter] = field(default_factory=list)
    columns: dict[str, ApiColumn] = field(default_factory=dict)
    errors: list[ParameterError] = field(default_factory=list)


def take_special(resource: Resource, texts: Texts, now: Callable[[], datetime] | None = None) -> Special:
    """Takes the special parameters that the resource knows out of `texts`, and understands them."""
    found = Special()
    given = {name: texts.pop(name) for name in resource.special if name in texts}
    for name, values in given.items():
        if len(values) > 1 and name != "breed":
            found.errors.append(ParameterError(name, "is given more than once"))
            continue
        try:
            if name == "q":
                parse_search(values[0])
                found.filters.append(Filter("q", _ID, "q", (values[0],)))
            elif name == "seen_within":
                found.filters.append(_seen_within(resource, values[0], (now or _now)()))
            elif name == "fits_dog_kg":
                kilograms = _number(values[0], 0, HEAVIEST_KG)
                found.filters.append(Filter(name, _FITS, "fits", ((kilograms, kilograms),)))
        except ValueError as error:
            found.errors.append(ParameterError(name, str(error)))
    if "breed" in given:
        _put(found, _breeds(given["breed"]))
    if "near" in given or "within_km" in given:
        _put(found, _near(given))
    for filter_ in found.filters:
        if filter_.operator == "near":
            found.columns[DISTANCE] = distance_column(Circle(*filter_.values))
    return found


@lru_cache(maxsize=512)
def distance_column(circle: Circle | None = None) -> ApiColumn:
    """How far a row is from the middle of the circle. Without a circle: as it is described."""
    source = listings.c.lat if circle is None else distance_km(listings.c.lat, listings.c.lon, circle)
    description = "Great-circle distance from the point of `near=`; only in answers to it"
    # Within the circle it is known; what is described is optional anyway.
    return ApiColumn(DISTANCE, source, "float", False, description, unit="km", of=listings)


def circle_of(filters: Iterable[Filter]) -> Circle | None:
    """Where `near=` looks."""
    return next((Circle(*filter_.values) for filter_ in filters if filter_.operator == "near"), None)


def searched(filters: Iterable[Filter]) -> Filter | None:
    """What `q=` looks for."""
    return next((filter_ for filter_ in filters if filter_.operator == "q"), None)


def seen_from(filters: Iterable[Filter], now: datetime) -> tuple[Filter, ...]:
    """The filters with the moment of `seen_within` as it is for a query that was begun at `now`."""
    return tuple(
        replace(one, values=(_before(one.said, now),)) if one.parameter == "seen_within" and one.said else one
        for one in filters
    )


def _put(found: Special, parsed: Filter | ParameterError) -> None:
    if isinstance(parsed, Filter):
        found.filters.append(parsed)
    else:
        found.errors.append(parsed)


def _seen_within(resource: Resource, text: str, now: datetime) -> Filter:
    return Filter("seen_within", resource.columns["last_seen"], "gte", (_before(text, now),), said=text)


def _before(text: str, now: datetime) -> datetime:
    match = _SPAN.fullmatch(text)
    if match is None or not int(match[1]):
        raise ValueError(f"{text!r} is not a span of time: a number and m, h, d or w, as 24h or 7d")
    try:
        return now - timedelta(seconds=int(match[1]) * _SECONDS[match[2]])
    except OverflowError:
        raise ValueError(f"{text!r} is before all times") from None


def _breeds(texts: Iterable[str]) -> Filter | ParameterError:
    try:
        names = [name for text in texts for name in split_list(text)]
    except ValueError as error:
        return ParameterError("breed", str(error))
    if len(names) > MOST_BREEDS:
        return ParameterError("breed", f"has {len(names)} values; at most {MOST_BREEDS}")
    ranges: dict[tuple[float, float], None] = {}
    for name in names:
        breed = breed_called(name)
        if breed is None:
            return ParameterError("breed", f"{name!r} is not a breed that is known", _meant(name))
        ranges[breed.adult_min_kg, breed.adult_max_kg] = None
    return Filter("breed", _FITS, "fits", tuple(ranges))


def _meant(name: str) -> str | None:
    by_lower: Mapping[str, str] = {known.lower(): known for known in known_breeds()[1]}
    meant = suggest(name.lower(), by_lower)
    return None if meant is None else by_lower[meant]


def _near(given: Mapping[str, list[str]]) -> Filter | ParameterError:
    if "near" not in given:
        return ParameterError("within_km", "needs near=")
    if "within_km" not in given:
        return ParameterError("near", "needs within_km=, how far around in kilometres")
    try:
        lat, lon = _point(given["near"][0])
    except ValueError as error:
        return ParameterError("near", str(error))
    try:
        kilometres = _number(given["within_km"][0], 0, FARTHEST_KM)
    except ValueError as error:
        return ParameterError("within_km", str(error))
    return Filter("near", _LAT, "near", (lat, lon, kilometres))


def _point(text: str) -> tuple[float, float]:
    if any(map(str.isalpha, text)):
        found = locate_text(text) if len(text) <= LONGEST_PLACE else None
        if found is None:
            raise ValueError(
                f"{text[:LONGEST_PLACE]!r} is no town that is known, or one of several; write it as Denver, CO or "
                "Linz, AT, or give latitude,longitude"
            )
        return found
    parts = text.split(",")
    if len(parts) != 2:
        raise ValueError("is not latitude,longitude in degrees, as 36.15,-95.99, nor a town, as Tulsa, OK")
    return _number(parts[0].strip(), -90, 90), _number(parts[1].strip(), -180, 180)


def _number(text: str, low: float, high: float) -> float:
    if not _NUMBER.fullmatch(text) or not low <= float(text) <= high:
        raise ValueError(f"{text!r} is not a number from {low:g} to {high:g}")
    return float(text)


def _now() -> datetime:
    return datetime.now(UTC)

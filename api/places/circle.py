"""A circle on the globe: the box around it, in which an index finds rows, and the distance from its middle. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Float, and_, func, or_, type_coerce

EARTH_RADIUS_KM: Final = 6371.0088
"""Mean radius (IUGG). Distances are those on a sphere, at most 0.6 % off."""
FARTHEST_KM: Final = 20_016.0
"""Half the circumference: all there is."""
BANDS_A_DEGREE: Final = 2
_SLACK_KM: Final = 0.01
"""Distances are rounded to a metre; the box must hold what is rounded down to its edge."""
_RINGS: Final = (1 / 16, 1 / 4, 1.0)


@dataclass(frozen=True, slots=True)
class Circle:
    """`lat` and `lon` in degrees, of the middle."""

    lat: float
    lon: float
    km: float


@dataclass(frozen=True, slots=True)
class Box:
    """Between two latitudes, and in any of the stretches of longitude: two where it lies on the antimeridian."""

    south: float
    north: float
    stretches: tuple[tuple[float, float], ...]


def box_of(circle: Circle) -> Box:
    """The smallest box of whole latitudes and longitudes that holds the circle."""
    angle = (circle.km + _SLACK_KM) / EARTH_RADIUS_KM
    south, north = circle.lat - math.degrees(angle), circle.lat + math.degrees(angle)
    if south <= -90 or north >= 90:  # a pole is in it, and with it every longitude
        return Box(max(south, -90.0), min(north, 90.0), ((-180.0, 180.0),))
    ratio = math.sin(angle) / math.cos(math.radians(circle.lat))
    half = math.degrees(math.asin(min(1.0, ratio))) + 1e-9
    west, east = circle.lon - half, circle.lon + half
    if east - west >= 360:
        return Box(south, north, ((-180.0, 180.0),))
    if west < -180:
        return Box(south, north, ((-180.0, east), (west + 360, 180.0)))
    if east > 180:
        return Box(south, north, ((-180.0, east - 360), (west, 180.0)))
    return Box(south, north, ((west, east),))


def distance_km(lat: Any, lon: Any, circle: Circle) -> ColumnElement[float]:
    """The great-circle distance of a row from the middle, to the metre (haversine)."""
    turn = math.pi / 180
    north = func.sin((lat - circle.lat) * (turn / 2))
    east = func.sin((lon - circle.lon) * (turn / 2))
    level = math.cos(math.radians(circle.lat))
    # Rounding may lift the sum above 1, of which there is no arc sine.
    share = north * north + func.cos(lat * turn) * level * east * east
    half = func.asin(func.sqrt((share + 1 - func.abs(share - 1)) / 2))
    metres: ColumnElement[float] = func.round(half * (2000 * EARTH_RADIUS_KM), type_=Float)
    return type_coerce(metres / 1000.0, Float)


def in_box(lat: Any, lon: Any, circle: Circle, dialect: str) -> ColumnElement[bool]:
    """Whether a row lies in the box around the circle, as the index has it."""
    plain = in_plain_box(lat, lon, circle)
    return plain if dialect != "postgresql" else and_(band_of(lat).in_(bands_of(box_of(circle))), plain)


def in_plain_box(lat: Any, lon: Any, circle: Circle) -> ColumnElement[bool]:
    """Whether a row lies in the box around the circle, as PostgreSQL can estimate how many do."""
    box = box_of(circle)
    return and_(lat.between(box.south, box.north), or_(*(lon.between(west, east) for west, east in box.stretches)))


def in_circle(lat: Any, lon: Any, circle: Circle, dialect: str) -> ColumnElement[bool]:
    """Whether a row lies within the circle."""
    return and_(in_box(lat, lon, circle, dialect), distance_km(lat, lon, circle) <= circle.km)


def rings(circle: Circle, beyond_km: float | None) -> Sequence[tuple[float | None, Circle]]:
    """The circle in rings from the inside out, each as (farther than, the circle within): the nearest rows are found
    without looking at the farthest. Rings that end nearer than `beyond_km` are left out."""
    found: list[tuple[float | None, Circle]] = []
    inner: float | None = None
    for share in _RINGS:
        outer = circle.km * share
        if beyond_km is None or outer >= beyond_km:
            found.append((inner, Circle(circle.lat, circle.lon, outer)))
        inner = outer
    return found


def band_of(lat: Any) -> ColumnElement[float]:
    """The half degree of latitude, as the index has it."""
    return func.floor(lat * BANDS_A_DEGREE, type_=Float)


def bands_of(box: Box) -> list[float]:
    """The half degrees that the box reaches into."""
    low, high = (math.floor(edge * BANDS_A_DEGREE) for edge in (box.south, box.north))
    return [float(band) for band in range(low, high + 1)]

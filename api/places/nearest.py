"""The nearest rows on PostgreSQL, found from place to place. Pure.

Dealers' rows share their places: a yard of six thousand machines is one place. So the places within a circle are walked
by the index (each next one is a single step in it), ordered by their distance, and of each only as many rows are read
as a page holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CTE, ColumnElement, Double, Float, Subquery, bindparam, case, column, func, select, true, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from api.places.circle import Circle, band_of, bands_of, box_of, distance_km
from inventory.tables import listings


def places(circle: Circle) -> CTE:
    """band, east (where its stretch ends), lon, lat: each place in the box around the circle once."""
    box = box_of(circle)
    stretches = [(band, west, east) for band in bands_of(box) for west, east in box.stretches]
    parts = [list(part) for part in zip(*stretches, strict=True)]
    given = (bindparam(None, part, type_=ARRAY(Double), unique=True) for part in parts)
    named = (column(name, Float) for name in ("band", "west", "east"))
    stretch = func.unnest(*given).table_valued(*named, name="stretch").render_derived()
    band, west, east = stretch.c.band, stretch.c.west, stretch.c.east
    lat, lon = listings.c.lat, listings.c.lon
    first = (
        select(lon, lat)
        .where(band_of(lat) == band, lon >= west, lon <= east)
        .order_by(lon, lat)
        .limit(1)
        .correlate(stretch)
        .lateral("first_place")
    )
    found = select(band, east, first.c.lon, first.c.lat)
    place = found.select_from(stretch.join(first, true())).cte("place", recursive=True)
    following = (
        select(lon, lat)
        .where(band_of(lat) == place.c.band, tuple_(lon, lat) > tuple_(place.c.lon, place.c.lat), lon <= place.c.east)
        .order_by(lon, lat)
        .limit(1)
        .correlate(place)
        .lateral("next_place")
    )
    step = select(place.c.band, place.c.east, following.c.lon, following.c.lat)
    return place.union_all(step.select_from(place.join(following, true())))


def nearest(
    circle: Circle,
    ring: Circle,
    farther_than: float | None,
    tables: Any,
    where: Sequence[ColumnElement[bool]],
    after: Sequence[Any] | None,
    most: int,
) -> Subquery:
    """id and distance_km of the first `most` rows of `tables` that fulfil `where`, in the ring's circle and farther
    than that, by distance and id; behind those two of `after`."""
    place = places(ring)
    distance = distance_km(place.c.lat, place.c.lon, circle)
    far: list[ColumnElement[bool]] = [] if farther_than is None else [distance > farther_than]
    far += [] if after is None else [distance >= after[0]]
    box = box_of(ring)
    within = (
        select(place.c.band, place.c.lon, place.c.lat, distance.label("distance_km"))
        .where(place.c.lat.between(box.south, box.north), distance <= ring.km, *far)
        .order_by(distance)
        .subquery("within")
    )
    own = listings.c
    here = [band_of(own.lat) == within.c.band, own.lon == within.c.lon, own.lat == within.c.lat]
    if after is not None:
        here.append(own.id > case((within.c.distance_km == after[0], after[1]), else_=0))
    at_place = (
        select(own.id)
        .select_from(tables)
        .where(*here, *where)
        .order_by(own.id)
        .limit(most)
        .correlate(within)
        .lateral("at_place")
    )
    found = select(at_place.c.id, within.c.distance_km).select_from(within.join(at_place, true()))
    return found.order_by(within.c.distance_km, at_place.c.id).limit(most).subquery("nearest")

"""The lists about things rather than offers: units, pairs that a person may look at; and the feed of what happened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, or_, select

from api.columns import ApiColumn, Within, by_name
from api.resources import EVENTS, SPECIAL, Join, Resource, described
from inventory.store.matching import CORRECTION
from inventory.tables import dealers, events, listing_pairs, listings, units

OF_UNIT: Final = ("vertical", "status", "listings_count", "dealers_count", "first_seen", "last_seen", "listing_id")
"""What a unit's own row says."""
OF_ITS_LISTING: Final = (
    *("title", "category", "make", "model", "base_model", "year", "hours", "serial_number", "brand", "gtin", "mpn"),
    *("condition", "offer_type", "location", "city", "region", "country", "lat", "lon", "size_label", "size_value"),
    *("size_basis", "size_min", "size_max", "size_unit", "operating_weight_kg", "net_weight_g", "pack_count"),
    *("unit_weight_g", "life_stage", "food_form", "url"),
)
"""What the listing that stands for it says."""

_one = listings.alias("one")
_its_dealer = dealers.alias("its_dealer")
low = listings.alias("low")
high = listings.alias("high")
UNDECIDED: Final = and_(low.c.unit_id != high.c.unit_id, listing_pairs.c.method != CORRECTION)
"""A pair of two units that no person has decided. Those that are said to be different are not stored."""


def _any_listing(belongs: ColumnElement[bool]) -> Within:
    """A condition on `_one` and `_its_dealer` → that one of the listings which belong to the row fulfils it."""
    of_dealer = _its_dealer.c.id == _one.c.dealer_id
    return lambda condition: exists(select(1).select_from(_one.join(_its_dealer, of_dealer)).where(belongs, condition))


def _unit_columns() -> Iterable[ApiColumn]:
    yield described("units", units.c.id)
    for name in OF_UNIT:
        yield described("units", units.c[name])
    for name in OF_ITS_LISTING:
        yield described("units", listings.c[name], nullable=True)
    yield described("units", _its_dealer.c.name, name="dealer", within=_any_listing(_one.c.unit_id == units.c.id))


def _pair_columns() -> Iterable[ApiColumn]:
    for column in listing_pairs.c:
        yield described("pairs", column)
    yield described("pairs", low.c.vertical, nullable=False)
    either = _any_listing(or_(_one.c.id == listing_pairs.c.low_id, _one.c.id == listing_pairs.c.high_id))
    yield described("pairs", _its_dealer.c.name, name="dealer", within=either)
    for name in ("category", "make", "unit_id"):
        yield described("pairs", _one.c[name], nullable=True, within=either)
    yield described("pairs", _one.c.id, name="listing_id", nullable=False, within=either)


def _change_columns() -> Iterable[ApiColumn]:
    for column in EVENTS.values():
        yield described("changes", column.source)
    yield described("changes", dealers.c.name, name="dealer")
    for name in ("external_id", "unit_id", "vertical", "category", "title", "url"):
        yield described("changes", listings.c[name])


UNITS: Final = Resource(
    "units",
    by_name("units", _unit_columns()),
    units,
    "id",
    joins=(Join(listings, listings.c.id == units.c.listing_id, outer=True),),
    special=SPECIAL,
)
PAIRS: Final = Resource(
    "pairs",
    by_name("pairs", _pair_columns()),
    listing_pairs,
    "-score",
    joins=(
        Join(low, low.c.id == listing_pairs.c.low_id, always=True),
        Join(high, high.c.id == listing_pairs.c.high_id, always=True),
    ),
    identity=("low_id", "high_id"),
    condition=UNDECIDED,
)
CHANGES: Final = Resource(
    "changes",
    by_name("changes", _change_columns()),
    events,
    "id",
    joins=(
        Join(listings, listings.c.id == events.c.listing_id, always=True),
        Join(dealers, dealers.c.id == listings.c.dealer_id, through=listings),
    ),
    page_controls=("limit", "since", "fields"),
)


def history_of(listing_id: int) -> Resource:
    """The events of one listing."""
    columns = {name: column for name, column in EVENTS.items() if name != "listing_id"}
    return Resource(f"events of {listing_id}", columns, events, "at", condition=events.c.listing_id == listing_id)

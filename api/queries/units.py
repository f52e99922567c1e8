"""What stands beside units and pairs: current prices, dealers, listings with why they belong together. Pure."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Double, Select, and_, case, cast, func, literal_column, select, union

from api.queries.numbers import among
from api.resources import LISTINGS
from api.resources_of_units import PAIRS, UNDECIDED, UNITS
from api.rows import read_as
from inventory.tables import dealers, listing_pairs, listings, unit_links, units

MOST_LISTINGS: Final = 1000
MOST_PAIRS: Final = 200
IN_SHORT: Final = tuple(
    LISTINGS.columns[name]
    for name in (
        *("id", "dealer", "external_id", "url", "unit_id", "status", "title", "category", "make", "model", "year"),
        *("hours", "serial_number", "brand", "gtin", "condition", "price", "currency", "offer_type", "price_period"),
        *("location", "country", "size_label", "net_weight_g", "pack_count", "first_seen", "last_seen"),
    )
)
"""The columns by which a person tells whether two listings are one thing."""


def current_prices(unit_ids: Any) -> Select[Any]:
    """unit_id, currency, offer_type, price_period, lowest, highest, listings: of what is on offer with a price."""
    by = (listings.c.unit_id, listings.c.currency, listings.c.offer_type, listings.c.price_period)
    lowest, highest = (cast(bound(listings.c.price), Double) for bound in (func.min, func.max))
    return (
        select(*by, lowest, highest, func.count())
        .where(among(listings.c.unit_id, unit_ids), listings.c.status == "active", listings.c.price.is_not(None))
        .group_by(*by)
        .order_by(*by)
    )


def dealers_of(unit_ids: Any) -> Select[Any]:
    """unit_id, dealer's name; each once, by name."""
    of_unit = select(listings.c.unit_id, dealers.c.name).join(dealers, dealers.c.id == listings.c.dealer_id)
    return of_unit.where(among(listings.c.unit_id, unit_ids)).distinct().order_by(listings.c.unit_id, dealers.c.name)


def whole_unit(unit_id: int, dialect: str) -> Select[Any]:
    """What a list of units shows of it."""
    columns = UNITS.shown
    found = select(*(read_as(column, dialect) for column in columns)).select_from(UNITS.tables_for(columns))
    return found.where(units.c.id == unit_id)


def listings_of(unit_id: int, dialect: str) -> Select[Any]:
    """Its listings, the best first (as `dedup=unit` has it)."""
    rank = case(
        (listings.c.status == "active", literal_column("0")),
        (listings.c.status == "sold", literal_column("1")),
        else_=literal_column("2"),
    )
    columns = LISTINGS.shown
    return (
        select(*(read_as(column, dialect) for column in columns))
        .select_from(LISTINGS.tables_for(columns))
        .where(listings.c.unit_id == unit_id)
        .order_by(rank, listings.c.price.is_(None), listings.c.last_seen.desc(), listings.c.id)
    )


def links_of(unit_ids: Any) -> Select[Any]:
    """listing_id, method, score, evidence, linked_at: why each listing is in its unit."""
    columns = unit_links.c
    return select(columns.listing_id, columns.method, columns.score, columns.evidence, columns.linked_at).where(
        among(columns.unit_id, unit_ids)
    )


def pairs_with_others(unit_id: int, dialect: str) -> Select[Any]:
    """Pairs of its listings with those of other units, the surest first: the columns that a list of pairs shows."""
    columns = PAIRS.shown
    # Each end by its own index: asked for either end at once, all pairs are read.
    pair = (listing_pairs.c.low_id, listing_pairs.c.high_id)
    by_end = (select(*pair).join(listings, listings.c.id == end).where(listings.c.unit_id == unit_id) for end in pair)
    its = union(*by_end).subquery("its")
    tables = PAIRS.tables_for(columns).join(its, and_(its.c.low_id == pair[0], its.c.high_id == pair[1]))
    return (
        select(*(read_as(column, dialect) for column in columns))
        .select_from(tables)
        .where(UNDECIDED)
        .order_by(listing_pairs.c.score.desc(), *pair)
    )


def listings_in_short(listing_ids: Any, dialect: str) -> Select[Any]:
    """Listings with the columns of `IN_SHORT`."""
    return (
        select(*(read_as(column, dialect) for column in IN_SHORT))
        .select_from(LISTINGS.tables_for(IN_SHORT))
        .where(among(listings.c.id, listing_ids))
    )

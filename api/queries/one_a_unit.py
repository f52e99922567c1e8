"""`dedup=unit`: of the listings of one unit that pass the filters, the one that stands for it. Pure.

Being it is a condition on a single row (no other that passes is better), so that it goes with any order, page and
export; what reads all rows that pass anyway sorts them by unit instead (`one_of_each`). Better is what is on offer,
before what is sold, before what is gone; then what has a price; then what was seen last; then the lower id. A listing
that is not linked yet is a unit of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, exists, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from api.filters import Filter, condition
from api.resources import LISTINGS
from inventory.tables import dealers, listing_details, listings, units

_0: Final[Any] = literal_column("0")
_1: Final[Any] = literal_column("1")
_2: Final[Any] = literal_column("2")
_other = listings.alias("other")
_ITS: Final[dict[FromClause, Any]] = {
    listings: _other,
    dealers: dealers.alias("others_dealer"),
    listing_details: listing_details.alias("others_details"),
}
"""The tables of listings under the names that they have for the other listing. A unit is the same for both."""


def none_better(filters: Iterable[Filter], dialect: str) -> ColumnElement[bool]:
    """No better listing of the same unit passes the filters, which stand beside this condition."""
    # What a filter says of the unit holds for all its listings.
    own = [filter_ for filter_ in filters if filter_.column.source.table is not units]
    used = {filter_.column.source.table for filter_ in own}
    tables: Any = _other
    for join in LISTINGS.joins:
        if join.table in used:
            its = _ITS[join.table]
            on = its.c.id == _other.c.dealer_id if join.table is dealers else its.c.listing_id == _other.c.id
            tables = tables.join(its, on, isouter=join.outer)
    passes = [condition(_of_other(filter_), dialect) for filter_ in own]
    better = select(1).select_from(tables).where(_other.c.unit_id == listings.c.unit_id, _better(), *passes)
    return ~exists(better.correlate(listings))


def one_of_each(rows: Select[Any], dialect: str) -> Select[Any]:
    """Of `rows` (of listings, with all filters) those that stand for their unit."""
    unit = func.coalesce(listings.c.unit_id, -listings.c.id)
    best_first = (_rank(listings), _unpriced(listings), listings.c.last_seen.desc(), listings.c.id)
    if dialect == "postgresql":
        return rows.ext(distinct_on(unit)).order_by(unit, *best_first)
    place = func.row_number().over(partition_by=unit, order_by=best_first)
    placed = rows.add_columns(place.label("place_in_unit")).subquery("placed_in_unit")
    return select(*list(placed.c)[:-1]).where(placed.c.place_in_unit == 1)


def _of_other(filter_: Filter) -> Filter:
    """The same filter, of the other listing."""
    source, key = filter_.column.source, filter_.column.key
    its = replace(filter_.column, source=_ITS[source.table].c[source.name])
    if key is not None:
        its = replace(its, key=(_other.c[key[0].name], key[1]))
    return replace(filter_, column=its)


def _better() -> ColumnElement[bool]:
    """Whether the other listing is better than this one: the first of these that differs decides."""
    keys = [
        (_rank(_other), _rank(listings)),
        (_unpriced(_other), _unpriced(listings)),
        (listings.c.last_seen, _other.c.last_seen),  # the later one is better
        (_other.c.id, listings.c.id),
    ]
    ways: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for its, own in keys:
        ways.append(and_(*equal, its < own))
        equal.append(its == own)
    return or_(*ways)


def _rank(of: Any) -> Any:
    return case((of.c.status == "active", _0), (of.c.status == "sold", _1), else_=_2)


def _unpriced(of: Any) -> Any:
    return case((of.c.price.is_(None), _1), else_=_0)

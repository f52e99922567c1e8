"""What can be listed: each list with its columns, its tables and its usual order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from sqlalchemy import ColumnElement, FromClause

from api.columns import ApiColumn, Kind, Within, api_column, by_name
from inventory.listing import (
    OFFER_TYPES,
    PRICE_PERIODS,
    PRICE_STATUSES,
    PRICE_TAXES,
    STATUSES,
    VERTICALS,
    SizeMethod,
)
from inventory.tables import CRAWL_OUTCOMES, EVENT_KINDS, crawls, dealers, events, listing_details, listings, units

WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "vertical": VERTICALS,
    "price_status": PRICE_STATUSES,
    "offer_type": OFFER_TYPES,
    "price_period": PRICE_PERIODS,
    "price_tax": PRICE_TAXES,
    "status": STATUSES,
    "size_method": get_args(SizeMethod),
    "outcome": CRAWL_OUTCOMES,
    "kind": EVENT_KINDS,
    "source": ("file", "ingest"),
    "verdict": ("same", "maybe"),
}
KINDS: Final[Mapping[str, Kind]] = {"category": "category", "images": "list", "breed_sizes": "list"}
PAGE_CONTROLS: Final = ("limit", "cursor", "sort", "fields", "count", "strict")
SPECIAL: Final = ("q", "near", "within_km", "seen_within", "fits_dog_kg", "breed")
EXPORT_CONTROLS: Final = ("sort", "fields", "strict")


@dataclass(frozen=True, slots=True)
class Join:
    """A table that is read beside a resource's own where a column of it is used.

    `outer`: a row of the resource stays where there is none of this. `through` is the table that it hangs on, where
    that is not the resource's own. `always`: the resource's condition needs it.
    """

    table: FromClause
    on: ColumnElement[bool]
    outer: bool = False
    through: FromClause | None = None
    always: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """A list of the API. The columns of `identity` end every order, so that it is unique.

    `condition` holds for every row. `dedup`: the rows have units, of which a query may ask for one row each.
    `special`: the parameters of `api.special_filters` that it knows.
    """

    name: str
    columns: Mapping[str, ApiColumn]
    table: FromClause
    default_sort: str
    joins: tuple[Join, ...] = ()
    identity: tuple[str, ...] = ("id",)
    condition: ColumnElement[bool] | None = None
    dedup: bool = False
    special: tuple[str, ...] = ()
    page_controls: tuple[str, ...] = PAGE_CONTROLS

    @property
    def shown(self) -> tuple[ApiColumn, ...]:
        """The columns of a row where `fields=` does not say otherwise: always the same ones, in the same order."""
        return tuple(column for column in self.columns.values() if not column.wide and column.within is None)

    @property
    def own(self) -> Mapping[str, ApiColumn]:
        """The columns that a row can show."""
        return {name: column for name, column in self.columns.items() if column.within is None}

    def controls(self, *, export: bool = False) -> tuple[str, ...]:
        """The parameters that are no filters."""
        past = ("as_of",) if "as_of" in self.page_controls else ()
        found = (*EXPORT_CONTROLS, *past) if export else self.page_controls
        return (*found, "dedup") if self.dedup else found

    def tables_for(self, used: Iterable[ApiColumn]) -> FromClause:
        """The tables that these columns need, joined so that every row of the resource stays."""
        needed = {column.table for column in used if column.within is None}
        needed |= {join.table for join in self.joins if join.always}
        needed |= {join.through for join in self.joins if join.table in needed and join.through is not None}
        found = self.table
        for join in self.joins:
            if join.table in needed:
                found = found.join(join.table, join.on, isouter=join.outer)
        return found


def described(
    resource: str,
    column: Any,
    *,
    name: str | None = None,
    wide: bool = False,
    nullable: bool | None = None,
    within: Within | None = None,
    key: tuple[Any, Any] | None = None,
) -> ApiColumn:
    """A column under its own name or another, with the kind and the words that it has wherever it stands."""
    name = name or str(column.name)  # SQLAlchemy's is a subclass of str, which orjson refuses as a key
    kind, words = KINDS.get(name), WORDS.get(name, ())
    return api_column(
        resource, name, column, kind=kind, words=words, wide=wide, nullable=nullable, within=within, key=key
    )


_SELDOM: Final = ("missing", "corrections")


def _listing_columns() -> Iterable[ApiColumn]:
    yield described("listings", listings.c.id)
    yield described("listings", dealers.c.name, name="dealer", key=(listings.c.dealer_id, dealers.c.id))
    for column in listings.c:
        if column.name not in ("id", *_SELDOM):
            yield described("listings", column)
    yield described("listings", units.c.listings_count, name="unit_listings_count", wide=True, nullable=True)
    for name in _SELDOM:
        yield described("listings", listings.c[name], wide=True)
    for column in listing_details.c:
        if column.name != "listing_id":
            yield described("listings", column, wide=True)


def _crawl_columns() -> Iterable[ApiColumn]:
    yield described("crawls", crawls.c.id)
    yield described("crawls", dealers.c.name, name="dealer", key=(crawls.c.dealer_id, dealers.c.id))
    for column in crawls.c:
        if column.name != "id":
            yield described("crawls", column, wide=column.name in ("fill", "sections"))


# Who crawls a dealer now, and whether its sitemaps are believed, is between the crawlers; the API shows the crawls.
_OURS: Final = ("lease_owner", "lease_until", "lastmod_proofs", "lastmod_missed_at", "shells_seen_at")

LISTINGS: Final = Resource(
    "listings",
    by_name("listings", _listing_columns()),
    listings,
    "id",
    joins=(
        Join(dealers, dealers.c.id == listings.c.dealer_id),
        Join(units, units.c.id == listings.c.unit_id, outer=True),
        Join(listing_details, listing_details.c.listing_id == listings.c.id, outer=True),
    ),
    dedup=True,
    page_controls=(*PAGE_CONTROLS, "as_of"),
    special=SPECIAL,
)
CRAWLS: Final = Resource(
    "crawls",
    by_name("crawls", _crawl_columns()),
    crawls,
    "-id",
    joins=(Join(dealers, dealers.c.id == crawls.c.dealer_id),),
)
DEALERS: Final = Resource(
    "dealers",
    by_name("dealers", (described("dealers", c) for c in dealers.c if c.name not in _OURS)),
    dealers,
    "name",
)
# In which transaction an event was written orders the feed of changes and means nothing to anybody else.
EVENTS: Final = by_name("events", (described("events", c) for c in events.c if c.name != "transaction_id"))

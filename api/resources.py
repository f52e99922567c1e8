"""What can be listed: listings, crawls and dealers, each with its columns, its tables and its usual order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from sqlalchemy import Column, FromClause, Table

from api.columns import ApiColumn, Kind, api_column, by_name
from inventory.listing import (
    OFFER_TYPES,
    PRICE_PERIODS,
    PRICE_STATUSES,
    PRICE_TAXES,
    STATUSES,
    VERTICALS,
    SizeMethod,
)
from inventory.tables import CRAWL_OUTCOMES, EVENT_KINDS, crawls, dealers, events, listing_details, listings

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
}
KINDS: Final[Mapping[str, Kind]] = {"category": "category", "images": "list", "breed_sizes": "list"}


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """A list of the API. `columns` holds a unique column `id`, which ends every order."""

    name: str
    columns: Mapping[str, ApiColumn]
    table: Table
    default_sort: str

    @property
    def shown(self) -> tuple[ApiColumn, ...]:
        """The columns of a row where `fields=` does not say otherwise: always the same ones, in the same order."""
        return tuple(column for column in self.columns.values() if not column.wide)

    def tables_for(self, used: Iterable[ApiColumn]) -> FromClause:
        """The tables that these columns need, joined so that every row of the resource stays."""
        found: FromClause = self.table
        needed = {column.source.table for column in used}
        if dealers in needed and self.table is not dealers:
            found = found.join(dealers, dealers.c.id == self.table.c.dealer_id)
        if listing_details in needed:
            found = found.outerjoin(listing_details, listing_details.c.listing_id == self.table.c.id)
        return found


def _column(resource: str, column: Column[Any], *, wide: bool = False) -> ApiColumn:
    name = str(column.name)  # SQLAlchemy's is a subclass of str, which orjson refuses as a key
    return api_column(resource, name, column, kind=KINDS.get(name), words=WORDS.get(name, ()), wide=wide)


def _listing_columns() -> Iterable[ApiColumn]:
    yield _column("listings", listings.c.id)
    yield api_column("listings", "dealer", dealers.c.name)
    for column in listings.c:
        if column.name not in ("id", "missing"):
            yield _column("listings", column)
    yield _column("listings", listings.c.missing, wide=True)
    for column in listing_details.c:
        if column.name != "listing_id":
            yield _column("listings", column, wide=True)


def _crawl_columns() -> Iterable[ApiColumn]:
    yield _column("crawls", crawls.c.id)
    yield api_column("crawls", "dealer", dealers.c.name)
    for column in crawls.c:
        if column.name != "id":
            yield _column("crawls", column, wide=column.name in ("fill", "sections"))


# Who crawls a dealer now, and whether its sitemaps are believed, is between the crawlers; the API shows the crawls.
_OURS: Final = ("lease_owner", "lease_until", "lastmod_proofs", "lastmod_missed_at")

LISTINGS: Final = Resource("listings", by_name("listings", _listing_columns()), listings, "id")
CRAWLS: Final = Resource("crawls", by_name("crawls", _crawl_columns()), crawls, "-id")
DEALERS: Final = Resource(
    "dealers",
    by_name("dealers", (_column("dealers", c) for c in dealers.c if c.name not in _OURS)),
    dealers,
    "name",
)
EVENTS: Final = by_name("events", (_column("events", column) for column in events.c))

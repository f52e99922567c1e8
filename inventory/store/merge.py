"""What a stored listing becomes when it is read again. Pure: a stored row and a listing in, new values out.

Null never replaces a known value, unless the page says so (price on request, sold) or two healthy crawls before
this one already found none. A price that jumps by a digit is not believed before it is seen twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from inventory.listing import BOOKKEEPING, FIELD_NAMES, Listing
from inventory.store.doubt import KEPT_WITH_PRICE, Doubts, Sighting, doubted_price
from inventory.tables import listing_details, listings

AGREEING_CRAWLS: Final = 2
"""How many healthy crawls must have missed a value before a null replaces it."""

STORED_FIELDS: Final = tuple(
    name for name in FIELD_NAMES if name in listings.c and name not in BOOKKEEPING | {"crawl_id"}
)
"""Listing fields that are columns of `listings` and about the thing itself."""

DETAIL_FIELDS: Final = tuple(name for name in FIELD_NAMES if name in listing_details.c)
"""Listing fields that are columns of `listing_details`."""

_FOLLOWS_PRICE: Final = ("price", "regular_price", "currency", "unit_price_per_kg", "price_period")
_TOGETHER: Final = {
    "size_value": ("size_min", "size_max", "size_unit", "size_basis", "size_method", "size_confidence", "size_label"),
    "category": ("category_confidence",),
}
"""A field takes those that explain it along: a kept value is not explained by a newer null's method, nor a new one
by what explained the old (an open class has no upper edge)."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome of a merge: `values` to store, `changes` (field → (old, new)), what is still `missing`, what is
    still `doubtful`."""

    values: dict[str, Any]
    changes: dict[str, tuple[Any, Any]]
    missing: dict[str, list[int]] | None
    doubtful: Doubts | None = None


def values_of(listing: Listing) -> dict[str, Any]:
    """The scalar fields as they are stored: money to the cent."""
    values = {name: getattr(listing, name) for name in STORED_FIELDS}
    return {name: round(value, 2) if isinstance(value, Decimal) else value for name, value in values.items()}


def merge(
    stored: Mapping[str, Any], listing: Listing, healthy_crawls: Collection[int], sighting: Sighting | None = None
) -> Merged:
    """Merge a listing into its stored row.

    `stored` has the columns of `listings`; `healthy_crawls` are the ids, out of those named in `stored["missing"]`,
    of crawls that ended healthy; `sighting` is who saw the listing, or when: its crawl if none is given.
    """
    values = values_of(listing)
    explained = {name for main, others in _TOGETHER.items() if values[main] is not None for name in others}
    if values["price_tax"] == "unknown":  # a null in other words
        values["price_tax"] = stored["price_tax"]
    if listing.price is None and "offer_type" not in listing.raw:  # "sale" is what is assumed where nothing is said
        values["offer_type"] = stored["offer_type"]
    told = _told_to_be_null(listing) | explained
    before: Mapping[str, list[int]] = stored["missing"] or {}
    missing: dict[str, list[int]] = {}
    kept: set[str] = set()
    for name in STORED_FIELDS:
        if values[name] is not None or stored[name] is None or name in told:
            continue
        seen_missing = before.get(name, [])
        if len([crawl for crawl in seen_missing if crawl in healthy_crawls]) >= AGREEING_CRAWLS:
            continue
        values[name] = stored[name]
        kept.add(name)
        if listing.crawl_id is not None and listing.crawl_id not in seen_missing:
            seen_missing = [*seen_missing, listing.crawl_id][-5:]
        if seen_missing:  # what an ingested listing does not say was not looked for
            missing[name] = seen_missing
    for main, others in _TOGETHER.items():
        if main in kept:
            values.update({name: stored[name] for name in others})
    doubtful = doubted_price(stored, values, listing, listing.crawl_id if sighting is None else sighting)
    if doubtful and listing.price is not None:
        values.update({name: stored[name] for name in KEPT_WITH_PRICE})
    changes = {name: (stored[name], values[name]) for name in STORED_FIELDS if stored[name] != values[name]}
    return Merged(values, changes, missing or None, doubtful)


def merge_details(stored: Mapping[str, Any], listing: Listing) -> dict[str, Any]:
    """The wide fields: an empty one never replaces a filled one; `raw` and `provenance` keep what is not said again."""
    merged: dict[str, Any] = {}
    for name in DETAIL_FIELDS:
        new, old = getattr(listing, name), stored[name]
        if name in ("raw", "provenance", "attributes"):
            merged[name] = {**(old or {}), **(new or {})}
        else:
            merged[name] = new if new else old
    return merged


def _told_to_be_null(listing: Listing) -> frozenset[str]:
    """Fields whose null is something that the page said."""
    if listing.price_status in ("on_request", "sold"):
        return frozenset(_FOLLOWS_PRICE)
    if listing.price is not None:
        # A price without a struck-out one: the sale is over. A unit price is of the price beside it.
        return frozenset(("regular_price", "unit_price_per_kg"))
    return frozenset()

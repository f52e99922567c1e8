"""Prices that are not believed at once. Pure: a price ten times or a tenth of the stored one is mostly a slip of a dot.

The stored price stays, without an event, until the new one is seen a second time: by another crawl, or in an
observation of another time. What a person corrected is believed at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from inventory.listing import Listing

Doubts = Mapping[str, list[Any]]
"""Field → [value as text, the crawl's id or the observation's time], as in `listings.doubtful`."""

Sighting = int | str
"""Which crawl saw it, or when it was observed: two sightings are two witnesses only if they differ."""

JUMP: Final = Decimal("9.5")
"""New and old price differ by a digit: ten times, with room for a small change beside it."""

AGREEMENT: Final = Decimal("0.01")
"""Two sightings mean the same price where they differ by no more than this share of the greater."""

CORRECTED: Final = "correction"
"""The provenance of what a person corrected starts so."""

KEPT_WITH_PRICE: Final = ("price", "regular_price", "unit_price_per_kg")


def doubted_price(
    stored: Mapping[str, Any], values: Mapping[str, Any], listing: Listing, sighting: Sighting | None
) -> Doubts | None:
    """The doubts that are left after a sighting: with a `price` among them the stored price is kept.

    `stored` has the columns of `listings`, `values` what would be stored without any doubt.
    """
    before: Doubts = stored.get("doubtful") or {}
    if listing.price is None:  # silent, or the price is withdrawn, and the doubt with it
        return (before or None) if values["price"] is not None else None
    if not _is_a_jump(stored, values) or listing.provenance.get("price", "").startswith(CORRECTED):
        return None
    seen = values["price"]
    if "price" in before:
        value, witness = before["price"]
        if witness != sighting and _agree(Decimal(value), seen):
            return None
    return {"price": [str(seen), sighting]}


def _is_a_jump(stored: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    old, new = stored["price"], values["price"]
    if old is None or new is None or old == new:
        return False
    if any(_differ(stored[name], values[name]) for name in ("currency", "price_period", "offer_type")):
        return False
    low, high = sorted((old, new))
    return bool(high >= JUMP * low)


def _differ(old: str | None, new: str | None) -> bool:
    return old is not None and new is not None and old != new


def _agree(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= AGREEMENT * max(one, other)

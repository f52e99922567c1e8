"""Values that cannot be meant: a machine for 1, an amount beyond any price list."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from inventory.listing import Listing

# A dealer who must fill the field types 1, 123 or 999999999. No machine sells below, none above; units of any
# currency, so the upper bound leaves room for yen and won.
MACHINE_SALE: Final = (Decimal(50), Decimal(5_000_000_000))
MACHINE_RENT: Final = (Decimal(1), Decimal(100_000_000))
DOG_PRODUCT: Final = (Decimal("0.01"), Decimal(10_000_000))


def implausible_price(listing: Listing) -> str | None:
    """Why the price cannot be meant, or None."""
    if listing.price is None:
        return None
    low, high = DOG_PRODUCT
    if listing.vertical == "equipment":
        low, high = MACHINE_RENT if listing.offer_type in ("rent", "auction") else MACHINE_SALE
    if low <= listing.price <= high:
        return None
    return f"{listing.price} is no price (between {low} and {high})"

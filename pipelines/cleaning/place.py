"""A listing's position out of its town, where the page gives none. Pure."""

from __future__ import annotations

from inventory.listing import Listing
from inventory.places.gazetteer import PRECISION, locate

EXACT = "exact"
"""`location_precision` of what the page itself says."""
PRECISIONS = (EXACT, PRECISION)
CORRECTION = "correction"


def place(listing: Listing) -> None:
    """Fill `lat`, `lon` and `location_precision` from city, region and country. What the page says always stays; a
    region or a country alone is no position."""
    if listing.location_precision == EXACT or CORRECTION in (
        listing.provenance.get("lat"),
        listing.provenance.get("lon"),
    ):
        return
    found = locate(listing.city, listing.region, listing.country)
    listing.lat, listing.lon = found or (None, None)
    listing.location_precision = PRECISION if found else None

"""What a listing that was just seen is in the rows of its tables, beside what it says itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from inventory.listing import Listing
from inventory.store.history import Event

Key = tuple[int, str]
"""(dealer's id, identity_key)"""


def bookkeeping(listing: Listing) -> dict[str, Any]:
    """Columns of `listings` that follow from the whole listing, and by whom it was read."""
    return {
        "serial_key": listing.serial_key,
        "content_hash": listing.content_hash,
        "crawl_id": listing.crawl_id,
        "inference_version": listing.inference_version,
    }


def event_row(listing_id: int, listing: Listing, event: Event, now: datetime) -> dict[str, Any]:
    """A row of `events`."""
    return {
        "listing_id": listing_id,
        "crawl_id": listing.crawl_id,
        "at": listing.observed_at or now,
        "kind": event.kind,
        "changes": event.changes,
    }


def status_of(listing: Listing) -> str:
    """What a listing that was just seen is: sold where the page says so, else active."""
    return "sold" if listing.price_status == "sold" else "active"

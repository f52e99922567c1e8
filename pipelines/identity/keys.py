"""The keys of a listing: who it is at its dealer, which serial it bears, and whether it has changed."""

from __future__ import annotations

import hashlib
from typing import Final

import orjson

from inventory.listing import BOOKKEEPING, FIELD_NAMES, Listing
from pipelines.outcomes import Unusable
from pipelines.parsing.identifiers import normal_serial

_CONTENT: Final = tuple(name for name in FIELD_NAMES if name not in BOOKKEEPING | {"section"})


def identify(listing: Listing) -> None:
    """Fill `identity_key`, `serial_key` and `content_hash`. Raises `Unusable` where there is nothing to key on."""
    if listing.external_id:
        listing.identity_key = f"id:{listing.external_id}"
    elif listing.url:
        listing.identity_key = f"url:{listing.url}"
    else:
        raise Unusable("no_identity", listing.title or "")
    listing.serial_key = normal_serial(listing.serial_number) if listing.serial_number else None
    listing.content_hash = content_hash(listing)


def content_hash(listing: Listing) -> str:
    """32 hex digits over everything that a listing says (not when, by which crawl or under which section)."""
    values = [getattr(listing, name) for name in _CONTENT]
    packed = orjson.dumps(values, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.blake2b(packed, digest_size=16).hexdigest()

"""Whether a dealer's listing is one that we know under another id or address of the same dealer."""

from __future__ import annotations

from typing import Final, Literal

from inventory.store.matching import Candidate
from pipelines.identity.gtins import gtins_differ
from pipelines.identity.models import makes_differ, models_agree, squashed
from pipelines.identity.packs import packs_differ
from pipelines.identity.serials import serials_differ
from pipelines.identity.vetoes import stands_alone

MIN_STOCK_NUMBER: Final = 3


def same_listing(one: Candidate, other: Candidate) -> Literal["serial", "stock number"] | None:
    """By which number two listings of one dealer are one whose id or URL changed; None where they are not.

    They are two where both were seen at one time. A dealer that counts its stock anew gives old numbers to other
    machines: make, model, year, pack and article number must not say otherwise (domain/duplicates.md step 1).
    """
    if one.name == other.name or one.name[0] != other.name[0] or one.vertical != other.vertical:
        return None
    if _seen_together(one, other) or serials_differ(one, other) or gtins_differ(one, other):
        return None
    if one.offer_type != other.offer_type or _are_two_things(one, other):
        return None
    if one.serial_key and one.serial_key == other.serial_key and not stands_alone(one):
        return "serial"
    first, second = squashed(one.sku), squashed(other.sku)
    telling = len(first) >= MIN_STOCK_NUMBER and any(map(str.isdigit, first))
    return "stock number" if telling and first == second else None


def _seen_together(one: Candidate, other: Candidate) -> bool:
    earlier, later = sorted((one, other), key=lambda seen: (seen.first_seen, seen.name))
    return earlier.last_seen > later.first_seen or one.first_seen == other.first_seen


def _are_two_things(one: Candidate, other: Candidate) -> bool:
    if one.vertical == "dog":
        brands = squashed(one.brand), squashed(other.brand)
        return bool(all(brands) and brands[0] != brands[1]) or packs_differ(one, other) is not None
    years_apart = one.year is not None and other.year is not None and abs(one.year - other.year) > 1
    return makes_differ(one, other) or models_agree(one, other) == "other" or years_apart

"""Whether two listings offer the same thing: the first two rungs, equal serial numbers and equal GTINs.

The ladder of method: domain knowledge in docs/architecture.md. Never the same: rentals, several pieces, other packs.
"""

from __future__ import annotations

from inventory.store.linking import Candidate, Match


def same_thing(one: Candidate, other: Candidate) -> Match | None:
    """A `Match` where both are one machine or one product, else None."""
    if one.vertical != other.vertical or _not_one_piece(one) or _not_one_piece(other):
        return None
    return _same_serial(one, other) or _same_gtin(one, other)


def _not_one_piece(candidate: Candidate) -> bool:
    """A rental stands for a fleet, "3 available" for three machines."""
    several_machines = candidate.vertical == "equipment" and (candidate.quantity or 1) > 1
    return candidate.offer_type == "rent" or several_machines


def _same_serial(one: Candidate, other: Candidate) -> Match | None:
    if not one.serial_key or one.serial_key != other.serial_key:
        return None
    if one.make and other.make and one.make != other.make:
        return None  # serials of two makers may be equal by chance
    return Match("serial", 0.99 if one.make == other.make else 0.9, {"serial": one.serial_key, "make": one.make})


def _same_gtin(one: Candidate, other: Candidate) -> Match | None:
    if not one.gtin or one.gtin != other.gtin:
        return None
    if one.serial_key and other.serial_key:
        return None  # two machines of one article number
    if (one.pack_count or 1) != (other.pack_count or 1) or _other_weight(one.net_weight_g, other.net_weight_g):
        return None
    return Match("gtin", 0.98, {"gtin": one.gtin})


def _other_weight(one_g: float | None, other_g: float | None) -> bool:
    """Whether two packs differ by more than rounding between pounds and kilograms (2 %)."""
    return one_g is not None and other_g is not None and abs(one_g - other_g) > 0.02 * max(one_g, other_g)

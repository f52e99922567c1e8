"""What forbids that two listings are one thing, and that a third brings them together."""

from __future__ import annotations

from inventory.store.matching import Candidate
from pipelines.identity.gtins import gtins_differ
from pipelines.identity.machines import RELISTED_WITHIN, is_new
from pipelines.identity.models import makes_differ
from pipelines.identity.packs import packs_differ
from pipelines.identity.serials import same_serial, serials_differ


def stands_alone(one: Candidate) -> bool:
    """Whether a listing can have no twin: a rental stands for a fleet, "3 available" for three machines."""
    return one.offer_type == "rent" or (one.vertical == "equipment" and (one.quantity or 1) > 1)


def veto(one: Candidate, other: Candidate) -> str | None:
    """Why the two are never one thing, else None."""
    if one.vertical != other.vertical:
        return "verticals differ"
    if stands_alone(one) or stands_alone(other):
        return "rental" if "rent" in (one.offer_type, other.offer_type) else "several pieces"
    return _of_machines(one, other) if one.vertical == "equipment" else _of_products(one, other)


def _of_machines(one: Candidate, other: Candidate) -> str | None:
    if serials_differ(one, other):
        return "serials differ"
    if makes_differ(one, other):
        return "makes differ"
    judged = same_serial(one, other)
    if judged:
        return judged.method if judged.verdict == "different" else None
    if one.name[0] == other.name[0]:
        if is_new(one) or is_new(other):
            return "new machines of one dealer"
        if not _relisted(one, other):
            return "two listings of one dealer"
    return None


def _of_products(one: Candidate, other: Candidate) -> str | None:
    if gtins_differ(one, other):
        return "gtins differ"
    equal = one.gtin is not None and one.gtin == other.gtin
    if why := packs_differ(one, other, of_one_article=equal):
        return why
    if not equal and one.name[0] == other.name[0] and not _relisted(one, other):
        return "two listings of one dealer"
    return None


def _relisted(one: Candidate, other: Candidate) -> bool:
    """Whether one was gone when the other came, and not long."""
    earlier, later = sorted((one, other), key=lambda seen: (seen.first_seen, seen.name))
    gone = earlier.gone_at
    return gone is not None and gone <= later.first_seen and later.first_seen - gone <= RELISTED_WITHIN

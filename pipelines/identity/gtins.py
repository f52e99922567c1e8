"""The second rung: equal GTINs, or one maker's article number, and the same pack."""

from __future__ import annotations

from typing import Final

from inventory.store.matching import Candidate, Judgement
from pipelines.identity.models import squashed
from pipelines.identity.packs import packs_differ, weights_of

MIN_MPN: Final = 4
"""Shorter numbers are counted by hand."""


def gtins_differ(one: Candidate, other: Candidate) -> bool:
    """Whether both products bear article numbers, and not the same."""
    return bool(one.gtin and other.gtin and one.gtin != other.gtin)


def same_gtin(one: Candidate, other: Candidate) -> Judgement | None:
    """The verdict where both bear one GTIN; None where one of them has none, or they are different.

    A machine's GTIN is its model's: two machines bear it too. Dealers give a case the GTIN of one can.
    """
    if not one.gtin or one.gtin != other.gtin or one.vertical != "dog":
        return None
    if why := packs_differ(one, other, of_one_article=True):
        return Judgement("different", why, 0.0, {"gtin": one.gtin})
    return Judgement("same", "gtin", 0.98, {"gtin": one.gtin})


def same_mpn(one: Candidate, other: Candidate) -> Judgement | None:
    """The verdict where two products of one brand bear one maker's number; None where they do not.

    To be asked only of products that nothing tells apart: a number may stand for all packs of a product.
    """
    first, second = squashed(one.mpn), squashed(other.mpn)
    if first != second or len(first) < MIN_MPN or not any(map(str.isdigit, first)):
        return None
    known = bool(weights_of(one)) == bool(weights_of(other))
    return Judgement("same" if known else "maybe", "mpn", 0.93 if known else 0.5, {"mpn": one.mpn})

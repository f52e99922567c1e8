"""The ladder: a veto, equal serial numbers, equal article numbers, then the score of what machine or product it is."""

from __future__ import annotations

from inventory.store.matching import Candidate, Judgement
from pipelines.identity.gtins import same_gtin, same_mpn
from pipelines.identity.machines import same_machine
from pipelines.identity.products import products_differ, same_product
from pipelines.identity.serials import same_serial
from pipelines.identity.vetoes import veto


def compare(one: Candidate, other: Candidate) -> Judgement:
    """Whether two listings are one thing; the same whichever comes first."""
    one, other = sorted((one, other), key=lambda candidate: candidate.name)
    if why := veto(one, other):
        return Judgement("different", why, 0.0)
    if one.vertical == "equipment":
        return same_serial(one, other) or same_machine(one, other)
    if judged := same_gtin(one, other):
        return judged
    if why := products_differ(one, other):
        return Judgement("different", why, 0.0)
    return same_mpn(one, other) or same_product(one, other)

"""The first rung: equal serial numbers, and one that is the end of another (a PIN and its last digits)."""

from __future__ import annotations

from typing import Final

from inventory.store.matching import Candidate, Judgement
from pipelines.identity.models import makes_differ, models_agree

TAIL: Final = 6
"""So many last signs stand for a serial where a dealer gives no more (domain/duplicates.md step 3)."""
SURE: Final = 8
"""Shorter serials are counted from 1 by every maker and series."""


def serials_differ(one: Candidate, other: Candidate) -> bool:
    """Whether both bear serial numbers that cannot be one machine's."""
    if not one.serial_key or not other.serial_key:
        return False
    return not (one.serial_key.endswith(other.serial_key) or other.serial_key.endswith(one.serial_key))


def same_serial(one: Candidate, other: Candidate) -> Judgement | None:
    """The verdict where both bear one serial number; None where one of them has none, or they are different.

    Two makers may give one number to two machines, and one maker a short one to two series.
    """
    if not one.serial_key or not other.serial_key or serials_differ(one, other):
        return None
    serial = max(one.serial_key, other.serial_key, key=len)
    evidence = {"serial": serial, "make": one.make or other.make}
    if makes_differ(one, other):
        return Judgement("different", "makes differ", 0.0, evidence)
    model = models_agree(one, other)
    if len(min(one.serial_key, other.serial_key, key=len)) < SURE and (model == "other" or _years_apart(one, other)):
        return Judgement("different", "models differ", 0.0, evidence)
    if one.serial_key == other.serial_key:
        return Judgement("same", "serial", 0.99 if one.make and one.make == other.make else 0.9, evidence)
    known = one.make is not None and one.make == other.make and model == "equal"
    return Judgement("same" if known else "maybe", "serial end", 0.95 if known else 0.5, evidence)


def _years_apart(one: Candidate, other: Candidate) -> bool:
    return one.year is not None and other.year is not None and abs(one.year - other.year) > 2

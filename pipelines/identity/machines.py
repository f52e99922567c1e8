"""The last rung for machines: make, model, year, hours in time, price and place."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from inventory.store.matching import Candidate, Judgement, Verdict
from pipelines.identity.models import makes_differ, models_agree
from pipelines.identity.score import Evidence

REACH_HOURS: Final = 50.0
REACH_SHARE: Final = 0.03
"""So many hours a machine may have run between two dealers' readings (domain/duplicates.md step 4)."""
HOURS_LEVELS: Final = ((0, "equal"), (2, "within 2"), (10, "within 10"), (REACH_HOURS, "within 50"))
PRICE_LEVELS: Final = ((1.01, "within 1 %"), (1.11, "within 10 %"), (1.16, "within 15 %"))
"""The higher price by the lower one, with a little for rounding."""
CROWD_STEPS: Final = (4, 16, 64, 256)
"""From so many stored listings of one make, model and year on they are a greater crowd (data/match_weights.csv)."""
UNCOUNTED: Final = CROWD_STEPS[0]
"""The crowd of a listing without a year or hours."""
NEW_HOURS: Final = 20
"""Up to so many hours a machine is new, and one of a fleet of equal ones."""
RUN_BACK_HOURS: Final = 5
"""A dealer rounds: a meter read later may show so much less."""
ROUNDED_HOURS: Final = 50
"""And so much less where the first advertisement stands yet: which meter was read first is not known."""
AT_ONE_TIME: Final = timedelta(days=1)
RELISTED_WITHIN: Final = timedelta(days=180)
TAX: Final = 1.2
"""About what a gross price is of a net one in the countries that name both."""


def hours_reach(hours: float) -> float:
    """How many hours another reading of the same meter may be off."""
    return max(REACH_HOURS, REACH_SHARE * hours)


def is_new(one: Candidate) -> bool:
    """Whether a machine is new: equal ones stand beside it."""
    return one.hours <= NEW_HOURS if one.hours is not None else one.condition == "new"


def same_machine(one: Candidate, other: Candidate) -> Judgement:
    """The score of two machines without a common serial number. "Maybe" at most for new ones, and without hours."""
    if makes_differ(one, other):
        return Judgement("different", "makes differ", 0.0)
    evidence = Evidence("machine")
    model = models_agree(one, other)
    if model == "unknown":
        return Judgement("different", "no model", 0.0)
    evidence.add("prior", str(_crowd(one, other)))
    evidence.add("model", model)
    evidence.add("year", _year(one, other))
    hours = _hours(one, other)
    evidence.add("hours", hours)
    evidence.add("price", _price(one, other))
    evidence.add("place", _place(one, other))
    shown = (one.serial_key is not None) + (other.serial_key is not None)
    evidence.add("serial", ("shown by neither", "shown by one", "shown by both")[shown])
    at_most: Verdict = "same"
    if hours == "unknown" or is_new(one) or is_new(other):
        at_most = "maybe"
    elif hours in ("apart", "fallen"):
        at_most = "different"
    return evidence.judged(at_most, model_key=one.model)


def _crowd(one: Candidate, other: Candidate) -> int:
    """The fuller of the two blocks: of many equal machines two are near each other in hours by chance."""
    return max(UNCOUNTED if each.crowd is None else each.crowd for each in (one, other))


def _year(one: Candidate, other: Candidate) -> str:
    if one.year is None or other.year is None:
        return "unknown"
    apart = abs(one.year - other.year)
    return ("equal", "one apart")[apart] if apart < 2 else "apart"


def _hours(one: Candidate, other: Candidate) -> str:
    if one.hours is None or other.hours is None:
        return "unknown"
    earlier, later = sorted((one, other), key=lambda seen: (seen.first_seen, seen.name))
    assert earlier.hours is not None
    assert later.hours is not None
    apart = abs(earlier.hours - later.hours)
    # Not by when it was last seen: that changes with each sight, which links nothing anew.
    in_turn = earlier.gone_at is not None and earlier.gone_at <= later.first_seen
    read_later = later.first_seen - earlier.first_seen > AT_ONE_TIME
    if read_later and later.hours < earlier.hours - (RUN_BACK_HOURS if in_turn else ROUNDED_HOURS):
        return "fallen"
    if apart > hours_reach(max(earlier.hours, later.hours)):
        return "apart"
    return next((level for most, level in HOURS_LEVELS if apart <= most), "in reach")


def _price(one: Candidate, other: Candidate) -> str:
    if not one.price or not other.price or one.currency != other.currency:
        return "unknown"
    low, high = sorted((float(one.price) * _net(one, other), float(other.price) * _net(other, one)))
    ratio = high / low
    return next((level for most, level in PRICE_LEVELS if ratio <= most), "apart")


def _net(one: Candidate, other: Candidate) -> float:
    """By what a price is multiplied to be comparable: a gross one beside a net one holds the tax."""
    return 1 / TAX if one.price_tax == "gross" and other.price_tax == "net" else 1.0


def _place(one: Candidate, other: Candidate) -> str:
    if one.country and other.country and one.country != other.country:
        return "other country"
    if one.region and other.region:
        if one.region.casefold() != other.region.casefold():
            return "other region"
        same_city = one.city and other.city and one.city.casefold() == other.city.casefold()
        return "same city" if same_city else "same region"
    return "same country" if one.country and other.country else "unknown"

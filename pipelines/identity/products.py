"""The last rung for dog products: brand, words, flavours, life stage, dog size, form, pack and price."""

from __future__ import annotations

from typing import Final

from inventory.store.matching import Candidate, Judgement
from pipelines.identity.brands import brands_agree, without_brands
from pipelines.identity.packs import close, measures_in, packs_differ, pieces_of, weights_of
from pipelines.identity.product_words import Words, flavours_differ, in_common, words_of
from pipelines.identity.score import Evidence, weight_along

ALL_SIZES: Final = 5
"""As many breed sizes as there are: a product for every dog."""
PLAIN_SIZE: Final = "m"
ROUNDED: Final = 0.01
NO_STAGE: Final = frozenset({"all"})
SPECIAL_STAGES: Final = frozenset({"puppy", "senior"})
"""Stages that a label always names; "adult" is what goes without saying."""


def products_differ(one: Candidate, other: Candidate) -> str | None:
    """Why two products cannot be one, whatever else agrees; None where they may be."""
    if not brands_agree(one, other):
        return "brands differ"
    if why := packs_differ(one, other):
        return why
    first, second = words_of(one.title or ""), words_of(other.title or "")
    if flavours_differ(first.flavours, second.flavours):
        return "flavours differ"
    if first.colours and second.colours and not first.colours & second.colours:
        return "colours differ"
    if _stages_differ(_stages(one, first), _stages(other, second)):
        return "life stages differ"
    sizes = _sizes(one, first), _sizes(other, second)
    return "dog sizes differ" if sizes[0] and sizes[1] and not sizes[0] & sizes[1] else None


def same_product(one: Candidate, other: Candidate) -> Judgement:
    """The score of two products that nothing tells apart. "Maybe" at most where an amount is known of one only."""
    first, second = words_of(one.title or ""), words_of(other.title or "")
    evidence = Evidence("product")
    evidence.add("prior", "same brand and weight")
    words = in_common(without_brands(first.all, one, other), without_brands(second.all, one, other))
    evidence.add("text", f"{words.share:.2f}", weight_along("product", "text", words.share))
    evidence.add("own words", words.own)
    evidence.add("weight", _weight(one, other))
    evidence.add(
        "flavour", _agreement(first.flavours, second.flavours) if first.flavours | second.flavours else "equal"
    )
    stages = _stages(one, first), _stages(other, second)
    evidence.add("stage", "equal" if stages[0] == stages[1] else "unsaid")
    evidence.add("breed size", _size_agreement(_sizes(one, first), _sizes(other, second)))
    evidence.add("form", _form(one, other))
    evidence.add("price", _price(one, other))
    return evidence.judged("same" if _amounts_known(one, other) else "maybe", weight_g=list(weights_of(one)))


def _amounts_known(one: Candidate, other: Candidate) -> bool:
    """Whether both say how much it is, or neither does and their titles name the same pieces and measures."""
    if bool(weights_of(one)) != bool(weights_of(other)):
        return False
    first, second = measures_in(one.title or ""), measures_in(other.title or "")
    return bool(weights_of(one)) or (set(first.values) == set(second.values) and pieces_of(one) == pieces_of(other))


def _stages(one: Candidate, words: Words) -> frozenset[str]:
    told = {one.life_stage} if one.life_stage and one.life_stage not in NO_STAGE else set()
    return frozenset(told | words.stages) & (SPECIAL_STAGES | {"adult"})


def _stages_differ(some: frozenset[str], others: frozenset[str]) -> bool:
    """Whether one is for puppies (or old dogs) and the other is not. "Adult 7+" is for old dogs."""
    return some & SPECIAL_STAGES != others & SPECIAL_STAGES


def _sizes(one: Candidate, words: Words) -> frozenset[str]:
    """The dog sizes it is for, where it is not for all."""
    known = frozenset(one.breed_sizes or ())
    return known if 0 < len(known) < ALL_SIZES else words.sizes


def _agreement(some: frozenset[str], others: frozenset[str]) -> str:
    if not some or not others:
        return "unsaid"
    return "equal" if some == others else "part"


def _size_agreement(some: frozenset[str], others: frozenset[str]) -> str:
    """A product for medium dogs is the plain one at another shop; one for small or large dogs rarely is."""
    if not some and not others:
        return "both unsaid"
    level = _agreement(some, others)
    return "special unsaid" if level == "unsaid" and PLAIN_SIZE not in some | others else level


def _weight(one: Candidate, other: Candidate) -> str:
    some, others = weights_of(one), weights_of(other)
    if not some or not others:
        return "unknown"
    return "equal" if any(close(a, b, ROUNDED) for a in some for b in others) else "rounded"


def _form(one: Candidate, other: Candidate) -> str:
    if not one.food_form or not other.food_form:
        return "unknown"
    return "equal" if one.food_form == other.food_form else "other"


def _price(one: Candidate, other: Candidate) -> str:
    if not one.price or not other.price or one.currency != other.currency:
        return "unknown"
    ratio = float(max(one.price, other.price) / min(one.price, other.price))
    return "within 20 %" if ratio <= 1.2 else "within 60 %" if ratio <= 1.6 else "apart"

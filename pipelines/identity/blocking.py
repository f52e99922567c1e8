"""Under which keys a listing's twins are looked for: few keys, each with few listings behind it.

A machine: its serial, the serial's last signs, make + model + year near its hours, make + model at its very hours
(other years), make + model + year at its very price (where one names no hours: those with hours do not meet there). A
product: its GTIN, its maker's number, and its brand + one telling word near its weight.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from inventory.store.matching import BlockingKey, Candidate
from pipelines.identity.brands import brand_heads, without_brands
from pipelines.identity.hashing import blocking_key
from pipelines.identity.machines import hours_reach, is_new
from pipelines.identity.models import model_key, squashed
from pipelines.identity.packs import CLOSE, pieces_of, weights_of
from pipelines.identity.product_words import TOLD, word_weight, words_of
from pipelines.identity.serials import TAIL
from pipelines.identity.vetoes import stands_alone

MAX_WORDS: Final = 8
"""So many words of a title become keys, those that tell most first."""
STEM: Final = 5
"""So many first letters of a word make the key: the rest may be misspelled or inflected."""
SAME_PRICE: Final = 0.005


def keys_of(one: Candidate) -> tuple[BlockingKey, ...]:
    """The blocking keys of a listing, in a fixed order; none where it can have no twin."""
    if stands_alone(one):
        return ()
    found = _machine_keys(one) if one.vertical == "equipment" else _product_keys(one)
    return tuple(sorted(set(found)))


def crowd_key(one: Candidate) -> int | None:
    """The key that all used machines of one make, model and year share; None for others."""
    model = model_key(one)
    if one.vertical != "equipment" or stands_alone(one) or model is None or is_new(one):
        return None
    return blocking_key("model", model, one.year).key if one.hours is not None and one.year is not None else None


def _machine_keys(one: Candidate) -> Iterator[BlockingKey]:
    if one.serial_key:
        yield blocking_key("serial", one.serial_key)
        if one.make:
            yield blocking_key("serial end", squashed(one.make), one.serial_key[-TAIL:])
    model = model_key(one)
    if model is None or is_new(one):
        return
    if one.hours is not None:
        if one.year is not None:
            yield blocking_key("model", model, one.year, place=float(one.hours), reach=hours_reach(one.hours))
        base = squashed(one.make) + squashed(one.base_model) if one.base_model else model
        yield blocking_key("hours", base, place=float(one.hours), reach=1.0)
    if one.price and one.year is not None:
        price = float(one.price)
        reach = SAME_PRICE * price
        # Two that name their hours meet by them, or are different: they reach for those without only.
        yield blocking_key(
            "price", model, one.year, one.currency, place=price, reach=reach if one.hours is None else -reach
        )


def _product_keys(one: Candidate) -> Iterator[BlockingKey]:
    if one.gtin:
        yield blocking_key("gtin", one.gtin)
    heads = brand_heads(one)
    if one.mpn:
        for head in heads:
            yield blocking_key("mpn", head, squashed(one.mpn))
    words = without_brands(words_of(one.title or "").all, one, one)
    telling = sorted((word for word in words if word_weight(word) >= TOLD), key=lambda w: (-word_weight(w), w))
    stems = sorted({word[:STEM] for word in telling[:MAX_WORDS]}) or [""]
    for head in heads:
        for word in stems:
            for grams in weights_of(one) or (0.0,):
                yield blocking_key("words", head, word, pieces_of(one), place=grams, reach=CLOSE * grams)

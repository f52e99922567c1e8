"""How far two machines' makes and models agree."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from inventory.store.matching import Candidate
from inventory.taxonomy.models import normal_model

ModelAgreement = Literal["equal", "longer", "other", "unknown"]
_SIGNS: Final = re.compile(r"[\W_]+")


@lru_cache(maxsize=65536)
def squashed(text: str | None) -> str:
    """Text in upper case without blanks and signs: "320 D-L" → "320DL"."""
    return _SIGNS.sub("", text or "").upper()


def model_key(one: Candidate) -> str | None:
    """Make and model as one word, however they are spelled and wherever they are parted; None without a model."""
    return _model_key(one.make, one.model) if one.model else None


@lru_cache(maxsize=65536)
def _model_key(make: str | None, model: str) -> str:
    return squashed(make) + squashed(normal_model(make, model).model)


def makes_differ(one: Candidate, other: Candidate) -> bool:
    """Whether both name a maker, and not the same."""
    return bool(one.make and other.make and squashed(one.make) != squashed(other.make))


def models_agree(one: Candidate, other: Candidate) -> ModelAgreement:
    """`longer` where one leaves out letters that the other has behind the number (320 and 320DL)."""
    first, second = model_key(one), model_key(other)
    if first is None or second is None:
        return "unknown"
    if first == second:
        return "equal"
    if not one.base_model or not other.base_model or squashed(one.base_model) != squashed(other.base_model):
        return "other"
    shorter, longer = sorted((first, second), key=len)
    return "longer" if longer.startswith(shorter) and not longer[len(shorter)].isdigit() else "other"

"""The maker that a model number alone tells: "PC200LC-8" is a Komatsu's, by the tables of published machines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from inventory.taxonomy.machines import published
from inventory.taxonomy.makes import squashed
from inventory.taxonomy.models import base_model

LEAST_SIGNS: Final = 4
"""A shorter number is in many makers' books."""
MIXED: Final = re.compile(r"(?=.*\d)(?=.*[a-z])")


@lru_cache(maxsize=4096)
def make_of_model(model: str) -> str | None:
    """The only maker with such a model in the tables; the whole number is asked first, then what it starts with."""
    for key in _keys(model):
        makes = _makers().get(key)
        if makes is not None:
            return next(iter(makes)) if len(makes) == 1 else None
    return None


def _keys(model: str) -> Iterator[str]:
    """The number with ever less behind it; what has no letter or no digit tells nothing."""
    words = model.split()
    spellings = [" ".join(words[:count]) for count in range(len(words), 0, -1)]
    spellings += [base_model(spelling) for spelling in spellings]
    for spelling in spellings:
        key = squashed(spelling)
        if len(key) >= LEAST_SIGNS and MIXED.match(key):
            yield key


@cache
def _makers() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for fact in published():
        if fact.make:
            model = fact.name.removeprefix(fact.make).strip()
            for spelling in {model, base_model(model)}:
                found.setdefault(squashed(spelling), set()).add(fact.make)
    return found

"""The ways in which the listings may write what was typed: makers by any of their names, models apart or together.

Listings are indexed by the words of their title and by their names without signs (`320D L` as `320dl`, `John Deere` as
`johndeere`; migration 0010). So a word is found by itself, by any run of up to three words that it is in, written
together, and by its parts: `320d l` finds `320DL`, `cat320` finds Caterpillar and 320, `15kg` finds `15 kg`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from api.search.words import folded
from inventory.taxonomy.makes import MAKES
from inventory.taxonomy.models import normal_model

LONGEST_RUN: Final = 3
_RUNS: Final = re.compile(r"[^\W\d_]+|\d+")
_SERIES: Final = re.compile(r"\d[^\W\d_]+$")
_LONGEST_MODEL: Final = 20


@dataclass(frozen=True, slots=True, order=True)
class Way:
    """One way of writing: all of `words` are there, in this order side by side where `together`. `begins`: the one word
    may go on."""

    words: tuple[str, ...]
    together: bool = False
    begins: bool = False


def ways(words: Sequence[str]) -> list[tuple[Way, ...]]:
    """For each word as typed, the ways in which a listing may have it: one of them is enough."""
    found: list[dict[Way, None]] = [dict.fromkeys(_of_word(word)) for word in words]
    for first in range(len(words)):
        for last in range(first + 1, min(first + LONGEST_RUN, len(words))):
            run = words[first : last + 1]
            for way in _of_run(run):
                for position in range(first, last + 1):
                    found[position][way] = None
    return [tuple(entry) for entry in found]


def _of_word(word: str) -> Iterator[Way]:
    # "320d" finds 320DL; "d6" must not find D65.
    yield Way((word,), begins=bool(_SERIES.search(word)))
    make = _makes().get(word)
    if make is not None:
        yield Way((make,))
    runs = _RUNS.findall(word)
    if len(runs) < 2:
        return
    if "".join(runs) == word:
        yield Way(tuple(runs), together=True)
    for at in range(min(len(word) - 1, _longest_make()), 0, -1):
        make = _makes().get(word[:at])
        rest = word[at:]
        if make is not None and any(map(str.isdigit, rest)):
            yield Way((make, rest))
    yield from _models(word)


def _of_run(run: Sequence[str]) -> Iterator[Way]:
    joined = "".join(run)
    make = _makes().get(joined)
    if make is not None:
        yield Way((make,))
    if any(map(str.isdigit, joined)):
        yield Way((joined,), begins=bool(_SERIES.search(joined)))
        yield from _models("-".join(run))


def _models(text: str) -> Iterator[Way]:
    """A model's other orders: PC210-8LC is PC210LC-8, and 580 Super N is 580SN."""
    if len(text) > _LONGEST_MODEL:
        return
    joined = text.replace("-", "")
    model = normal_model(None, text)
    suffixes = "".join(model.suffixes)
    base, generation = "".join(folded(model.base_model)), (model.generation or "").lower()
    if suffixes and generation:
        for other in (f"{base}{suffixes.lower()}{generation}", f"{base}{generation}{suffixes.lower()}"):
            if other != joined:
                yield Way((other,))
    if "super" in joined:
        yield Way((joined.replace("super", "s"),))


@cache
def _makes() -> dict[str, str]:
    """Any name of a maker without signs → the maker's name as listings are indexed by it."""
    found: dict[str, str] = {}
    for make in MAKES.values():
        known = "".join(folded(make.name))
        for name in (make.name, *make.aliases):
            found.setdefault("".join(folded(name)), known)
    return found


@cache
def _longest_make() -> int:
    return max(map(len, _makes()))

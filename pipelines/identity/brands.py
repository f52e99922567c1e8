"""Whether two products are of one brand, however a shop writes it."""

from __future__ import annotations

from functools import lru_cache
from html import unescape
from typing import Final

from inventory.store.matching import Candidate
from pipelines.identity.product_words import split_words

MIN_LETTERS: Final = 4
HEAD: Final = 4
"""So many first letters of a brand make its blocking key."""
_AND: Final = frozenset({"and", "und", "et", "y", "e"})


@lru_cache(maxsize=65536)
def brand_letters(text: str) -> str:
    """A name as one word: "STOCKMAN &amp; PADDOCK" → stockmanpaddock, "Hill's" → hill."""
    return "".join(word for word in split_words(unescape(text)) if word not in _AND)


def brand_heads(one: Candidate) -> tuple[str, ...]:
    """The first letters under which a product of the same brand is looked for: its brand's and its title's."""
    names = (brand_letters(text)[:HEAD] for text in (one.brand, one.title) if text)
    return tuple(sorted({name for name in names if name}))


def brands_agree(one: Candidate, other: Candidate) -> bool:
    """Whether one brand is the other, its beginning, or the beginning of the other's title."""
    first, second = brand_letters(one.brand or ""), brand_letters(other.brand or "")
    if _begins(first, second) or _begins(second, first):
        return True
    return _begins(brand_letters(one.title or ""), second) or _begins(brand_letters(other.title or ""), first)


def without_brands(words: frozenset[str], one: Candidate, other: Candidate) -> frozenset[str]:
    """Words without those that name a brand."""
    named = {word for text in (one.brand, other.brand) if text for word in split_words(unescape(text))}
    letters = [brand_letters(text) for text in (one.brand, other.brand) if text]
    joined = {word for word in words if len(word) >= 3 and any(n.startswith(word) or n.endswith(word) for n in letters)}
    return words - named - joined


def _begins(whole: str, start: str) -> bool:
    return (len(start) >= MIN_LETTERS and whole.startswith(start)) or (bool(start) and whole == start)

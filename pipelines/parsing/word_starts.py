"""The first letters of the words in a text: one quick pass that spares the slow searches for words that are not there.

A search for one of hundreds of words costs a fraction of a microsecond at every sign of a text; asking whether any of
the text's words starts as one of them does costs that once. A "yes" is only a perhaps.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

from pipelines.parsing.lexicon import UNBROKEN, fold

LETTERS: Final = 3
"""So many letters of a word are compared; a shorter word counts by all it has."""
_ASCII: Final = re.compile(rf"([a-z]{{1,{LETTERS}}})[a-z]*")
_ANY: Final = re.compile(rf"([^\W\d_]{{1,{LETTERS}}})[^\W\d_]*")

Starts = Collection[str] | None
"""Starts of words; None where any word may stand, as in scripts that put no blank between them."""


def word_starts(folded: str) -> Starts:
    """The starts of the runs of letters in a text whose case is folded."""
    if folded.isascii():
        return set(_ASCII.findall(folded))
    return None if UNBROKEN.search(folded) else set(_ANY.findall(folded))


def ascii_starts(text: str) -> Starts:
    """As `word_starts` for a text in any case, of which patterns are asked that ignore case: None if not all ASCII."""
    return set(_ASCII.findall(text.lower())) if text.isascii() else None


def starts_of(words: Iterable[str]) -> frozenset[str]:
    """The starts that a text must have one of to hold one of the words, as `lexicon.word_pattern` finds them.

    Of a word that starts with a sign or a digit ("1. hand") the first letters count. Raises ValueError for a word
    without letters, and for one that may go on behind fewer of them than are compared. Words of scripts without blanks
    need no start.
    """
    found: set[str] = set()
    for word in map(fold, words):
        if UNBROKEN.search(word):
            continue
        for spelling in {word, word.replace("-", "")}:
            first = _ANY.search(spelling)
            if first is None or (spelling.endswith(f"{first[1]}*") and len(first[1]) < LETTERS):
                raise ValueError(f"no start tells of the word {word!r}")
            found.add(first[1])
    return frozenset(found)


def may_hold(starts: Starts, wanted: frozenset[str]) -> bool:
    """Whether a text with such starts may hold one of the words wanted."""
    return starts is None or not wanted.isdisjoint(starts)

"""Phrases of several fields found in one pass over a text: ten word lists cost one walk, not ten."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Final

from inventory.taxonomy.phrases import WORD, Found, Words, singular

Hits = Mapping[str, Sequence[Found]]
"""Field → its phrases in a text from left to right."""
NONE: Final[Sequence[Found]] = ()
UNBROKEN: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
"""Signs of Japanese, which has no blanks between words: its phrases are found anywhere."""
APART: Final = -2
"""The number of a word that stands beside no other."""


@cache
def stems_of(phrase: str) -> tuple[str, ...]:
    """A phrase's words in the form in which they are compared."""
    return tuple(singular(word.lower()) for word in WORD.findall(phrase))


class PhraseFields:
    """Phrases by field. In each field the longest phrase at a place wins and phrases do not overlap; fields may."""

    def __init__(self, phrases: Mapping[str, Mapping[str, str]]) -> None:
        self._by_first: dict[str, list[tuple[str, tuple[str, ...], str]]] = {}
        self._unbroken: dict[str, tuple[re.Pattern[str], dict[str, str]]] = {}
        for field, known in phrases.items():
            if unbroken := {phrase: label for phrase, label in known.items() if UNBROKEN.search(phrase)}:
                longest_first = sorted(unbroken, key=len, reverse=True)
                self._unbroken[field] = re.compile("|".join(map(re.escape, longest_first))), unbroken
            for phrase, label in known.items():
                first, *rest = stems_of(phrase)
                self._by_first.setdefault(first, []).append((field, tuple(rest), label))
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: -len(entry[1]))
        self.read = lru_cache(maxsize=4096)(self._read)

    def _read(self, text: str) -> Hits:
        """The phrases in a text."""
        hits = self.find(Words(text))
        return hits if text.isascii() or not UNBROKEN.search(text) else self._with_unbroken(text, hits)

    def _with_unbroken(self, text: str, hits: Hits) -> Hits:
        """The phrases found by words, and those of scripts without blanks."""
        found = dict(hits)
        for field, (pattern, labels) in self._unbroken.items():
            places = [Found(labels[hit[0]], *hit.span(), APART, APART) for hit in pattern.finditer(text)]
            if places:
                found[field] = places
        return found

    def find(self, found: Words) -> Hits:
        """The phrases among words, singular or plural."""
        by_first, stems = self._by_first, found.stems
        hits: dict[str, list[Found]] = {}
        behind: dict[str, int] = {}
        for index, stem in enumerate(stems):
            entries = by_first.get(stem)
            if entries is None:
                continue
            for field, rest, label in entries:
                end = index + 1 + len(rest)
                if index < behind.get(field, 0) or (rest and tuple(stems[index + 1 : end]) != rest):
                    continue
                hits.setdefault(field, []).append(
                    Found(label, found.span(index)[0], found.span(end - 1)[1], index, end - 1)
                )
                behind[field] = end
        return hits

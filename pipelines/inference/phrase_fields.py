"""Phrases of several fields found in one pass over a text: ten word lists cost one walk, not ten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from inventory.taxonomy.phrases import Found, Word, singular, words

Hits = Mapping[str, Sequence[Found]]
"""Field → its phrases in a text from left to right."""
NONE: Final[Sequence[Found]] = ()


class PhraseFields:
    """Phrases by field. In each field the longest phrase at a place wins and phrases do not overlap; fields may."""

    def __init__(self, phrases: Mapping[str, Mapping[str, str]]) -> None:
        self._by_first: dict[str, list[tuple[str, tuple[str, ...], str]]] = {}
        for field, known in phrases.items():
            for phrase, label in known.items():
                first, *rest = (singular(word.text) for word in words(phrase))
                self._by_first.setdefault(first, []).append((field, tuple(rest), label))
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: -len(entry[1]))
        self.read = lru_cache(maxsize=4096)(self._read)

    def _read(self, text: str) -> Hits:
        """The phrases in a text."""
        return self.find(words(text))

    def find(self, found: Sequence[Word]) -> Hits:
        """The phrases among words, singular or plural."""
        stems = [singular(word[0]) for word in found]
        hits: dict[str, list[Found]] = {}
        behind: dict[str, int] = {}
        for index, stem in enumerate(stems):
            for field, rest, label in self._by_first.get(stem, ()):
                end = index + 1 + len(rest)
                if index < behind.get(field, 0) or (rest and tuple(stems[index + 1 : end]) != rest):
                    continue
                hits.setdefault(field, []).append(Found(label, found[index].start, found[end - 1].end, index, end - 1))
                behind[field] = end
        return hits

"""Finding known phrases in free text: whole words, any case, any sign between the words, longest phrase first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

WORD: Final = re.compile(r"[^\W_]+")
SHORT: Final = 200
"""Texts of so many characters are titles, labels and crumbs."""


class Word(NamedTuple):
    """A word in lower case and where it stands in the text."""

    text: str
    start: int
    end: int


_word: Final = tuple.__new__
"""As `Word._make`, without its check: this is the innermost loop of inference."""


class Found(NamedTuple):
    """A phrase's label and the span of text it was found at; `first` and `last` are the numbers of its words."""

    label: str
    start: int
    end: int
    first: int
    last: int


def words(text: str) -> Sequence[Word]:
    """Runs of letters and digits; a sign between them parts them."""
    return _few_words(text) if len(text) <= SHORT else _words(text)


def _words(text: str) -> tuple[Word, ...]:
    return tuple([_word(Word, (match[0].lower(), match.start(), match.end())) for match in WORD.finditer(text)])


_few_words = lru_cache(maxsize=256)(_words)
"""A title is looked at by several indexes, one after the other."""


@lru_cache(maxsize=16384)
def singular(word: str) -> str:
    """A rough stem, good enough to match "loaders" with "loader"; words of three letters are left alone."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


class PhraseIndex:
    """Phrases by their first word. With `plurals`, "track loader" also matches "Track-Loaders"."""

    def __init__(self, phrases: Mapping[str, str] | Iterable[tuple[str, str]], *, plurals: bool = False) -> None:
        self._plurals = plurals
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for phrase, label in dict(phrases).items():
            parts = tuple(self.stem(word.text) for word in words(phrase))
            if not parts:
                raise ValueError(f"the phrase {phrase!r} for {label!r} has no word")
            self._by_first.setdefault(parts[0], []).append((parts[1:], label))
        self._firsts = frozenset(self._by_first)
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def stem(self, word: str) -> str:
        """The form in which a word is compared."""
        return singular(word) if self._plurals else word

    def find(self, text: str | Sequence[Word]) -> Iterator[Found]:
        """All phrases from left to right, at each place the longest; they do not overlap."""
        found = words(text) if isinstance(text, str) else text
        stems = [singular(word[0]) for word in found] if self._plurals else [word[0] for word in found]
        by_first = self._by_first
        if self._firsts.isdisjoint(stems):
            return
        behind = 0
        for index, stem in enumerate(stems):
            entries = by_first.get(stem)
            if entries is None or index < behind:
                continue
            for rest, label in entries:
                end = index + 1 + len(rest)
                if not rest or tuple(stems[index + 1 : end]) == rest:
                    yield Found(label, found[index].start, found[end - 1].end, index, end - 1)
                    behind = end
                    break

"""Finding known phrases in free text: whole words, any case, any sign between the words, longest phrase first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple, overload

WORD: Final = re.compile(r"[^\W_]+")
SHORT: Final = 200
"""Texts of so many characters are titles, labels and crumbs."""


class Word(NamedTuple):
    """A word in lower case and where it stands in the text."""

    text: str
    start: int
    end: int


_word: Final = tuple.__new__
"""As `Word._make`, without its check: this is an inner loop of inference."""


class Found(NamedTuple):
    """A phrase's label and the span of text it was found at; `first` and `last` are the numbers of its words."""

    label: str
    start: int
    end: int
    first: int
    last: int


@lru_cache(maxsize=16384)
def singular(word: str) -> str:
    """A rough stem, good enough to match "loaders" with "loader"; words of three letters are left alone."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


class Words(Sequence[Word]):
    """The words of a text. Where each stands is looked for only when asked: most texts hold no phrase of an index."""

    __slots__ = ("_all", "_places", "_spans", "_stems", "_text", "texts")

    def __init__(self, text: str) -> None:
        self.texts: list[str] = (
            WORD.findall(text.lower()) if text.isascii() else [word.lower() for word in WORD.findall(text)]
        )
        self._text = text
        self._stems: list[str] | None = None
        self._places: Iterator[re.Match[str]] | None = None
        self._spans: list[tuple[int, int]] = []
        self._all: list[Word] | None = None

    @property
    def stems(self) -> list[str]:
        """The words as an index with plurals compares them."""
        if self._stems is None:
            self._stems = [singular(word) for word in self.texts]
        return self._stems

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where each word starts and ends."""
        if self.texts:
            self.span(len(self.texts) - 1)
        return self._spans

    def span(self, index: int) -> tuple[int, int]:
        """Where one word starts and ends; the text is read up to there only."""
        known = self._spans
        if index >= len(known):
            if self._places is None:
                self._places = WORD.finditer(self._text)
            known.extend([match.span() for match in islice(self._places, index + 1 - len(known))])
        return known[index]

    @property
    def all(self) -> list[Word]:
        """Every word with its place."""
        if self._all is None:
            self._all = [_word(Word, (text, *span)) for text, span in zip(self.texts, self.spans, strict=True)]
        return self._all

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, index: int) -> Word: ...
    @overload
    def __getitem__(self, index: slice) -> list[Word]: ...
    def __getitem__(self, index: int | slice) -> Word | list[Word]:
        return self.all[index]

    def __iter__(self) -> Iterator[Word]:
        return iter(self.all)


def words(text: str) -> Words:
    """Runs of letters and digits; a sign between them parts them."""
    return _few_words(text) if len(text) <= SHORT else Words(text)


_few_words: Final = lru_cache(maxsize=256)(Words)
"""A title is looked at by several indexes, one after the other."""


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

    def find(self, text: str | Sequence[Word], *, running_on: bool = False) -> Iterator[Found]:
        """All phrases from left to right, at each place the longest; they do not overlap.

        `running_on`: but one that begins inside another and ends behind it is found too ("dog treat", "treat pouch").
        """
        found = words(text) if isinstance(text, str) else text
        if isinstance(found, Words):
            stems = found.stems if self._plurals else found.texts
        else:
            stems = [self.stem(word.text) for word in found]
        by_first = self._by_first
        if self._firsts.isdisjoint(stems):
            return
        behind = 0
        for index in [index for index, stem in enumerate(stems) if stem in by_first]:
            if index < behind and not running_on:
                continue
            for rest, label in by_first[stems[index]]:
                end = index + 1 + len(rest)
                if end <= behind:
                    break
                if not rest or tuple(stems[index + 1 : end]) == rest:
                    yield Found(label, *_span(found, index, end), index, end - 1)
                    behind = end
                    break

    def may_be_in(self, text: str) -> bool:
        """Whether a phrase's first word stands in a text: the quick question."""
        return not self._firsts.isdisjoint(words(text).stems if self._plurals else words(text).texts)


def _span(found: Sequence[Word], first: int, end: int) -> tuple[int, int]:
    """Where the words from `first` up to `end` stand."""
    if isinstance(found, Words):
        return found.span(first)[0], found.span(end - 1)[1]
    return found[first].start, found[end - 1].end

"""Finding known phrases in free text: whole words, any case, any sign between the words, longest phrase first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word in lower case and where it stands in the text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase's label and the span of text it was found at; `first` and `last` are the numbers of its words."""

    label: str
    start: int
    end: int
    first: int
    last: int


def words(text: str) -> list[Word]:
    """Runs of letters and digits; a sign between them parts them."""
    return [Word(m[0].lower(), m.start(), m.end()) for m in WORD.finditer(text)]


def singular(word: str) -> str:
    """A rough stem, good enough to match "loaders" with "loader"; words of three letters are left alone."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


class PhraseIndex:
    """Phrases by their first word. With `plurals`, "track loader" also matches "Track-Loaders"."""

    def __init__(self, phrases: Mapping[str, str] | Iterable[tuple[str, str]], *, plurals: bool = False) -> None:
        self._stem = singular if plurals else str
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for phrase, label in dict(phrases).items():
            parts = tuple(self._stem(w.text) for w in words(phrase))
            if not parts:
                raise ValueError(f"the phrase {phrase!r} for {label!r} has no word")
            self._by_first.setdefault(parts[0], []).append((parts, label))
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def at(self, found: Sequence[Word], index: int) -> Found | None:
        """The longest phrase that starts at word number `index`."""
        entries = self._by_first.get(self._stem(found[index].text))
        if entries is None:
            return None
        for parts, label in entries:
            end = index + len(parts)
            if end <= len(found) and all(
                self._stem(word.text) == part for word, part in zip(found[index + 1 : end], parts[1:], strict=True)
            ):
                return Found(label, found[index].start, found[end - 1].end, index, end - 1)
        return None

    def find(self, text: str | Sequence[Word]) -> Iterator[Found]:
        """All phrases from left to right; they do not overlap."""
        found = words(text) if isinstance(text, str) else text
        index = 0
        while index < len(found):
            hit = self.at(found, index)
            if hit is None:
                index += 1
            else:
                yield hit
                index = hit.last + 1

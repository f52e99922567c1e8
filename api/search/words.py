"""`q=` → what is looked for: words, "phrases" and -words. Pure; `ValueError` says what cannot be used."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

MOST_CHARACTERS: Final = 200
MOST_WORDS: Final = 100
SMALL_WORDS: Final = frozenset(
    {"a", "an", "and", "at", "by", "for", "from", "in", "is", "it", "of", "on", "or", "the", "to", "with"}
)
"""Words that say nothing; they are looked for only inside a phrase, or where nothing else was typed."""
_PART: Final = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')
_WORD: Final = re.compile(r"[^\W_]+")
_LETTERS: Final = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i"}
_TRANSLATED: Final = str.maketrans(_LETTERS)


@dataclass(frozen=True, slots=True)
class Search:
    """What was typed, in words as `folded` gives them: single words in their order, phrases, and what must not be
    there (phrases of one or more words)."""

    words: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...] = ()
    without: tuple[tuple[str, ...], ...] = ()


def folded(text: str) -> list[str]:
    """Words of letters and digits in lower case, without accents: "R-920 Löffel" → r, 920, loffel."""
    lowered = text.lower().translate(_TRANSLATED)
    if not lowered.isascii():
        parts = unicodedata.normalize("NFKD", lowered)
        lowered = unicodedata.normalize("NFC", "".join(sign for sign in parts if not unicodedata.combining(sign)))
    return _WORD.findall(lowered)


@lru_cache(maxsize=1024)
def parse_search(text: str) -> Search:
    """Raises `ValueError` where there is no word to look for, or too much of it."""
    if "\x00" in text:
        raise ValueError("holds a NUL character")
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"has {len(text)} characters; at most {MOST_CHARACTERS}")
    words: list[str] = []
    phrases: list[tuple[str, ...]] = []
    without: list[tuple[str, ...]] = []
    for minus, quoted, plain in _PART.findall(text):
        found = folded(quoted or plain)
        if not found:
            continue
        if minus:
            without.append(tuple(found))
        elif quoted and len(found) > 1:
            phrases.append(tuple(found))
        else:
            words += found
    if not words and not phrases:
        raise ValueError("holds no word to look for" + (" beside those to leave out" if without else ""))
    if len(words) > MOST_WORDS:
        raise ValueError(f"has {len(words)} words; at most {MOST_WORDS}")
    telling = [word for word in words if word not in SMALL_WORDS]
    return Search(tuple(telling if telling or phrases else words), tuple(phrases), tuple(without))

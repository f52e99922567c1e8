"""Word lists of the parsers: CSV files beside this package, compiled to one pattern per meaning.

A word ending in `*` also matches longer words ("betriebsstunde*"). Words of scripts without word breaks
(Chinese, Japanese, Thai, Korean) match anywhere; all others only as whole words.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

DATA: Final = Path(__file__).parent / "data"
_UNBROKEN: Final = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SPACE: Final = re.compile(r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")


def rows(name: str, folder: Path = DATA) -> Iterator[dict[str, str]]:
    """The rows of a data file by column name. Empty lines are skipped."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def fold(text: str, max_chars: int = 4000) -> str:
    """Text for comparing: compatibility forms, one kind of space, case folded, cut at `max_chars`."""
    text = unicodedata.normalize("NFKC", text[:max_chars])
    return _SPACE.sub(" ", text).strip().casefold()


def one_space(text: str, max_chars: int = 4000) -> str:
    """As `fold`, but with its case."""
    text = unicodedata.normalize("NFKC", text[:max_chars])
    return _SPACE.sub(" ", text).strip()


def word_pattern(words: Iterable[str]) -> re.Pattern[str]:
    """One pattern that finds any of the words in folded text, the longest first. Without words it finds nothing."""
    parts = [_word(w) for w in sorted(set(words), key=lambda w: (-len(w), w)) if w]
    return re.compile("|".join(parts) if parts else r"(?!)")


def _word(word: str) -> str:
    folded = fold(word)
    stem = folded.removesuffix("*")
    body = re.escape(stem).replace(r"\ ", r"[ -]?" if "-" in folded else " ")
    if _UNBROKEN.search(stem):
        return body
    before = r"(?<!\w)" if stem[:1].isalnum() else ""
    if folded.endswith("*"):
        return before + body + r"\w{0,20}"
    return before + body + (r"(?!\w)" if stem[-1:].isalnum() else "")


@cache
def patterns(name: str, key: str = "value") -> dict[str, re.Pattern[str]]:
    """Meaning (column `key`) → pattern over the column `word`, in the order of the file."""
    found: dict[str, list[str]] = {}
    for row in rows(name):
        found.setdefault(row[key], []).append(row["word"])
    return {meaning: word_pattern(words) for meaning, words in found.items()}

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
UNBROKEN: Final = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SPACE: Final = re.compile(r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")


def rows(name: str, folder: Path = DATA) -> Iterator[dict[str, str]]:
    """The rows of a data file by column name. Empty lines are skipped."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def fold(text: str, max_chars: int = 4000) -> str:
    """Text for comparing: compatibility forms, one kind of space, case folded, cut at `max_chars`."""
    text = text[:max_chars]
    if text.isascii():
        return " ".join(text.split()).lower()
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()


def one_space(text: str, max_chars: int = 4000) -> str:
    """As `fold`, but with its case."""
    text = text[:max_chars]
    if text.isascii():
        return " ".join(text.split())
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip()


def word_pattern(words: Iterable[str]) -> re.Pattern[str]:
    """One pattern that finds any of the words in folded text, the longest first. Without words it finds nothing."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for word in {fold(w) for w in words} - {""}:
        kinds.setdefault(_edges(word), []).append(word.removesuffix("*"))
    parts = [before + branches(stems) + after for (before, after), stems in sorted(kinds.items())]
    return re.compile("|".join(parts) if parts else r"(?!)")


def _edges(word: str) -> tuple[str, str]:
    """What must stand before and behind a word."""
    stem = word.removesuffix("*")
    if UNBROKEN.search(stem):
        return "", ""
    before = r"(?<!\w)" if stem[:1].isalnum() else ""
    if word.endswith("*"):
        return before, r"\w{0,20}"
    return before, r"(?!\w)" if stem[-1:].isalnum() else ""


def branches(stems: list[str]) -> str:
    """Alternatives as a tree by their first signs, which fails at the first sign that fits none: 10 times faster."""
    by_sign: dict[str, list[str]] = {}
    for stem in stems:
        by_sign.setdefault(stem[:1], []).append(stem[1:])
    parts = [_sign(sign) + branches(rest) for sign, rest in sorted(by_sign.items()) if sign]
    if not parts:
        return ""
    optional = "?" if "" in by_sign else ""
    return f"(?:{'|'.join(parts)}){optional}" if len(parts) > 1 or optional else parts[0]


def _sign(sign: str) -> str:
    return "[ -]?" if sign == "-" else re.escape(sign)


@cache
def patterns(name: str, key: str = "value") -> dict[str, re.Pattern[str]]:
    """Meaning (column `key`) → pattern over the column `word`, in the order of the file."""
    found: dict[str, list[str]] = {}
    for row in rows(name):
        found.setdefault(row[key], []).append(row["word"])
    return {meaning: word_pattern(words) for meaning, words in found.items()}

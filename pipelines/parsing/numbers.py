"""Numbers as people write them: 1,600.00 · 1.600,00 · 1 600 · 1'600.- · 1,60,000 · ١٬٦٠٠.

One separator followed by exactly three digits is read as a thousands separator ("5.239" is 5239, "0.500" is not),
unless the caller knows the decimal sign. What is no number in any convention (dates, versions) is `None`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_DIGIT: Final = re.compile(r"\d")
_TOKEN: Final = re.compile(r"\d+(?:[.,'’`´·٬٫][  ]?\d+|[  ]\d{3}(?!\d))*")
_SEPARATOR: Final = re.compile(r"[^\d]+")
_THOUSANDS_ONLY: Final = frozenset("'’`´ ٬")
MAX_DIGITS: Final = 18


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text and where it stood (offsets into the text given to `find_numbers`)."""

    value: Decimal
    start: int
    end: int


def ascii_digits(text: str) -> str:
    """Arabic, Persian, Devanagari, full-width … digits as 0–9; the length stays the same."""
    if text.isascii():
        return text
    return _DIGIT.sub(lambda m: str(unicodedata.decimal(m[0])), text)


def has_digit(text: str) -> bool:
    """Whether any digit stands in a text, a raised one included."""
    return _DIGIT.search(text) is not None or (not text.isascii() and any(map(str.isdigit, text)))


def find_numbers(text: str, *, decimal: str | None = None, limit: int = 50) -> list[Number]:
    """The first `limit` numbers of the text, in order. `decimal` is the decimal sign where the caller knows it."""
    found: list[Number] = []
    for match in _TOKEN.finditer(ascii_digits(text)):
        for start, end in _spaced(match[0]):
            value = _value(match[0][start:end], decimal)
            if value is not None:
                found.append(Number(value, match.start() + start, match.start() + end))
        if len(found) >= limit:
            break
    return found


def parse_number(text: str, *, decimal: str | None = None) -> Decimal | None:
    """The first number of the text."""
    found = find_numbers(text[:4000], decimal=decimal, limit=1)
    return found[0].value if found else None


def _spaced(token: str) -> list[tuple[int, int]]:
    """Cut a token where a space cannot be a thousands separator: "320 160" stays, "2019 160" are two numbers."""
    if " " not in token:
        return [(0, len(token))]
    pieces: list[tuple[int, int]] = []
    start = 0
    for position, sign in enumerate(token):
        if sign != " ":
            continue
        head = token[start:position]
        groups = head.split(" ")
        if token[position - 1] in ".,'’`´·٬٫":  # "1, 500": a list, not a number
            pieces.append((start, position - 1))
            start = position + 1
        elif not (len(groups[0]) <= 3 and head.replace(" ", "").isdigit()):
            pieces.append((start, position))
            start = position + 1
    pieces.append((start, len(token)))
    return pieces


def _value(token: str, decimal: str | None) -> Decimal | None:
    groups = _SEPARATOR.split(token)
    signs = [s.strip() or " " for s in _SEPARATOR.findall(token)]
    if sum(map(len, groups)) > MAX_DIGITS:
        return None
    if not signs:
        return Decimal(groups[0])
    fraction = _has_fraction(groups, signs, decimal)
    if fraction is None:
        return None
    whole = groups[:-1] if fraction else groups
    if len(whole) > 1 and not _grouped(whole):
        return None
    return Decimal("".join(whole) + ("." + groups[-1] if fraction else ""))


def _has_fraction(groups: list[str], signs: list[str], decimal: str | None) -> bool | None:
    """Whether the last group is a fraction; `None` for what is no number."""
    last, kinds = signs[-1], len(set(signs))
    if kinds > 2 or (kinds == 2 and (last in signs[:-1] or last in _THOUSANDS_ONLY)):
        return None
    if kinds == 2:
        return True
    if last in _THOUSANDS_ONLY:
        return False
    if last == "٫":
        return True if len(signs) == 1 else None
    if len(signs) > 1:
        return False
    if decimal is not None:
        return last == decimal or len(groups[1]) != 3
    return len(groups[1]) != 3 or len(groups[0]) > 3 or groups[0].startswith("0")


def _grouped(groups: list[str]) -> bool:
    """1–3 digits, then threes; or the Indian way (1,60,000): twos, then a last three."""
    if not 1 <= len(groups[0]) <= 3 or len(groups[-1]) != 3:
        return False
    middle = groups[1:-1]
    return all(len(g) == 3 for g in middle) or (len(groups[0]) <= 2 and all(len(g) == 2 for g in middle))

"""Ratings on a scale of five, and how many gave them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from pipelines.parsing.lexicon import fold
from pipelines.parsing.numbers import ascii_digits, find_numbers

_OUT_OF: Final = re.compile(r"(?:/|out of|von|sur|de|su|van|av|af|z|ze|из|/ ?)\s?(\d{1,3})(?!\d)")


def parse_rating(text: str | int | float | None, *, best: str | int | float | None = None) -> float | None:
    """A rating as 0–5 stars: "4.5 out of 5", "4,5/5", "90%" or 9 with `best=10` → 4.5. Out of range is `None`."""
    if text is None or isinstance(text, bool):
        return None
    folded = ascii_digits(fold(str(text), 200))
    numbers = find_numbers(folded, limit=3, decimal="." if "." in folded else ",")
    if not numbers:
        return None
    value, end = numbers[0].value, numbers[0].end
    scale = _scale(best)
    if scale is None:
        out_of = _OUT_OF.search(folded, end, end + 20)
        scale = Decimal(100) if folded[end : end + 2].lstrip().startswith("%") else Decimal(out_of[1] if out_of else 5)
    if scale <= 0 or value > scale or folded[: numbers[0].start].endswith("-"):
        return None
    return round(float(value * 5 / scale), 2)


def parse_count(text: str | int | float | None) -> int | None:
    """A count: "(1,234 reviews)", "1.234 Bewertungen", "1.2k" → 1200."""
    if text is None or isinstance(text, bool):
        return None
    folded = ascii_digits(fold(str(text), 200))
    numbers = find_numbers(folded, limit=1)
    if not numbers or folded[: numbers[0].start].endswith("-"):
        return None
    thousands = folded[numbers[0].end : numbers[0].end + 2].lstrip().startswith("k")
    value = numbers[0].value * 1000 if thousands else numbers[0].value
    return int(value) if value == int(value) else None


def _scale(best: str | int | float | None) -> Decimal | None:
    if best is None or isinstance(best, bool):
        return None
    numbers = find_numbers(str(best)[:40], limit=1, decimal=".")
    return numbers[0].value if numbers else None

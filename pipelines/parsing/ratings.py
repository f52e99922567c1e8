"""Ratings on a scale of five, and how many gave them."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import Final

from pipelines.parsing.lexicon import fold, patterns
from pipelines.parsing.numbers import Number, ascii_digits, find_numbers

_OUT_OF: Final = re.compile(
    r"\s{0,2}(?:/|out of|von|sur|de cada|de|su|van de|van|of|av|af|z|ze|из|on)\s?(\d{1,3}(?:[.,]0)?)(?![\d.,]\d)"
)
_STARS: Final = re.compile(r"[★⭐✭✮☆½⯨⯪]{3,10}")
_RATED: Final = re.compile(
    r"(?=[0-5])(?<![\d.,])([0-5](?:[.,]\d{1,2})?)\s{0,2}"
    r"(?:((?:/|out of|von|sur|de un total de|de cada|de|su|van de|van|of|av|af|z|ze|из|üzerinden)\s?"
    r"5(?:[.,]0)?(?![\d.,]\d|\d|\s?%))"
    r"|(?:★|⭐|stars?\b|sternen?\b|étoiles?\b|estrellas?\b|stelle\b|sterren\b|gwiazd\w*|hvězd\w*|звезд\w*|stjärnor\b|"
    r"stjerner\b|estrelas?\b|yıldız\b|つ星))",
    re.IGNORECASE,
)
_SPOKEN: Final = re.compile(
    r"[0-5](?:[.,]\d{1,2})?\s{0,2}(?:/\s?5|(?:out|von|sur|de|su|van|of|av|af|ze?|из|üzerinden)\s|[★⭐つ]|[Ss]t[aej]|[Éé]t|[Ee]st|"
    r"[Gg]wi|[Hh]v|[Зз]в|[Yy]ı)"
)
"""A quick look whether a text may hold a rating, its first sign a digit."""
_END: Final = re.compile(r"[.!?\n](?=\s|$)")
_MAX_TEXT: Final = 3000
_BEHIND: Final = 60
_HALF: Final = re.compile(r"(\d)\s?½")
_GROUPED: Final = re.compile(r"\(\d{1,3}[.,]\d{3}\)")
_K: Final = re.compile(r"\s?(?:k\b|tsd\b)")


def parse_rating(text: str | int | float | None, *, best: str | int | float | None = None) -> float | None:
    """A rating as up to 5 stars: "4.5 out of 5", "4,5/5", "★★★★☆", "90%" or 9 with `best=10` → 4.5.

    Out of range is `None`, and so is nought: no star stands for no rating, since scales begin at one.
    """
    if text is None or isinstance(text, bool):
        return None
    raw = str(text)[:200]
    if stars := _STARS.search(raw):
        return _of_signs(stars[0])
    folded = ascii_digits(fold(_HALF.sub(r"\1.5", raw), 200))
    numbers = find_numbers(folded, limit=4, decimal="." if "." in folded else ",")
    numbers = [n for n in numbers if _OUT_OF.match(folded, n.end) or not _is_count(folded, n)]
    if not numbers:
        return None
    number = next((n for n in numbers if _OUT_OF.match(folded, n.end)), numbers[0])
    scale = _scale(best)
    if scale is None:
        out_of = _OUT_OF.match(folded, number.end)
        percent = folded[number.end : number.end + 2].lstrip().startswith("%")
        scale = Decimal(100) if percent else Decimal(out_of[1].replace(",", ".")) if out_of else Decimal(5)
    if scale <= 0 or not 0 < number.value <= scale or folded[: number.start].endswith("-"):
        return None
    return round(float(number.value * 5 / scale), 2)


def parse_count(text: str | int | float | None) -> int | None:
    """A count: "(1,234 reviews)", "1.234 Bewertungen", "1.2k" → 1200; beside a rating the other number is meant.

    "4,7 von 5 Sternen (132 Bewertungen)" is 132, "4.5 out of 5" counts nothing.
    """
    if text is None or isinstance(text, bool):
        return None
    folded = ascii_digits(fold(_HALF.sub(r"\1.5", _STARS.sub(" ", str(text)[:200])), 200))
    numbers = find_numbers(folded, limit=6)
    scales = {match.start(1) for n in numbers if (match := _OUT_OF.match(folded, n.end))}
    counts = [
        n for n in numbers if n.start not in scales and not _OUT_OF.match(folded, n.end) and not _is_share(folded, n)
    ]
    named = [n for n in counts if _is_count(folded, n)]
    bracketed = [n for n in counts if folded[: n.start].endswith("(")] if len(numbers) > 1 else []
    number = next(iter([*named, *bracketed, *counts]), None)
    if number is None or folded[: number.start].endswith("-"):
        return None
    value = number.value * 1000 if _K.match(folded, number.end) else number.value
    return int(value) if value == int(value) else None


def rating_in_text(text: str | None) -> tuple[float | None, int | None]:
    """A rating out of five and the count of reviews that a description states: "4.8/5 from 312 reviews" → (4.8, 312).

    "5 stars" alone is praise, not a rating: a whole number needs its scale or a count beside it.
    """
    said = None if text is None else text[:_MAX_TEXT]
    if not said or not _SPOKEN.search(said):
        return None, None
    for match in _RATED.finditer(said):
        around = said[match.start() : match.end() + _BEHIND]
        behind = _END.split(around[len(match[0]) :], maxsplit=1)[0]
        count = parse_count(f"{match[0]} {behind}") if _reviews().search(fold(behind)) else None
        rating = parse_rating(match[0])
        scaled = match[2] is not None and not match[2].startswith("/")  # "3/5 meat" is a share
        if rating is not None and (count is not None or scaled or not match[1].isdigit()):
            return rating, count
    return None, None


def _is_count(folded: str, number: Number) -> bool:
    """Whether reviews are counted: "132 Bewertungen", "(1,234)"."""
    return (
        _reviews().match(folded[number.end : number.end + 30].lstrip(" k)")) is not None
        or _GROUPED.fullmatch(folded[number.start - 1 : number.end + 1]) is not None
    )


def _is_share(folded: str, number: Number) -> bool:
    """Whether a number is a percentage or stars."""
    return folded[number.end : number.end + 2].lstrip().startswith(("%", "★", "½"))


def _of_signs(stars: str) -> float | None:
    """Full, half and empty stars; None where they are no scale of five."""
    full, half = sum(stars.count(sign) for sign in "★⭐"), sum(stars.count(sign) for sign in "½⯨⯪✮✭")
    return full + half / 2 or None if len(stars) == 5 or (len(stars) < 5 and not stars.count("☆")) else None


@cache
def _reviews() -> re.Pattern[str]:
    return patterns("rating_words.csv")["reviews"]


def _scale(best: str | int | float | None) -> Decimal | None:
    if best is None or isinstance(best, bool):
        return None
    numbers = find_numbers(str(best)[:40], limit=1, decimal=".")
    return numbers[0].value if numbers else None

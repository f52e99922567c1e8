"""Names of values that engines make anew for every answer, and the form of such a value.

Facts: data/noise_names.csv.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, Literal

from pipelines.parsing.lexicon import rows

Form = Literal["token", "time", "elapsed", "meta"]
"""`meta` stands for a time, in whatever form, that is noise in a meta element only."""

DATA: Final = Path(__file__).parent / "data"
LONGEST: Final = 60

_FORMS: Final[dict[str, bytes]] = {
    "token": rb"[A-Za-z0-9+/=_.:|%~-]{8,}",
    "time": rb"[0-9]{9,19}|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{5,18}(?:Z| ?[+-][0-9:]{4,5})?",
    "elapsed": rb"[0-9]{1,9}(?:\.[0-9]{1,20})?",
}
_WORDS: Final = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])")
_MOMENT: Final = re.compile(rb"(?=.{0,40}\d:\d\d)[\w ,.:+/-]{10,40}")
"""A time of day with its date, in words: "22nd Nov 2026 04:28"."""


@lru_cache(maxsize=4096)
def form_of(name: bytes) -> Form | None:
    """What values of that name look like: "token" for csrfToken, X-CSRF-Token and _csrf_token; `None` for no noise."""
    if not 2 < len(name) <= LONGEST:
        return None
    snake = "_".join(_WORDS.findall(name.decode("latin-1"))).lower()
    whole, ends = _names()
    if form := whole.get(snake):
        return form
    return next((form for end, form in ends.items() if snake == end or snake.endswith("_" + end)), None)


def has_form(value: bytes) -> bool:
    """Whether the value of an element is a token, a moment or a duration: nothing that is meant for readers."""
    return _any_form().fullmatch(value) is not None or _MOMENT.fullmatch(value) is not None


@cache
def value_behind(form: Form) -> re.Pattern[bytes]:
    """A value in quotes, for numbers also without; group 2 or 3 is the value."""
    value = _FORMS.get(form, rb"(?!)")
    bare = rb"" if form == "token" else rb"|(%b)(?=\s{0,5}[,;}\n])" % value
    return re.compile(rb"""(\\?["']|&quot;)(%b)(?=\1)%b""" % (value, bare))


def letters_in(lower: bytes) -> list[bytes]:
    """Of the few letters that each such name has, those which a text in lower case holds: most are in no page."""
    return [letters for letters in _letters() if letters in lower]


@cache
def _letters() -> list[bytes]:
    return sorted({row["letters"].encode() for row in rows("noise_names.csv", DATA)} - {b""})


@cache
def _any_form() -> re.Pattern[bytes]:
    return re.compile(b"|".join(_FORMS.values()))


@cache
def _names() -> tuple[dict[str, Form], dict[str, Form]]:
    """Names that are noise as they are, and those that are also when more words stand before them."""
    whole: dict[str, Form] = {}
    ends: dict[str, Form] = {}
    for row in rows("noise_names.csv", DATA):
        form: Form = row["form"]  # type: ignore[assignment]
        (whole if row["whole"] else ends)[row["name"]] = form
    return whole, ends

"""The year a machine was built."""

from __future__ import annotations

import re
from datetime import date
from functools import cache, lru_cache
from typing import Final

from pipelines.parsing.lexicon import fold, patterns
from pipelines.parsing.numbers import ascii_digits

OLDEST: Final = 1950
_YEAR: Final = re.compile(r"(?<![\w.,$€£-])(?<!\d[. -])((?:19|20)\d\d)(?![\w%$€£]|[.,]\d|-\d{3}| ?(?:€|\$|£))")
_IN_CELL: Final = re.compile(r"(?<!\d)(?<!\d[.,])((?:19|20)\d\d)(?!\d|[.,]\d)")
_UNIT: Final = re.compile(
    r" ?(?:h|hr|hrs|hours?|std|bh|kg|lbs?|mm|cm|m|ft|km|t|hp|ps|kw|cc|l|psi|rpm|usd|eur|gbp|chf|series|pcs|watts?)\b"
)


def parse_year(text: str | int | float | None, *, today: date) -> int | None:
    """The year of a year field: "2015", "03/2015", "2015-03", "Baujahr 2015 (EZ 2016)" → the first.

    Between `OLDEST` and the year after `today`'s, else `None`.
    """
    if text is None or isinstance(text, bool):
        return None
    return _year_in_cell(str(text)[:200], today)


@lru_cache(maxsize=2048)
def _year_in_cell(text: str, today: date) -> int | None:
    for match in _IN_CELL.finditer(ascii_digits(fold(text, 200))):
        if _possible(int(match[1]), today):
            return int(match[1])
    return None


def find_year(free_text: str | None, *, today: date) -> int | None:
    """The year in a title or prose: one with a label ("Bj. 2015"), else one that starts the text, else the only one."""
    if not free_text:
        return None
    folded = ascii_digits(fold(free_text, 20_000))
    found = [m for m in _YEAR.finditer(folded) if _possible(int(m[1]), today)]
    for kind in ("label", "registered"):
        for match in found:
            before = folded[max(0, match.start() - 24) : match.start()].rstrip(" :.-(")
            if any(m.end() >= len(before) for m in _words(kind).finditer(before)):
                return int(match[1])
    found = [m for m in found if not _UNIT.match(folded, m.end())]
    if found and found[0].start() <= 1:
        return int(found[0][1])
    years = {int(m[1]) for m in found}
    return years.pop() if len(years) == 1 else None


def _possible(year: int, today: date) -> bool:
    return OLDEST <= year <= today.year + 1


@cache
def _words(kind: str) -> re.Pattern[str]:
    return patterns("year_words.csv")[kind]

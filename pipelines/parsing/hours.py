"""A machine's working hours from a value cell or from free text."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

from pipelines.parsing.lexicon import fold, patterns, rows
from pipelines.parsing.numbers import ascii_digits, find_numbers, has_digit
from pipelines.parsing.word_starts import may_hold, starts_of, word_starts

_CLAUSE: Final = re.compile(
    r"[;!?|•·]|,(?=\s)|\.(?=\s)(?<!ca\.)(?<!std\.)(?<!hrs\.)(?<!approx\.)(?<!env\.)(?<!aprox\.)(?<!ok\.)(?<!\bh\.)"
    r"|\s(?:and|und|et|y|oraz|i|e|but|aber|mais|pero|maar)\s"
)
"""Where one statement ends and the next begins."""
MAX_HOURS: Final = 150_000
"""More than any machine has run (17 years day and night): a typing error or another quantity."""
_ABBREVIATED: Final = re.compile(r"(\.)(?<=[Ss]td\.|[Bb]st\.|[Hh]rs\.)(?=\s[^\W\d_a-zß-ÿ])")
"""The point of "8.000 Std. TÜV neu" ends a sentence as well, by the capital behind it."""
HOURS_OF_A_DAY: Final = 24
_FROM: Final = re.compile(r"\d ?(?:h|uhr)? ?(?:[-–]|to|till|until|bis|à|a|al|alle|às|tot|do|до) ?$")
"""What stands before the later of two opening times: "8 to 17 h"."""
_LABEL_GAP: Final = re.compile(r"[ :.\-–(#=]{0,4}(?:approx\.?|ca\.?|circa|env\.?|~)?[ :.]{0,2}$")
_THOUSANDS: Final = re.compile(
    r" ?(?:千|(?:k|thousand|tausend|тыс\.?|тис\.?|tys\.?|tis\.|tisíc|tusen|tuhatta|duizend|mille|mil|mila|mii|bin)"
    r"(?![^\W\d_]))"
)
"""A word for a thousand behind a number."""


def parse_hours(text: str | int | float | None) -> int | None:
    """Whole hours from the value of an hours field: "5,239 hrs", "5.239 Bh", "Betriebsstunden: 5 239 h", "5239".

    Kilometres, miles and numbers above `MAX_HOURS` are not hours.
    """
    if text is None or isinstance(text, bool):
        return None
    return _hours_in_cell(str(text))


@lru_cache(maxsize=2048)
def _hours_in_cell(text: str) -> int | None:
    folded = ascii_digits(fold(text, 200))
    if _words()["speed"].search(folded):
        return find_hours(folded)
    numbers = find_numbers(folded, limit=5)
    if not numbers:
        return None
    with_unit = [n for n in numbers if _words()["unit"].match(folded, _after(folded, n.end))]
    number = (with_unit or numbers)[0]
    if not with_unit and _words()["distance"].match(folded, _after(folded, number.end)):
        return None
    return _checked(folded, number.value, number.start, number.end)


def find_hours(free_text: str | None) -> int | None:
    """Hours said anywhere in prose: a number with an hours unit, or one behind an hours label.

    Service intervals, delivery and opening times are left out, and what was done at a reading ("rebuilt at 9,000 h");
    among several the one that is said of the meter counts ("on the clock"). Two different answers are no answer.
    """
    if (
        not free_text
        or not has_digit(free_text)
        or not may_hold(word_starts(fold(free_text, 20_000)), _starts("unit", "label"))
    ):
        return None
    folded = ascii_digits(fold(_ABBREVIATED.sub(r"\1 ;", free_text[:20_000]), 21_000))
    found: dict[int, int] = {}
    for number in find_numbers(folded, limit=400):
        if not _is_meter_reading(folded, number.start, number.end):
            continue
        hours = _checked(folded, number.value, number.start, number.end)
        if (
            hours is not None
            and hours <= HOURS_OF_A_DAY
            and _FROM.search(folded, max(0, number.start - 16), number.start)
        ):
            continue
        standing = _standing(folded, number.start, number.end)
        if hours is not None and standing > 0:
            found[hours] = max(standing, found.get(hours, 0))
    likely = {h for h in found if h >= 100} or set(found)
    best = max((found[h] for h in likely), default=0)
    surest = [h for h in likely if found[h] == best]
    return surest[0] if len(surest) == 1 else None


def _standing(folded: str, start: int, end: int) -> int:
    """How surely an amount of hours is what the meter shows, by the other words of its clause; 0 and less is not."""
    words = _words()
    first = max((m.end() for m in _CLAUSE.finditer(folded, max(0, start - 120), start)), default=max(0, start - 120))
    last = _CLAUSE.search(folded, end, end + 80)
    before, after = folded[first:start], folded[end : last.start() if last else end + 80]
    points = 1
    if words["meter"].search(before) or words["meter"].search(after):
        points += 1
    if words["event"].search(before) or words["event"].search(after):
        points -= 3
    at = before.rstrip(" (~").removesuffix("ca.").removesuffix("ca").rstrip()
    if any(m.end() == len(at) for m in words["at"].finditer(at)):
        points -= 1
    return points


def _is_meter_reading(folded: str, start: int, end: int) -> bool:
    words = _words()
    before = folded[max(0, start - 30) : start]
    after_at = _after(folded, end)
    unit = words["unit"].match(folded, after_at)
    if not unit and (
        not _ends_in_label(before) or words["distance"].match(folded, after_at) or folded[end : end + 2].strip() == "%"
    ):
        return False
    if unit and unit[0] in {"h", "std", "hs"} and before.rstrip().endswith(("/", "l")):
        return False
    tail = folded[unit.end() if unit else end :][:24].lstrip(" .,-")
    if words["other_after"].match(tail) or folded[end : end + 1] == "/":
        return False
    return not any(m.end() >= len(before.rstrip(" :(~")) for m in words["other_before"].finditer(before))


def _ends_in_label(before: str) -> bool:
    if not may_hold(word_starts(before), _starts("label")):
        return False
    gap = _LABEL_GAP.search(before)
    label_end = gap.start() if gap else len(before)
    return any(m.end() == label_end for m in _words()["label"].finditer(before))


def _checked(folded: str, value: object, start: int, end: int) -> int | None:
    before = folded[max(0, start - 2) : start]
    if before.endswith(("-", "−")) and not before[:-1].strip():
        return None
    hours = int(value)  # type: ignore[call-overload]
    if _THOUSANDS.match(folded, end):
        hours = int(value * 1000)  # type: ignore[operator]
    return hours if 0 <= hours <= MAX_HOURS else None


def _after(folded: str, end: int) -> int:
    thousands = _THOUSANDS.match(folded, end)
    end = thousands.end() if thousands else end
    if folded[end : end + 1] == "+":
        end += 1
    while folded[end : end + 1] in {" ", "-"}:
        end += 1
    return end


@cache
def _words() -> dict[str, re.Pattern[str]]:
    return patterns("hours_words.csv")


@cache
def _starts(*meanings: str) -> frozenset[str]:
    """How the words of these meanings start; a unit or a label stands beside every reading of the meter."""
    return starts_of(row["word"] for row in rows("hours_words.csv") if row["value"] in meanings)

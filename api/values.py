"""Texts of a query (and JSON values of a cursor) → values of a column's kind. Pure; `ValueError` says what is wrong."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from api.columns import ApiColumn
from api.problems import suggest
from inventory.taxonomy.categories import CATEGORIES

MONEY_LIMIT: Final = Decimal(10) ** 12
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LOST_PLUS = re.compile(r"(:[0-9.]+) ([0-9]{2}:?[0-9]{2})$")
_ITEM = re.compile(r""" *(?:"((?:[^"]|"")*)" *|((?!")[^,]*))(,|\Z)""")
_TRUE: Final = frozenset({"true", "1", "yes"})
_FALSE: Final = frozenset({"false", "0", "no"})


class UnknownWord(ValueError):
    """A value outside a closed vocabulary."""

    def __init__(self, message: str, did_you_mean: str | None) -> None:
        super().__init__(message)
        self.did_you_mean = did_you_mean


def split_list(text: str) -> list[str]:
    """`a,b` → [a, b]; double quotes keep a comma: `"Smith, Sons",b`. Raises `ValueError` for a quote left open."""
    found: list[str] = []
    position = 0
    while item := _ITEM.match(text, position):
        quoted, plain, end = item.groups()
        found.append(plain.strip(" ") if quoted is None else quoted.replace('""', '"'))
        position = item.end()
        if not end:
            return found
    raise ValueError('a value that begins with " must end with one; write "" for a quote in it')


def parse_value(column: ApiColumn, text: str) -> Any:
    """One value to compare the column with: int, float, Decimal, bool, str, aware datetime or (a whole day) date.

    Raises `ValueError`, or `UnknownWord` for a word that a closed vocabulary does not have.
    """
    if not text:
        raise ValueError(f"is empty; {column.name}__isnull=true asks for unknown values")
    if "\x00" in text:
        raise ValueError("holds a NUL character")
    match column.kind:
        case "integer":
            return _integer(column, text)
        case "float":
            return _float(text)
        case "money":
            return _money(text)
        case "time":
            return _time(text)
        case "boolean":
            return parse_boolean(text)
        case "word":
            return _word(text, column.words)
        case "category":
            return _word(text, CATEGORIES)
    return text


def parse_boolean(text: str) -> bool:
    """true or false (1 or 0). Raises `ValueError`."""
    lowered = text.lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise ValueError(f"{text!r} is not true or false")


def is_day(value: Any) -> bool:
    """Whether a parsed time is a whole day."""
    return isinstance(value, date) and not isinstance(value, datetime)


def next_day(day: date) -> datetime:
    """The first moment after `day` (UTC)."""
    return first_moment(day) + timedelta(days=1)


def first_moment(day: date) -> datetime:
    """The first moment of `day` (UTC)."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def from_cursor(column: ApiColumn, value: Any) -> Any:
    """A value that `to_cursor` wrote. Raises `ValueError` for anything else."""
    if value is None:
        if not column.nullable:
            raise ValueError(f"{column.name} is never null")
        return None
    if column.kind in ("text", "word", "category") and isinstance(value, str) and "\x00" not in value:
        return value
    if column.kind == "boolean" and isinstance(value, bool):
        return value
    if column.kind == "time" and isinstance(value, str):
        return _moment(value)
    if column.ordered and isinstance(value, int | float) and not isinstance(value, bool):
        return parse_value(column, repr(value))
    raise ValueError(f"{column.name} cannot be {value!r}")


def _integer(column: ApiColumn, text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError(f"{text!r} is not a whole number")
    value = int(text)
    if abs(value) > column.largest:
        raise ValueError(f"{text!r} is outside of ±{column.largest}")
    return value


def _float(text: str) -> float:
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(value):
        raise ValueError(f"{text!r} is not a number")
    return value


def _money(text: str) -> Decimal:
    try:
        value = Decimal(text) if _NUMBER.fullmatch(text) else None
    except InvalidOperation:
        value = None
    if value is None:
        raise ValueError(f"{text!r} is not an amount; write it with a decimal point and no separators, as 49999.50")
    if abs(value) >= MONEY_LIMIT:
        raise ValueError(f"{text!r} is outside of ±{MONEY_LIMIT}")
    return value


def _time(text: str) -> datetime | date:
    if _DATE.fullmatch(text):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{text!r} is not a day of the calendar") from None
        if day == date.max:
            raise ValueError(f"{text!r} has no day after it")
        return day
    # A + that was not percent-encoded arrives as a space.
    return _moment(_LOST_PLUS.sub(r"\1+\2", text))


def _moment(text: str) -> datetime:
    try:
        value = datetime.fromisoformat(text)
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a day (2026-01-31) or a time (2026-01-31T14:00:00Z)") from None


def _word(text: str, words: Any) -> str:
    if text in words:
        return text
    shown = f"; one of {', '.join(words)}" if len(words) <= 12 else ""
    raise UnknownWord(f"{text!r} is not known{shown}", suggest(text, words))

"""Whether a text can be the value of a field: what a label seems to say is believed only then."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from pipelines.parsing.availability import parse_availability
from pipelines.parsing.condition import parse_condition
from pipelines.parsing.hours import parse_hours
from pipelines.parsing.identifiers import normal_gtin, plausible_serial
from pipelines.parsing.money import parse_money
from pipelines.parsing.years import parse_year
from pipelines.wording.labels import label_fields

_CODE: Final = re.compile(r"^(?=.{2,40}$)(?=[^\d]*\d|[A-Z0-9][A-Z0-9 ._/-]*$)[\w][\w ./+#:-]*$")
_SPELLED: Final = re.compile(r"(?=.{4,30}$)[a-z]+(?:[-_][a-z]+)+")
_CODE_START: Final = re.compile(r"^[#№\s]*([\w][\w./+-]{1,39})(?=$|[\s,;)(])")
_NO_VALUE: Final = re.compile(
    r"^(?:n/?a|none|null|undefined|-+|–|—|\?+|tbd|tba|unknown|not specified|other|\$\w+|\{.*)$", re.IGNORECASE
)
_REMARK: Final = re.compile(r"\s+[/|–-]\s+|[,;(]")
_SERIAL_NAME: Final = re.compile(r"^(?:s/?n|vin|pin|fin|nr|no|n[°º])[\s.:#]+|^#\s*", re.IGNORECASE)
_LOWER_WORD: Final = re.compile(r"(?<!\w)[a-zà-ž]{3,}(?!\w)")
_IN_BRACKETS: Final = re.compile(r"(?<=\w)\s*\([^()\d]{1,30}\)$")
_COUNT_BEHIND: Final = re.compile(r"\(\d+\)$")


def accepted(field: str, value: str) -> str | None:
    """The value as it should stand in `raw`, or `None` where it cannot be this field's."""
    value = value.strip(" :：\t")
    if not value or _NO_VALUE.match(value):
        return None
    check = _CHECKS.get(field)
    return check(value) if check else value


def _year(value: str) -> str | None:
    return value if len(value) <= 60 and parse_year(value, today=datetime.now(UTC).date()) else None


def _hours(value: str) -> str | None:
    return value if len(value) <= 90 and parse_hours(value) is not None else None


def _serial(value: str) -> str | None:
    """The number alone: without its name before it, a second number or a remark behind it."""
    first = _SERIAL_NAME.sub("", _REMARK.split(value)[0].strip(" *'\""))
    if plausible_serial(first) and not _LOWER_WORD.search(first):
        return first
    return next((t for t in first.split(" ") if sum(map(str.isdigit, t)) >= 3 and plausible_serial(t)), None)


def _gtin(value: str) -> str | None:
    first = value.split(",")[0].strip()
    return first if normal_gtin(first) or normal_gtin(first.split(" ")[0]) else None


def spelled_code(value: str) -> str | None:
    """A code without a digit, which only a label that can mean nothing else makes one: "SKU: woo-beanie"."""
    return value if _SPELLED.fullmatch(value) else None


def _code(value: str) -> str | None:
    """An identifier: short, of signs that codes are made of, and not an ordinary word."""
    if len(value) <= 30 and _CODE.match(value) and not label_fields(value):
        return value.lstrip("#№ ").strip()
    start = _CODE_START.match(value)
    if start and len(value) <= 80 and any(map(str.isdigit, start[1])):
        return start[1].rstrip(".")
    return None


def _name(value: str) -> str | None:
    if len(value) > 60 or label_fields(value) or _COUNT_BEHIND.search(value):
        return None
    return value if any(map(str.isalpha, value)) else None


def _make(value: str) -> str | None:
    """A maker; "Caterpillar (CAT)" without what stands in brackets."""
    return _name(_IN_BRACKETS.sub("", value)) if value else None


def _model(value: str) -> str | None:
    return value if len(value) <= 60 and not _COUNT_BEHIND.search(value) and not label_fields(value) else None


def _price(value: str) -> str | None:
    money = parse_money(value[:200])
    return value[:200] if money.amount is not None or money.price_status == "on_request" else None


def _stock(value: str) -> str | None:
    return value if len(value) <= 120 and parse_availability(value) else None


def _condition(value: str) -> str | None:
    return value if len(value) <= 80 and parse_condition(value) else None


def _place(value: str) -> str | None:
    return value if 2 < len(value) <= 100 and any(map(str.isalpha, value)) and not label_fields(value) else None


def _count(value: str) -> str | None:
    return value if value[:6].strip().isdigit() else None


_CHECKS: Final = {
    "year": _year, "hours": _hours, "serial_number": _serial, "gtin": _gtin, "sku": _code, "mpn": _code,
    "make": _make, "brand": _name, "model": _model, "price": _price, "availability": _stock,
    "condition": _condition, "location": _place, "quantity": _count,
}  # fmt: skip

"""Which key of a record is which field of a listing: by its name (data/record_names.csv) and by its values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from crawler.probing.record_fields import Values, plain_name, values_by_path
from inventory.taxonomy.makes import find_make
from pipelines.parsing.availability import parse_availability
from pipelines.parsing.condition import parse_condition
from pipelines.parsing.currencies import currency_code
from pipelines.parsing.hours import parse_hours
from pipelines.parsing.identifiers import normal_gtin
from pipelines.parsing.lexicon import rows
from pipelines.parsing.money import parse_money
from pipelines.parsing.places import country_code
from pipelines.parsing.years import parse_year

DATA: Final = Path(__file__).parent / "data"
_RIGHT: Final = 0.6
"""Share of the values that must be what the field's name promises."""
_SELDOM: Final = frozenset({"regular_price", "price_period", "price_status"})
"""Fields that most listings do not have."""
_ADDRESS: Final = re.compile(r"(?:https?:)?//\S+|/[^\s/]\S*", re.IGNORECASE)
_IMAGE: Final = re.compile(r"\.(?:jpe?g|png|webp|gif|svg|avif)\b|/(?:img|image|photo|media|cdn)", re.IGNORECASE)
_RENT: Final = re.compile(r"rent|hire|lease|miete|locat|alquil", re.IGNORECASE)
_AUCTION: Final = re.compile(r"auction|bid|versteiger|ench[eè]re|subasta", re.IGNORECASE)
_PERIODS: Final = {"hour": "hour", "day": "day", "daily": "day", "week": "week", "weekly": "week",
                   "month": "month", "monthly": "month", "once": "once"}  # fmt: skip


@dataclass(slots=True)
class RecordMap:
    """`fields`: our field → path (or column, or template). `unknown`: keys that nothing was made of."""

    fields: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    @property
    def describes_stock(self) -> bool:
        """Whether these are things on offer: they have a name, and a price or a machine's or a product's facts."""
        named = "title" in self.fields or {"make", "model"} <= self.fields.keys()
        facts = {"price", "regular_price", "price_status", "year", "hours", "serial_number", "sku", "gtin", "make"}
        return (
            named and len(facts & self.fields.keys()) >= 1 and bool({"external_id", "url", "sku"} & self.fields.keys())
        )


def guess_map(records: Iterable[Mapping[str, Any]], *, columns: bool = False) -> RecordMap:
    """The map of a dealer file. `columns`: the left sides are names of columns (csv, tsv, xml), else JMESPaths."""
    values = values_by_path(records, columns=columns)
    candidates = [
        (rank, -entry.share, place, name, entry)
        for place, entry in enumerate(values)
        for name, rank in _meanings(entry.names)
        if entry.found and _holds(name, entry)
    ]
    found = RecordMap()
    taken: set[str] = set()
    for _, _, _, name, entry in sorted(candidates, key=lambda c: c[:3]):
        if name not in found.fields and entry.path not in taken:
            found.fields[name] = entry.path if columns else _expression(name, entry)
            taken.add(entry.path)
    if "make" not in found.fields and "brand" in found.fields and _are_makes(values, found.fields["brand"]):
        found.fields["make"] = found.fields.pop("brand")
    order = [*_names_by_field()]
    found.fields = dict(sorted(found.fields.items(), key=lambda item: order.index(item[0])))
    found.unknown = [entry.path for entry in values if entry.path not in taken and entry.found]
    return found


def _meanings(names: tuple[str, ...]) -> list[tuple[str, int]]:
    """Fields that a path's names may stand for, each with how sure that is (0 is the surest)."""
    found: dict[str, int] = {}
    for place, name in enumerate(names):
        for meaning, known in _names_by_field().items():
            if name in known:
                rank = place * 100 + known[name]
                found[meaning] = min(found.get(meaning, rank), rank)
    return list(found.items())


def _holds(name: str, entry: Values) -> bool:
    """Whether the values at a path are what the field holds."""
    check = _CHECKS.get(name)
    sample = entry.found[:50]
    if name == "external_id":
        texts = [str(value) for value in entry.found if isinstance(value, str | int)]
        return entry.share >= 0.9 and len(set(texts)) >= 0.9 * len(entry.found)
    if name not in _SELDOM and entry.share < 0.05:
        return False
    return check is None or sum(map(check, sample)) >= _RIGHT * len(sample)


def _expression(name: str, entry: Values) -> str:
    """The path, or a JMESPath that says the field's own words where the values are others."""
    path = entry.path
    if name == "condition" and all(isinstance(value, bool) for value in entry.found):
        return f"{path} && 'new' || 'used'"
    if name == "price_status":
        return f"{path} && 'on_request' || `null`"
    if name == "availability" and plain_name(path.rpartition(".")[2]) in ("sold", "is sold"):
        return f"{path} && 'SoldOut' || 'InStock'"
    if name == "offer_type":
        said = {str(value) for value in entry.found if isinstance(value, str)}
        tests = [f"{path} == '{v}' && 'rent'" for v in sorted(said) if _RENT.search(v) and "'" not in v]
        tests += [f"{path} == '{v}' && 'auction'" for v in sorted(said) if _AUCTION.search(v) and "'" not in v]
        return " || ".join([*tests, "'sale'"])
    if name == "price_period":
        said = {str(value) for value in entry.found} - set(_PERIODS.values())
        tests = [f"{path} == '{v}' && '{_PERIODS[v.lower()]}'" for v in sorted(said) if v.lower() in _PERIODS]
        return " || ".join([*tests, path])
    return path


def _are_makes(values: list[Values], path: str) -> bool:
    """Whether brands are makers of machines."""
    entry = next((entry for entry in values if entry.path == path), None)
    sample = [str(value) for value in entry.found[:50]] if entry else []
    return bool(sample) and sum(find_make(text) is not None for text in sample) >= _RIGHT * len(sample)


@cache
def _names_by_field() -> dict[str, dict[str, int]]:
    """Field → name → its place among the field's names, the surest first; also written as one word."""
    found: dict[str, dict[str, int]] = {}
    for row in rows("record_names.csv", DATA):
        known = found.setdefault(row["field"], {})
        place = len(known)
        known.setdefault(row["name"], place)
        known.setdefault(row["name"].replace(" ", ""), place)
    return found


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and not _ADDRESS.fullmatch(value)


def _is_word(value: Any) -> bool:
    return _is_text(value) and len(value) <= 80 and not value.isdigit()


def _is_price(value: Any) -> bool:
    if isinstance(value, bool | list | dict):
        return False
    money = parse_money(value)
    return money.amount is not None or money.price_status is not None


def _is_year(value: Any) -> bool:
    return not isinstance(value, bool | list | dict) and parse_year(value, today=_today()) is not None


def _is_hours(value: Any) -> bool:
    return not isinstance(value, bool | list | dict) and parse_hours(value) is not None


def _is_image(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and _is_image(value[0])
    if isinstance(value, dict):
        return any(_is_image(inner) for inner in value.values() if isinstance(inner, str))
    return isinstance(value, str) and bool(_ADDRESS.match(value)) and bool(_IMAGE.search(value))


def _is_number(value: Any) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return not isinstance(value, bool)


def _is_model(value: Any) -> bool:
    return isinstance(value, int) or (_is_text(value) and len(value) <= 60)


def _today() -> date:
    return datetime.now(UTC).date()


_CHECKS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "url": lambda value: isinstance(value, str) and bool(_ADDRESS.fullmatch(value)) and not _IMAGE.search(value),
    "title": _is_text,
    "description": _is_text,
    "category": _is_word,
    "make": _is_word,
    "brand": _is_word,
    "model": _is_model,
    "year": _is_year,
    "hours": _is_hours,
    "serial_number": lambda value: isinstance(value, str | int) and len(str(value)) <= 60,
    "price": _is_price,
    "regular_price": _is_price,
    "currency": lambda value: isinstance(value, str) and currency_code(value) is not None,
    "availability": lambda value: (
        isinstance(value, bool) or (isinstance(value, str) and parse_availability(value) is not None)
    ),
    "condition": lambda value: (
        isinstance(value, bool) or (isinstance(value, str) and parse_condition(value) is not None)
    ),
    "offer_type": lambda value: isinstance(value, str) and len(value) <= 40,
    "price_period": lambda value: isinstance(value, str) and value.lower() in _PERIODS,
    "price_status": lambda value: isinstance(value, bool),
    "location": _is_text,
    "city": _is_word,
    "region": _is_word,
    "country": lambda value: isinstance(value, str) and country_code(value) is not None,
    "lat": _is_number,
    "lon": _is_number,
    "images": _is_image,
    "sku": lambda value: isinstance(value, str | int) and len(str(value)) <= 60,
    "gtin": lambda value: (
        isinstance(value, str | int) and not isinstance(value, bool) and normal_gtin(value) is not None
    ),
    "quantity": _is_number,
    "operating_weight_kg": _is_number,
    "operating_weight": lambda value: isinstance(value, str) and any(map(str.isdigit, value)),
}

"""Which fields of a listing a person may correct, and how a value is written. Pure.

Correctable is what a person may know better than the page and the rules: what a thing is, what it costs, where it
stands and how big it is. Not what only the dealer can say (title, description, pictures, whether it is sold), nor
bookkeeping (ids, hashes, when it was seen), nor what follows from the others (base class edges, price of a kilogram).
Numbers are written plainly (`12500`, `0.5`). `unknown` says that nobody knows, whatever the page says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from inventory.listing import OFFER_TYPES, PRICE_PERIODS, PRICE_TAXES
from inventory.taxonomy.categories import CATEGORIES
from inventory.taxonomy.makes import canonical_make
from inventory.taxonomy.size_classes import SIZE_CLASSES, SizeClass
from pipelines.inference.breeds import BREED_SIZES
from pipelines.inference.dog_words import FORMS
from pipelines.parsing.availability import AVAILABILITIES
from pipelines.parsing.currencies import minor_units
from pipelines.parsing.hours import MAX_HOURS
from pipelines.parsing.identifiers import normal_gtin, plausible_serial
from pipelines.parsing.places import country_code
from pipelines.parsing.text import clean_text
from pipelines.parsing.years import OLDEST

UNKNOWN: Final = "unknown"
"""A value that nobody knows."""

SIZE_CLASS: Final = "size_class"
"""Corrects the class without a figure: `21-24`, `over 260`."""

CONDITIONS: Final = ("new", "used", "refurbished", "damaged")
LIFE_STAGES: Final = ("puppy", "adult", "senior", "all")
NEVER_UNKNOWN: Final = frozenset({"offer_type", "price_tax"})
"""Fields without a null; a tax that nobody knows is a word of its own."""

MAX_MONEY: Final = Decimal(10) ** 11
_PLAIN: Final = re.compile(r"-?\d{1,12}(?:\.\d{1,9})?")
_CLASS: Final = re.compile(r"(?:over\s*)?(\d+(?:\.\d+)?)\s*(?:[-–]\s*(\d+(?:\.\d+)?)?)?", re.IGNORECASE)

Read = Callable[[str], Any]


class NotAValue(ValueError):
    """The field cannot have this value; the message goes on behind "FIELD …" and says what may be written."""


def read_value(name: str, text: str) -> Any:
    """The value that a correction gives a field; None for `unknown`. A size class is a `SizeClass` without its unit.

    Raises `NotAValue`, or KeyError for a field that cannot be corrected.
    """
    read = CORRECTABLE[name]
    if text.casefold() == UNKNOWN and name not in NEVER_UNKNOWN:
        return None
    return read(text)


def _one_of(*words: str) -> Read:
    def read(text: str) -> str:
        found = {word.casefold(): word for word in words}.get(text.casefold())
        if found is None:
            raise NotAValue(f"is none of {', '.join(words)}")
        return found

    return read


def _number(low: float, high: float, unit: str = "") -> Read:
    def read(text: str) -> float:
        value = float(text) if _PLAIN.fullmatch(text) else None
        if value is None or not low <= value <= high:
            raise NotAValue(f"is no number from {low:g} to {high:g}{unit}; write it plainly: 12500 or 0.5")
        return value

    return read


def _count(low: int, high: int) -> Read:
    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,12}", text) or not low <= int(text) <= high:
            raise NotAValue(f"is no whole number from {low} to {high}; write only its digits")
        return int(text)

    return read


def _year(text: str) -> int:
    year: int = _count(OLDEST, datetime.now(UTC).year + 1)(text)
    return year


def _money(text: str) -> Decimal:
    if not _PLAIN.fullmatch(text) or not 0 <= (value := Decimal(text)) < MAX_MONEY:
        raise NotAValue("is no amount; write it plainly: 45000 or 19.95, the currency is a field of its own")
    return round(value, 2)


def _text(length: int) -> Read:
    def read(text: str) -> str:
        found = clean_text(text, length)
        if not found or len(text) > length:
            raise NotAValue(f"is no text of up to {length} characters")
        return found

    return read


def _category(text: str) -> str:
    if text not in CATEGORIES:
        raise NotAValue(f"is no category; write one of {', '.join(CATEGORIES)}")
    return text


def _make(text: str) -> str:
    if (make := canonical_make(_text(100)(text))) is None:
        raise NotAValue(f"is no maker; write a name, or {UNKNOWN}")
    return make


def _serial_number(text: str) -> str:
    if not plausible_serial(text):
        raise NotAValue("is no serial number: letters and at least three digits, no placeholder such as N/A or 12345")
    return str(_text(50)(text))


def _gtin(text: str) -> str:
    if (gtin := normal_gtin(text)) is None:
        raise NotAValue("is no GTIN: 8, 12, 13 or 14 digits, of which the last is the check digit")
    return gtin


def _currency(text: str) -> str:
    if text.upper() not in minor_units():
        raise NotAValue("is no currency; write its code of ISO 4217: EUR, USD")
    return text.upper()


def _country(text: str) -> str:
    if (code := country_code(text)) is None:
        raise NotAValue("is no country; write its code of two capitals: DE, US")
    return code


def _breed_sizes(text: str) -> list[str]:
    named = re.split(r"[\s,;|/]+", text.strip().casefold())
    if not set(named) <= set(BREED_SIZES):
        raise NotAValue(f"is no list of breed sizes; write some of {' '.join(BREED_SIZES)} with blanks between")
    return [size for size in BREED_SIZES if size in named]


def _size_class(text: str) -> SizeClass:
    match = _CLASS.fullmatch(text.strip())
    low, high = (float(match[1]), float(match[2]) if match[2] else None) if match else (None, None)
    known = {(one.lower, one.upper) for classes in SIZE_CLASSES.values() for one in classes}
    if low is None or (low, high) not in known:
        raise NotAValue("is no size class of any category; write its edges as docs/sizes.md has them: 21-24, over 260")
    return SizeClass(low, high, "")


CORRECTABLE: Final[Mapping[str, Read]] = MappingProxyType(
    {
        "category": _category,
        "make": _make,
        "model": _text(100),
        "base_model": _text(100),
        "year": _year,
        "hours": _count(0, MAX_HOURS),
        "serial_number": _serial_number,
        "brand": _text(100),
        "gtin": _gtin,
        "sku": _text(100),
        "mpn": _text(100),
        "product_group": _text(200),
        "condition": _one_of(*CONDITIONS),
        "price": _money,
        "regular_price": _money,
        "currency": _currency,
        "price_status": _one_of("priced", "on_request"),
        "offer_type": _one_of(*OFFER_TYPES),
        "price_period": _one_of(*PRICE_PERIODS),
        "price_tax": _one_of(*PRICE_TAXES),
        "availability": _one_of(*AVAILABILITIES),
        "quantity": _count(0, 1_000_000),
        "location": _text(300),
        "city": _text(100),
        "region": _text(100),
        "country": _country,
        "lat": _number(-90, 90, "°"),
        "lon": _number(-180, 180, "°"),
        "size_value": _number(0.001, 10_000_000),
        SIZE_CLASS: _size_class,
        "size_label": _text(100),
        "operating_weight_kg": _number(1, 2_000_000, " kg"),
        "net_weight_g": _number(0.1, 1_000_000, " g"),
        "pack_count": _count(1, 10_000),
        "unit_weight_g": _number(0.1, 1_000_000, " g"),
        "dog_weight_min_kg": _number(0, 150, " kg"),
        "dog_weight_max_kg": _number(0, 150, " kg"),
        "breed_sizes": _breed_sizes,
        "life_stage": _one_of(*LIFE_STAGES),
        "food_form": _one_of(*FORMS),
    }
)
"""Field → how its value is read."""

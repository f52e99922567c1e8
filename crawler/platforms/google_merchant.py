"""What a record of a Google Merchant feed says, under our names.

Source: the product data specification, https://support.google.com/merchants/answer/7052112, and its pages of single
attributes (sale_price_effective_date: answer/6324460, unit_pricing_measure: answer/6324455).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

ELEMENTS: Final = ("item", "entry")
"""A product in RSS and in Atom."""

_FIELDS: Final = {
    "external_id": ("id",),
    "url": ("link",),
    "title": ("title", "structured_title"),
    "description": ("description", "summary", "content"),
    "availability": ("availability",),
    "brand": ("brand",),
    "gtin": ("gtin",),
    "mpn": ("mpn",),
    "condition": ("condition",),
    "product_group": ("item_group_id",),
    "size": ("size",),
}
"""Our field = their attribute, or what Atom calls it, where the text is taken as it stands."""

_IMAGES: Final = ("image_link", "additional_image_link")
_SPECS: Final = ("size", "color", "material", "pattern", "age_group", "gender")
_EXTRAS: Final = (
    "google_product_category", "shipping_weight", "unit_pricing_base_measure", "availability_date", "multipack",
    "is_bundle",
)  # fmt: skip
_AMOUNT: Final = re.compile(r"\s*([A-Z]{3})?\s*(\d[\d.,\s]*?)\s*([A-Z]{3})?\s*")
_NEXT_ADDRESS: Final = re.compile(r",(?=\s*(?:https?:)?//)")
_MASS: Final = re.compile(r"\s*[\d.,]+\s*(?:oz|lbs?|mg|g|kg)\s*", re.IGNORECASE)


def google_record(said: Mapping[str, Any], now: datetime) -> tuple[dict[str, Any], dict[str, str]]:
    """Raw fields and their provenance. `now` (aware) decides whether a sale price is in force.

    Attribute names may have a `g:` in front, spaces and capitals. `unit_pricing_measure` is the net weight where it
    is a mass; `shipping_weight` is kept as an attribute, since the parcel weighs more than what is in it.
    """
    known = {_attribute(name): texts for name, value in said.items() if (texts := _texts(value))}
    first = {name: texts[0] for name, texts in known.items()}
    found: dict[str, tuple[Any, str]] = {}
    for field, attributes in _FIELDS.items():
        source = next((name for name in attributes if name in first), None)
        if source:
            found[field] = first[source], source
    found |= _price(first, now)
    for source in ("google_product_category", "product_type"):
        if path := _category_path(known.get(source, [])):
            found["breadcrumbs"] = path, source
    if images := [url for name in _IMAGES for text in known.get(name, []) for url in _addresses(text)]:
        found["images"] = list(dict.fromkeys(images)), ", ".join(_IMAGES)
    if measure := first.get("unit_pricing_measure"):
        names = ("net_weight", "size") if _MASS.fullmatch(measure) else ("unit_pricing_measure",)
        found = dict.fromkeys(names, (measure, "unit_pricing_measure")) | found
    if pairs := [[name.replace("_", " ").capitalize(), first[name]] for name in _SPECS if name in first]:
        found["specs"] = pairs, ", ".join(name for name in _SPECS if name in first)
    found |= {name: (first[name], name) for name in _EXTRAS if name in first}
    raw = {field: value for field, (value, _) in found.items()}
    return raw, {field: f"google {source}" for field, (_, source) in found.items()}


def sale_is_on(window: str | None, now: datetime) -> bool:
    """Whether `now` lies in a `sale_price_effective_date` ("2026-02-24T11:07+0100/2026-02-29T23:07+0100").

    A sale without a window is on; one whose window cannot be read is not. Times without a zone are UTC.
    """
    if not window:
        return True
    begin, slash, end = window.partition("/")
    try:
        return bool(slash) and _moment(begin) <= now <= _moment(end)
    except ValueError:
        return False


def _price(first: Mapping[str, str], now: datetime) -> dict[str, tuple[Any, str]]:
    price, currency = _amount(first.get("price"))
    sale, sale_currency = _amount(first.get("sale_price"))
    found: dict[str, tuple[Any, str]] = {"price": (price, "price"), "currency": (currency, "price")}
    if sale and sale != price and sale_is_on(first.get("sale_price_effective_date"), now):
        found |= {"price": (sale, "sale_price"), "regular_price": (price, "price")}
        found["currency"] = sale_currency or currency, "sale_price" if sale_currency else "price"
    return {field: said for field, said in found.items() if said[0]}


def _amount(text: str | None) -> tuple[str | None, str | None]:
    """ "15.00 USD" as amount and currency. Text of another form stays as it is: the price's parser reads it."""
    found = _AMOUNT.fullmatch(text) if text else None
    return (found[2].strip(), found[1] or found[3]) if found else (text, None)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text.strip())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _category_path(paths: list[str]) -> list[str]:
    """ "Animals > Dogs > Food" by its steps; the longest where there are several; none for a mere number."""
    steps = [[step.strip() for step in path.split(">") if step.strip()] for path in paths if not path.isdecimal()]
    return max(steps, key=len, default=[])


def _attribute(name: str) -> str:
    return "_".join(name.rpartition(":")[2].lower().split())


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text for entry in values if entry is not None and (text := str(entry).strip())]


def _addresses(text: str) -> list[str]:
    """Addresses: repeated in XML, parted by commas in delimited text."""
    return [part.strip() for part in _NEXT_ADDRESS.split(text) if part.strip()]

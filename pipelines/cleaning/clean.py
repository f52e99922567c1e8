"""Raw text into typed fields. Pure; what the page said stays in `raw`, what could not be read stays unknown.

Raises `Unusable` for a listing that nobody could use: without a title, or without an identity.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from inventory.listing import FIELD_NAMES, Listing
from pipelines.cleaning.bounds import implausible_price
from pipelines.cleaning.place import EXACT, PRECISIONS, place
from pipelines.cleaning.price import clean_price
from pipelines.outcomes import Unusable
from pipelines.parsing.availability import parse_availability
from pipelines.parsing.condition import parse_condition
from pipelines.parsing.hours import parse_hours
from pipelines.parsing.identifiers import normal_gtin, plausible_serial
from pipelines.parsing.places import country_code, parse_place
from pipelines.parsing.ratings import parse_count, parse_rating
from pipelines.parsing.shipping import shipping_of_specs, shipping_statement
from pipelines.parsing.text import clean_text
from pipelines.parsing.urls import absolute_url, canonical_url
from pipelines.parsing.years import parse_year

MAX_IMAGES: Final = 40
MAX_URL: Final = 2000
"""Characters of an address; longer ones do not fit a PostgreSQL index, nor what browsers agree on."""

MAX_COUNT: Final = 2**31 - 1
"""What an INTEGER column holds."""

MAX_WHOLE: Final = 2**63 - 1
"""What JSON of 64 bits holds; a longer number is kept as its digits."""

MAX_SPECS: Final = 200
MAX_RAW_CHARS: Final = 20_000
MAX_DEPTH: Final = 8
MAX_ENTRIES: Final = 500

REFUSED: Final = "refused: "

_TEXTS: Final = {
    "external_id": 200,
    "make": 100,
    "model": 100,
    "brand": 100,
    "sku": 100,
    "mpn": 100,
    "product_group": 200,
    "location": 300,
    "shipping_text": 1000,
    "life_stage": 50,
    "food_form": 50,
    "size_label": 100,
}
"""Fields that are text, and how long they may be."""

_NAME: Final = re.compile(r"[^\W\d_][^\d,;:/()]{1,40}")
_BARE_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)?%?")
_BETWEEN_IMAGES: Final = re.compile(r"[|;\s]+|,+(?=\s*(?:https?:)?//)")
"""What stands between addresses in one text; a comma may also be part of one."""

_SPEC_NAMES: Final = {
    "operating_weight": ("Operating weight", ""),
    "operating_weight_kg": ("Operating weight", " kg"),
    "net_weight": ("Net weight", ""),
    "net_weight_g": ("Net weight", " g"),
}
"""What a feed may say in a column of its own and pages say in a specification table: inference reads only one place."""

_KNOWN_RAW: Final = frozenset(FIELD_NAMES) | {"specs", "breadcrumbs", "size"} | set(_SPEC_NAMES)


def clean(listing: Listing, *, currency: str | None, country: str | None, today: date) -> None:
    """Fill the typed fields that need no inference.

    `currency` and `country` are the dealer's, used where the listing itself names none.
    """
    raw = listing.raw = {
        _storable(name): _bounded(value) for name, value in listing.raw.items() if value not in (None, "", [])
    }
    listing.provenance = {_storable(name): _storable(where) for name, where in listing.provenance.items()}
    _fold_into_specs(raw)
    for name, length in _TEXTS.items():
        if name in raw:
            setattr(listing, name, clean_text(_text(raw[name]), length))
    if "external_id" in raw and len(clean_text(_text(raw["external_id"]), MAX_RAW_CHARS) or "") > _TEXTS["external_id"]:
        refuse(listing, "external_id", "is too long: cut short it could be another listing's")
        listing.external_id = None
    _clean_what(listing, raw, today)
    clean_price(listing, raw, currency)
    if reason := implausible_price(listing):
        listing.price = listing.regular_price = listing.currency = listing.price_period = None
        listing.price_status = None if listing.price_status == "priced" else listing.price_status
        listing.provenance["price"] = f"refused: {reason}"
    _clean_place(listing, raw, country)
    _clean_rest(listing, raw)
    if not listing.title:
        raise Unusable("no_title", listing.url or str(listing.external_id))
    if not listing.url and not listing.external_id:
        raise Unusable("no_identity", listing.title)


def refuse(listing: Listing, name: str, reason: str) -> None:
    """Say in the provenance that a value was there and why it is not taken."""
    listing.provenance[name] = f"{REFUSED}{reason}"


def refusals(listing: Listing) -> dict[str, str]:
    """Field → why what the source said of it was not taken."""
    found = {name: source for name, source in listing.provenance.items() if source.startswith(REFUSED)}
    return {name: source.removeprefix(REFUSED) for name, source in found.items()}


def _clean_what(listing: Listing, raw: Mapping[str, Any], today: date) -> None:
    listing.title = clean_text(_text(raw.get("title")), 500) or _title_of_parts(listing, raw)
    listing.description = clean_text(_text(raw.get("description")), MAX_RAW_CHARS, lines=True)
    listing.year = parse_year(_scalar(raw.get("year")), today=today)
    listing.hours = parse_hours(_scalar(raw.get("hours")))
    for name in ("year", "hours"):
        if getattr(listing, name) is None and name in raw:
            refuse(listing, name, f"{str(raw[name])[:60]!r} cannot be one")
    serial = clean_text(_text(raw.get("serial_number")), 60)
    if serial and plausible_serial(serial):
        listing.serial_number = serial
    listing.gtin = normal_gtin(_scalar_text(raw.get("gtin")))
    listing.condition = parse_condition(_text(raw.get("condition")))


def _clean_place(listing: Listing, raw: Mapping[str, Any], country: str | None) -> None:
    told = parse_place(_text(raw.get("location")))
    city = told.city if told else _bare_city(listing.location)
    listing.city = clean_text(_text(raw.get("city")), 100) or city
    listing.region = clean_text(_text(raw.get("region")), 100) or (told.region if told else None)
    listing.country = country_code(_text(raw.get("country"))) or (told.country if told else None)
    if listing.country is None and country and (listing.location or listing.city):
        listing.country = country
        listing.provenance["country"] = "dealer file"
    listing.lat, listing.lon = _coordinate(raw.get("lat"), 90), _coordinate(raw.get("lon"), 180)
    if listing.lat is None or listing.lon is None:
        listing.lat = listing.lon = None
        place(listing)
    else:
        said = _text(raw.get("location_precision"))
        listing.location_precision = said if said in PRECISIONS else EXACT


def _bare_city(location: str | None) -> str | None:
    """A location that is but a name is a city: "Linz". What holds numbers or many words is not taken for one."""
    if location and _NAME.fullmatch(location) and len(location.split()) <= 3 and country_code(location) is None:
        return location
    return None


def _clean_rest(listing: Listing, raw: Mapping[str, Any]) -> None:
    stock = raw.get("availability")
    listing.availability = parse_availability(stock if isinstance(stock, bool | int) else _text(stock))
    listing.quantity = _count(raw.get("quantity"))
    listing.rating = parse_rating(_scalar(raw.get("rating")))
    listing.rating_count = (
        _count(raw.get("rating_count")) if "rating_count" in raw else _count_beside(raw.get("rating"))
    )
    if listing.shipping_text is None:
        _clean_shipping(listing, raw)
    listing.images = _images(raw.get("images"), listing.url)
    listing.url = canonical_url(listing.url) if listing.url else None
    if listing.url and len(listing.url) > MAX_URL:
        refuse(listing, "url", f"{len(listing.url)} characters")
        listing.url = None
    listing.attributes = _attributes(raw)


def _clean_shipping(listing: Listing, raw: Mapping[str, Any]) -> None:
    """What a specification row or the description says of shipping, where no field holds it."""
    specs = raw.get("specs")
    if isinstance(specs, list) and (said := shipping_of_specs(specs)):
        listing.shipping_text, listing.provenance["shipping_text"] = said, "specification"
    elif said := shipping_statement(listing.description):
        listing.shipping_text, listing.provenance["shipping_text"] = said, "description"


def _count_beside(rating: Any) -> int | None:
    """The count in a rating's own text: "4,7 von 5 Sternen (132 Bewertungen)"."""
    return _count(rating) if isinstance(rating, str) and not _BARE_NUMBER.fullmatch(rating.strip()) else None


def _fold_into_specs(raw: dict[str, Any]) -> None:
    added = [[name, f"{raw[key]}{unit}"] for key, (name, unit) in _SPEC_NAMES.items() if key in raw]
    if added:
        said = raw.get("specs")
        raw["specs"] = [*(said if isinstance(said, list) else []), *added]
    breadcrumbs, category = raw.get("breadcrumbs"), _scalar_text(raw.get("category"))
    if category and not breadcrumbs:
        raw["breadcrumbs"] = [category]


def _title_of_parts(listing: Listing, raw: Mapping[str, Any]) -> str | None:
    """A feed often has make and model but no title."""
    if not (listing.make and listing.model):
        return None
    listing.provenance.setdefault("title", "year + make + model")
    return " ".join(part for part in (_scalar_text(raw.get("year")), listing.make, listing.model) if part)


def _images(value: Any, base: str | None) -> list[str]:
    entries = value if isinstance(value, list) else _BETWEEN_IMAGES.split(str(value or ""))
    found: dict[str, None] = {}
    for entry in entries:
        url = absolute_url(base or "", entry) if isinstance(entry, str) and entry else None
        if url:
            found[url] = None
    return list(found)[:MAX_IMAGES]


def _attributes(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Specification pairs by their name on the page, and what a source says under a name that is no field."""
    found: dict[str, Any] = {name: value for name, value in raw.items() if name not in _KNOWN_RAW}
    specs = raw.get("specs")
    for pair in specs[:MAX_SPECS] if isinstance(specs, list) else ():
        if isinstance(pair, list | tuple) and len(pair) == 2:
            name, value = clean_text(str(pair[0]), 100), clean_text(str(pair[1]), 1000)
            if name and value:
                found.setdefault(name, value)
    return found


def _bounded(value: Any, depth: int = 0) -> Any:
    """What a database keeps and a parser reads, however deep it stands: storable text, numbers without exponent."""
    if isinstance(value, str):
        return _storable(value)
    if isinstance(value, int) and not -MAX_WHOLE <= value <= MAX_WHOLE:
        return str(value)
    if isinstance(value, float) and ("e" in (spelled := repr(value)) or not math.isfinite(value)):
        return format(Decimal(spelled), "f") if math.isfinite(value) else None
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, list | tuple):
        return [_bounded(entry, depth + 1) for entry in value[:MAX_ENTRIES]]
    if isinstance(value, dict):
        return {_storable(str(name)): _bounded(entry, depth + 1) for name, entry in list(value.items())[:MAX_ENTRIES]}
    return value


def _storable(text: str) -> str:
    """Text cut to length, without NUL and half surrogates."""
    text = text[:MAX_RAW_CHARS].replace("\x00", "")
    return text if text.isascii() else text.encode("utf-8", "ignore").decode("utf-8")


def _count(value: Any) -> int | None:
    count = parse_count(_scalar(value))
    return count if count is None or count <= MAX_COUNT else None


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return ", ".join(str(entry) for entry in value)
    return None if value is None or isinstance(value, dict | bool) else str(value)


def _scalar(value: Any) -> str | int | float | None:
    return value if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _scalar_text(value: Any) -> str | None:
    scalar = _scalar(value)
    return None if scalar is None else str(scalar)


def _coordinate(value: Any, limit: float) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if -limit <= number <= limit and number != 0 else None

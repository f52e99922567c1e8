"""A product of WooCommerce's Store API under our names (its ProductSchema). Pure.

Names, categories, brands and options come with HTML entities ("Cats &amp; dogs", "Bed &#8211; large").
"""

from __future__ import annotations

import html
import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from crawler.platforms.records import identifier

SOURCES: Final = {
    "external_id": "id",
    "product_group": "parent",
    "title": "name",
    "price": "prices.price",
    "regular_price": "prices.regular_price",
    "currency": "prices.currency_code",
    "gtin": "global_unique_id",
    "quantity": "low_stock_remaining",
    "rating": "average_rating",
    "rating_count": "review_count",
    "availability": "is_in_stock",
    "url": "permalink",
    "breadcrumbs": "categories",
    "specs": "attributes",
    "size": "variation",
}
"""Our field = theirs, where the names differ."""

_BRAND: Final = frozenset({"pa_brand", "pa_brands", "pa_marke", "pa_marque", "pa_marca"})
"""Taxonomies in which shops kept the brand before WooCommerce 9.6 had a field for it."""


def product_fields(product: dict[str, Any], parent: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The raw fields of a product or variation, and whether the price is the lowest of a range.

    `parent` is `of_parent` of a variation's product, {} for a product itself.
    """
    prices = product.get("prices") if isinstance(product.get("prices"), dict) else {}
    options = _options(text(product.get("variation")), parent.get("options") or [])
    choice = ", ".join(value for _, value in options) or None
    name = text(product.get("name")) or parent.get("title")
    price, ranged = _price(product, prices or {})
    regular = amount(prices or {}, "regular_price")
    facts = {key: value for key, value in parent.items() if key != "options"} | _descriptive(product)
    raw = facts | {
        "external_id": identifier(product.get("id")),
        "url": product.get("permalink"),
        "title": f"{name} - {choice}" if choice else name,
        "price": price,
        "regular_price": regular if price and regular and Decimal(regular) > Decimal(price) and not ranged else None,
        "currency": (prices or {}).get("currency_code") if price else None,
        "sku": product.get("sku"),
        "gtin": product.get("global_unique_id"),
        "availability": _availability(product),
        "quantity": product.get("low_stock_remaining"),
        "rating": product.get("average_rating") if product.get("review_count") else None,
        "rating_count": product.get("review_count") or None,
        "size": choice,
        "shipping_weight": _formatted(product.get("formatted_weight")),
        "dimensions": _formatted(product.get("formatted_dimensions")),
    }
    if options:
        raw["specs"] = [[name, value] for name, value in options if name]
    return {name: value for name, value in raw.items() if value not in (None, "", [])}, ranged


def of_parent(product: dict[str, Any]) -> dict[str, Any]:
    """What a variation takes from its product, and the names of its `options`; JSON only.

    The attributes are not among it: they name every choice that there is.
    """
    facts = _descriptive(product)
    facts.pop("specs", None)
    options = [name for entry in _entries(product, "attributes") if (name := text(entry.get("name")))]
    title = text(product.get("name"))
    return facts | {"title": title, "product_group": identifier(product.get("id")), "options": options}


def amount(prices: dict[str, Any], name: str) -> str | None:
    """Minor units as an amount: "1299" with currency_minor_unit 2 is "12.99"."""
    try:
        value = Decimal(str(prices[name])).scaleb(-int(prices.get("currency_minor_unit", 2)))
    except (InvalidOperation, KeyError, OverflowError, TypeError, ValueError):
        return None
    return str(value) if value.is_finite() else None


def text(value: Any) -> str:
    """Text without HTML's entities; what is no text is none."""
    return html.unescape(value).strip() if isinstance(value, str) else ""


def _price(product: dict[str, Any], prices: dict[str, Any]) -> tuple[str | None, bool]:
    """The price, or the lowest of a range. A product that cannot be bought and costs nothing has no price."""
    span = prices.get("price_range")
    lowest = amount({**prices, **span}, "min_amount") if isinstance(span, dict) else None
    price = lowest or amount(prices, "price")
    if price and not Decimal(price) and product.get("is_purchasable") is False:
        return None, False
    return price, lowest is not None


def _options(variation: str, names: list[str]) -> list[tuple[str, str]]:
    """What a variation is: "Weight: 5 kg, Flavour: Duck" as pairs. A value may hold a comma where names are known."""
    if not variation:
        return []
    known = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    parts = re.split(rf",\s+(?=(?:{known}):)" if known else r",\s+", variation)
    pairs = [part.partition(":") for part in parts]
    return [(name.strip() if colon else "", (value if colon else name).strip()) for name, colon, value in pairs]


def _descriptive(product: dict[str, Any]) -> dict[str, Any]:
    """What describes a product and, where a variation does not say it, all of its variations; empty ones left out."""
    attributes = [
        (str(entry.get("taxonomy") or ""), text(entry.get("name")), [text(term.get("name")) for term in terms])
        for entry in _entries(product, "attributes")
        if (terms := _entries(entry, "terms"))
    ]
    brands = [text(entry.get("name")) for entry in _entries(product, "brands")]
    brands += [term for taxonomy, _, terms in attributes if taxonomy in _BRAND for term in terms]
    found = {
        "description": product.get("description") or product.get("short_description"),
        "breadcrumbs": [name for entry in _entries(product, "categories") if (name := text(entry.get("name")))],
        "brand": next(iter(brands), None),
        "images": [entry["src"] for entry in _entries(product, "images") if entry.get("src")],
        "specs": [[name, ", ".join(terms)] for _, name, terms in attributes],
        "tags": [name for entry in _entries(product, "tags") if (name := text(entry.get("name")))],
    }
    return {name: value for name, value in found.items() if value}


def _entries(holder: dict[str, Any], name: str) -> list[dict[str, Any]]:
    entries = holder.get(name)
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _availability(product: dict[str, Any]) -> str | None:
    if product.get("is_on_backorder"):
        return "BackOrder"
    return {True: "InStock", False: "OutOfStock"}.get(product.get("is_in_stock", ...))


def _formatted(value: Any) -> str | None:
    """A weight or size with its unit; WooCommerce writes "N/A" for none."""
    found = text(value)
    return found if re.search(r"\d", found) else None

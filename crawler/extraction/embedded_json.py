"""The product among the objects of a page's embedded data: by its property names, and by its name (the page's own)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from crawler.extraction.carried import Carried
from crawler.extraction.reading import Reading
from crawler.extraction.schema_product import said
from crawler.extraction.script_data import MAX_CHARS, own_scripts
from crawler.extraction.strict_json import objects
from crawler.extraction.subject import Subject

_SKU: Final = re.compile(
    r"""["']?\b(?:sku|productSku|product_sku|variantSku)["']?\s?[:=]\s?["']([\w./-]{2,40})["']""", re.IGNORECASE
)
_SAME: Final = 0.75
_NAMES: Final = ("name", "title", "productname", "product_name", "displayname")
_PRICES: Final = ("price", "currentprice", "current_price", "saleprice", "sale_price", "finalprice", "final_price",
                  "sellingprice", "priceamount", "price_amount")  # fmt: skip
_FIELDS: Final = {
    "sku": ("sku", "productcode", "product_code", "articlenumber", "article_number", "stocknumber", "stock_number",
            "itemnumber", "item_number"),
    "brand": ("brand", "brandname", "brand_name", "vendor", "manufacturer"),
    "make": ("make", "makename", "make_name", "manufacturer"),
    "model": ("model", "modelname", "model_name"),
    "year": ("year", "modelyear", "model_year", "yearofmanufacture"),
    "hours": ("hours", "meterreading", "meter_reading", "operatinghours", "operating_hours", "meter"),
    "serial_number": ("serialnumber", "serial_number", "serialno", "serial", "vin", "pin"),
    "currency": ("currency", "pricecurrency", "currencycode", "currency_code"),
    "availability": ("availability", "stockstatus", "stock_status", "instock", "in_stock", "isinstock", "available"),
    "condition": ("condition", "itemcondition"),
    "gtin": ("gtin", "gtin13", "ean", "upc", "barcode"),
    "mpn": ("mpn",),
    "location": ("location", "city"),
    "description": ("description",),
}  # fmt: skip
_NUMBERS: Final = frozenset({"sku", "serialnumber", "serial_number", "offers", "variants"})
_ENOUGH: Final = 2
"""Fields besides its name that an object must say to be a product."""


def read_embedded(subject: Subject, values: Iterable[tuple[Carried, str]]) -> Reading | None:
    """The product in the page's embedded data (`script_values`); `None` where no object is the page's thing."""
    if not subject.title_words and not subject.heading_text:
        return None
    best: tuple[float, Reading] | None = None
    for carried, source in values:
        for node, path in objects(carried.value):
            score = _likeness(node, subject)
            if score >= _SAME:
                reading = _read(node, f"{source} {path}".strip())
                rank = score + 0.1 * len(reading.raw)
                if len(reading.raw) > _ENOUGH and (best is None or rank > best[0]):
                    best = (rank, reading)
    return best[1] if best else None


def only_sku(subject: Subject) -> str | None:
    """The SKU that the page's scripts name, if they name a single one."""
    found: set[str] = set()
    for script in own_scripts(subject):
        text = script.text
        if "sku" in text or "Sku" in text or "SKU" in text:
            found.update(match[1] for match in _SKU.finditer(text[:MAX_CHARS]))
        if len(found) > 1:
            return None
    return found.pop() if found else None


def _likeness(node: dict[str, Any], subject: Subject) -> float:
    """How much an object is the page's product by its name; 0 for what has no price or number of its own."""
    lowered = {key.lower() for key in node}
    if not lowered.intersection(_PRICES) and not lowered & _NUMBERS:
        return 0.0
    for key, value in node.items():
        if key.lower() in _NAMES and isinstance(value, str) and 3 < len(value) < 300:
            return subject.likeness(value)
    return 0.0


def _read(node: dict[str, Any], where: str) -> Reading:
    lowered = {key.lower(): value for key, value in node.items()}
    found = Reading()
    for name in _NAMES:
        found.put("title", said(lowered.get(name)), f"{where}.{name}")
    for name in _PRICES:
        price = said(lowered.get(name))
        if price not in (None, 0, "", "0"):
            found.put("price", price, f"{where}.{name}")
    for field, names in _FIELDS.items():
        for name in names:
            value = lowered.get(name)
            if field == "availability" and isinstance(value, bool):
                found.put(field, "InStock" if value else "OutOfStock", f"{where}.{name}")
            else:
                found.put(field, said(value), f"{where}.{name}")
    variants = [v for v in lowered.get("variants") or [] if isinstance(v, dict)]
    skus = {str(v["sku"]) for v in variants if v.get("sku")}
    if len(skus) == 1:
        found.put("sku", skus.pop(), f"{where}.variants.sku")
    return found

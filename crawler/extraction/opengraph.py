"""OpenGraph, Twitter card and other meta elements.

Names: https://ogp.me, Meta's product tags (product:price:amount …), Twitter's label/data pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crawler.extraction.reading import Reading
from crawler.extraction.subject import Subject
from pipelines.parsing.money import parse_money

_PREFIXES: Final = ("product:", "og:product:", "og:", "twitter:", "eg:", "")
_FIELDS: Final = {
    "sku": ("retailer_item_id", "retailer_part_no", "sku", "productid"),
    "availability": ("availability",),
    "brand": ("brand",),
    "condition": ("condition",),
    "gtin": ("ean", "upc", "isbn", "gtin"),
    "mpn": ("mfr_part_no",),
    "category": ("category",),
}
_UNPREFIXED: Final = frozenset({"sku", "productid", "availability", "brand"})
_PRODUCT_TYPES: Final = ("product", "og:product", "product.item", "product.group")


def _keys() -> Iterator[tuple[str, str]]:
    """Each key a field may stand under, and the field."""
    for prefix in _PREFIXES:
        for name, keys in _FIELDS.items():
            yield from ((prefix + key, name) for key in keys if prefix or key in _UNPREFIXED)


_NAMED: Final = tuple(_keys())
_AMOUNTS: Final = tuple(
    (prefix, prefix + name)
    for prefix in _PREFIXES
    for name in ("price:amount", "sale_price:amount", "price")
    if prefix or name == "price:amount"
)


def read_meta(subject: Subject) -> tuple[Reading, str]:
    """Fields said in meta elements, and the page's `og:type` (lower case, "" if none)."""
    meta, found = subject.meta, Reading()
    for prefix, key in _AMOUNTS:
        amount = meta.get(key)
        if amount and (parse_money(amount).amount or 0) > 0 and found.put("price", amount, f"meta {key}"):
            found.put("currency", meta.get(f"{prefix}price:currency"), f"meta {prefix}price:currency")
    for key, name in _NAMED:
        if key in meta:
            found.put(name, meta[key], f"meta {key}")
    for prefix in ("product:", "og:"):
        regular = meta.get(f"{prefix}original_price:amount") or meta.get(f"{prefix}price:standard_amount")
        found.put("regular_price", regular, f"meta {prefix}original_price:amount")
    found.put("image", meta.get("og:image") or meta.get("twitter:image"), "meta og:image")
    kind = meta.get("og:type", "").strip().lower()
    return found, "product" if kind in _PRODUCT_TYPES or kind.endswith(":product") else kind


def shared_description(subject: Subject) -> tuple[str, str] | None:
    """The page's own summary and the meta element it stands in."""
    for name in ("og:description", "description", "twitter:description"):
        if subject.meta.get(name, "").strip():
            return subject.meta[name], f"meta {name}"
    return None

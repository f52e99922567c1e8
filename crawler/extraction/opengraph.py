"""OpenGraph, Twitter card and other meta elements.

Names: https://ogp.me, Meta's product tags (product:price:amount …), Twitter's label/data pairs.
"""

from __future__ import annotations

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


def read_meta(subject: Subject) -> tuple[Reading, str]:
    """Fields said in meta elements, and the page's `og:type` (lower case, "" if none)."""
    meta, found = subject.meta, Reading()
    for prefix in _PREFIXES:
        for name in ("price:amount", "sale_price:amount", "price"):
            amount = meta.get(prefix + name, "") if prefix or name == "price:amount" else ""
            if amount and (parse_money(amount).amount or 0) > 0 and found.put("price", amount, f"meta {prefix}{name}"):
                found.put("currency", meta.get(f"{prefix}price:currency"), f"meta {prefix}price:currency")
        for name, keys in _FIELDS.items():
            for key in keys:
                if prefix or key in _UNPREFIXED:
                    found.put(name, meta.get(prefix + key), f"meta {prefix}{key}")
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

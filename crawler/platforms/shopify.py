"""Shops on Shopify: products.json, page by page, a listing a variant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from scrapy.http import Response

from crawler.platforms.base import Found, Platform
from crawler.platforms.records import find_records, identifier, read_json
from crawler.platforms.visit import Visit

PAGE_SIZE: Final = 250
"""The most that Shopify gives on one page."""

_SIZE_OPTION: Final = re.compile(r"size|weight|pack|length|größe|grösse|gewicht|taille|poids|talla|peso|maat", re.I)
_NO_CHOICE: Final = "Default Title"
"""What Shopify calls the only variant of a product without options."""


class Shopify(Platform):
    """Reads `/products.json` or `/collections/NAME/products.json`; no detail pages are asked for.

    Choose it where `/products.json` answers. Set `[sections]` to collections (`dog-food = "/collections/food"`) or
    to the whole shop (`all = "/"`). Set `currency`: Shopify's JSON does not say it. Variants become listings of one
    `product_group`; `compare_at_price` is the regular price.
    """

    def entrances(self, sections: Iterable[str]) -> Iterator[Visit]:
        """The first JSON page of each section."""
        for section in sections:
            for url in self.dealer.sections[section]:
                is_json = urlsplit(url).path.endswith(".json")
                base = url if is_json else url.partition("?")[0].rstrip("/") + "/products.json"
                template = base if "{page}" in base else f"{base.partition('?')[0]}?limit={PAGE_SIZE}&page={{page}}"
                yield Visit(self.page_url(template, 1), "section", section, known={"template": template})

    def read_section(self, response: Response, visit: Visit) -> Iterator[Found]:
        """A listing for each variant of each product, and the next page after a page that held any."""
        products = find_records(read_json(response.body), "products")
        yield from self.each(products, partial(self._product, visit=visit))
        yield from self.next_page(visit, count=len(products))

    def _product(self, product: dict[str, Any], visit: Visit) -> Iterator[Found]:
        for variant in find_records(product, "variants || `[]`"):
            yield from self._variant(product, variant, visit)

    def _variant(self, product: dict[str, Any], variant: dict[str, Any], visit: Visit) -> Iterator[Found]:
        choice = str(variant.get("title") or _NO_CHOICE)
        title = str(product.get("title") or "")
        options = _options(product, variant)
        image = (variant.get("featured_image") or {}).get("src")
        raw = {
            "external_id": identifier(variant.get("id")),
            "product_group": identifier(product.get("id")),
            "url": self._address(product, variant),
            "title": title if choice == _NO_CHOICE else f"{title} - {choice}",
            "description": product.get("body_html"),
            "brand": product.get("vendor"),
            "price": variant.get("price"),
            "regular_price": variant.get("compare_at_price"),
            "sku": variant.get("sku"),
            "gtin": variant.get("barcode"),
            "availability": {True: "InStock", False: "OutOfStock"}.get(variant.get("available", ...)),
            "breadcrumbs": [product["product_type"]] if product.get("product_type") else None,
            "size": next((value for name, value in options if _SIZE_OPTION.search(name)), None),
            "specs": [[name, value] for name, value in options] or None,
            "images": ([image] if image else []) + [entry.get("src") for entry in product.get("images") or []],
        }
        said = {name: value for name, value in raw.items() if value not in (None, "", [])}
        provenance = {name: f"shopify {_SOURCES.get(name, name)}" for name in said}
        yield from self.listing(said, provenance, visit, self.dealer.url)

    def _address(self, product: dict[str, Any], variant: dict[str, Any]) -> str | None:
        handle, number = product.get("handle"), identifier(variant.get("id"))
        if not handle:
            return None
        return urljoin(self.dealer.url, f"/products/{handle}") + (f"?variant={number}" if number else "")


_SOURCES: Final = {
    "external_id": "variant.id",
    "product_group": "product.id",
    "title": "product.title + variant.title",
    "description": "body_html",
    "brand": "vendor",
    "price": "variant.price",
    "regular_price": "variant.compare_at_price",
    "sku": "variant.sku",
    "gtin": "variant.barcode",
    "availability": "variant.available",
    "breadcrumbs": "product_type",
    "size": "variant.option",
    "specs": "variant.options",
}


def _options(product: dict[str, Any], variant: dict[str, Any]) -> list[tuple[str, str]]:
    """A variant's options as (name, value), without the dummy one of a product that has no choice."""
    names = [
        option.get("name", "") if isinstance(option, dict) else str(option) for option in product.get("options") or []
    ]
    values = [variant.get(f"option{number}") for number in (1, 2, 3)]
    return [
        (name, str(value))
        for name, value in zip(names, values, strict=False)
        if value and value != _NO_CHOICE and name != "Title"
    ]

"""Shops on WooCommerce: the public Store API, page by page, variations by their parent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from scrapy.http import Response

from crawler.platforms.base import Found, Platform
from crawler.platforms.records import find_records, identifier, read_json
from crawler.platforms.visit import Visit

PAGE_SIZE: Final = 100
"""The most that the Store API gives on one page."""

STORE_API: Final = "/wp-json/wc/store/v1/products"


class WooCommerce(Platform):
    """Reads the Store API (`/wp-json/wc/store/v1/products`), which any WooCommerce ≥ 6.9 shop answers without a key.

    Choose it where that address answers. Set `[sections]` to the whole shop (`all = "/"`) or to categories
    (`dog-food = "/product-category/food/"`). Prices come in minor units with their currency. A variable product's
    variations are asked for with one request a product and become listings of one `product_group`.
    """

    def entrances(self, sections: Iterable[str]) -> Iterator[Visit]:
        """The first page of each section."""
        for section in sections:
            for url in self.dealer.sections[section]:
                template = url if STORE_API in url else self._template(url)
                known = {"template": template} if "{page}" in template else {}
                yield Visit(self.page_url(template, 1), "section", section, known=known)

    def _template(self, url: str) -> str:
        parts = [part for part in urlsplit(url).path.split("/") if part]
        category = f"&category={quote(unquote(parts[-1]))}" if len(parts) > 1 else ""
        return f"{STORE_API}?per_page={PAGE_SIZE}&page={{page}}&orderby=id&order=asc{category}"

    def read_section(self, response: Response, visit: Visit) -> Iterator[Found]:
        """A listing for each simple product, a visit for each variable one's variations, and the next page."""
        products = find_records(read_json(response.body), None)
        yield from self.each(products, partial(self._of_section, visit=visit))
        pages = (response.headers.get("X-WP-TotalPages") or b"").decode("latin-1")
        more = not pages.isdecimal() or visit.page_number < int(pages)
        yield from self.next_page(visit, count=len(products) if more else 0)

    def read_detail(self, response: Response, visit: Visit) -> Iterator[Found]:
        """A listing for each variation of a product."""
        variations = find_records(read_json(response.body), None)
        yield from self.each(variations, partial(self._product, parent=visit.known["parent"], visit=visit))
        if len(variations) == PAGE_SIZE and visit.page_number < self.dealer.walk.max_pages:
            number = visit.page_number + 1
            url = self.page_url(visit.known["template"], number)
            yield Visit(url, "detail", visit.section, number, visit.known)

    def _of_section(self, product: dict[str, Any], visit: Visit) -> Iterator[Found]:
        if product.get("id") and (product.get("type") == "variable" or product.get("variations")):
            query = f"?type=variation&parent={product.get('id')}&per_page={PAGE_SIZE}&page={{page}}"
            known = {"template": STORE_API + query, "parent": _of_parent(product)}
            yield Visit(self.page_url(STORE_API + query, 1), "detail", visit.section, known=known)
        else:
            yield from self._product(product, {}, visit)

    def _product(self, product: dict[str, Any], parent: dict[str, Any], visit: Visit) -> Iterator[Found]:
        prices = product.get("prices") or {}
        choice = _choice(product.get("variation"))
        name = product.get("name") or parent.get("title")
        price, regular = _amount(prices, "price"), _amount(prices, "regular_price")
        raw = (
            parent
            | {
                "external_id": identifier(product.get("id")),
                "url": product.get("permalink"),
                "title": f"{name} - {choice}" if choice else name,
                "price": price,
                "regular_price": regular if regular != price else None,
                "currency": prices.get("currency_code"),
                "sku": product.get("sku"),
                "gtin": product.get("global_unique_id"),
                "availability": _availability(product),
                "quantity": product.get("low_stock_remaining"),
                "rating": product.get("average_rating") if product.get("review_count") else None,
                "rating_count": product.get("review_count") or None,
                "size": choice,
            }
            | _descriptive(product)
        )
        said = {name: value for name, value in raw.items() if value not in (None, "", [])}
        provenance = {name: f"woocommerce {_SOURCES.get(name, name)}" for name in said}
        yield from self.listing(said, provenance, visit, self.dealer.url)


_SOURCES: Final = {
    "external_id": "id",
    "product_group": "parent id",
    "title": "name",
    "price": "prices.price",
    "regular_price": "prices.regular_price",
    "currency": "prices.currency_code",
    "gtin": "global_unique_id",
    "availability": "is_in_stock",
    "url": "permalink",
    "breadcrumbs": "categories",
    "specs": "attributes",
    "size": "variation",
}


def _choice(variation: str | None) -> str | None:
    """What a variation is, without its attributes' names: "Weight: 5 kg, Flavour: Duck" is "5 kg, Duck"."""
    parts = [part.partition(": ") for part in (variation or "").split(", ")]
    return ", ".join(value or name for name, _, value in parts) or None


def _descriptive(product: dict[str, Any]) -> dict[str, Any]:
    """What describes a product and, where a variation does not say it, all of its variations; empty ones left out."""
    brands = product.get("brands") or []
    found = {
        "description": product.get("description") or product.get("short_description"),
        "breadcrumbs": [entry.get("name") for entry in product.get("categories") or []],
        "brand": brands[0].get("name") if brands else None,
        "images": [entry.get("src") for entry in product.get("images") or []],
        "specs": [
            [entry.get("name"), ", ".join(str(term.get("name")) for term in entry.get("terms") or [])]
            for entry in product.get("attributes") or []
            if isinstance(entry, dict) and entry.get("terms")
        ],
    }
    return {name: value for name, value in found.items() if value}


def _of_parent(product: dict[str, Any]) -> dict[str, Any]:
    """What a variation takes from its product; the attributes are not among it, they name every choice."""
    facts = _descriptive(product)
    facts.pop("specs", None)
    return facts | {"title": product.get("name"), "product_group": identifier(product.get("id"))}


def _amount(prices: dict[str, Any], name: str) -> str | None:
    """Minor units as an amount: "1299" with currency_minor_unit 2 is "12.99"."""
    try:
        return str(Decimal(str(prices[name])).scaleb(-int(prices.get("currency_minor_unit", 2))))
    except (InvalidOperation, KeyError, TypeError, ValueError):
        return None


def _availability(product: dict[str, Any]) -> str | None:
    if product.get("is_on_backorder"):
        return "BackOrder"
    return {True: "InStock", False: "OutOfStock"}.get(product.get("is_in_stock", ...))

"""Shops on Shopify: products.json, page by page, a listing a variant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from scrapy.http import Response

from crawler.platforms.base import Found, Platform, UnreadablePage
from crawler.platforms.records import find_records, identifier, read_json
from crawler.platforms.visit import Visit

PAGE_SIZE: Final = 250
"""The most that Shopify gives on one page."""

META: Final = "/meta.json"
"""The shop about itself: name, country, currency. `/cart.js` says the currency too, but robots.txt forbids it."""

_SIZE_OPTION: Final = re.compile(r"size|weight|pack|length|größe|grösse|gewicht|taille|poids|talla|peso|maat", re.I)
_NO_CHOICE: Final = "Default Title"
"""What Shopify calls the only variant of a product without options."""

_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_INSTEAD: Final = 'set platform = "schema_org" with the listing pages as sections'


class Shopify(Platform):
    """Reads `/products.json` or `/collections/NAME/products.json`; no detail pages are asked for.

    Choose it where `/products.json` answers. Set `[sections]` to collections (`dog-food = "/collections/food"`) or
    to the whole shop (`all = "/"`). products.json names no currency: it is the file's `currency`, else what the shop
    says of itself in `/meta.json` (one request a crawl), else unknown.

    Variants become listings of one `product_group`, each with its own address, options and images. `compare_at_price`
    is the regular price where it is above the price. `grams` is the weight of the parcel, not of what is in it: it is
    kept as the attribute `shipping_weight_g`. Pages are asked for until one is empty.

    A shop that hides its list raises `UnreadablePage`, which says what to do instead.
    """

    def request_meta(self, visit: Visit) -> dict[str, Any]:
        """Refusals are read too: `/meta.json` may be hidden, and of a hidden list there is something to say."""
        return {"handle_httpstatus_list": [401, 402, 403, 404, 406]}

    def entrances(self, sections: Iterable[str]) -> Iterator[Visit]:
        """The first JSON page of each section; before them the shop's currency where nobody said it."""
        templates = [(section, self._template(url)) for section in sections for url in self.dealer.sections[section]]
        if self.dealer.currency or not templates:
            yield from (self._first_page(section, template, None) for section, template in templates)
        else:
            known = {"opens": [list(pair) for pair in templates]}
            yield Visit(urljoin(self.dealer.url, META), "section", templates[0][0], known=known)

    def _template(self, url: str) -> str:
        is_json = urlsplit(url).path.endswith(".json")
        base = url if is_json else url.partition("?")[0].rstrip("/") + "/products.json"
        return base if "{page}" in base else f"{base.partition('?')[0]}?limit={PAGE_SIZE}&page={{page}}"

    def _first_page(self, section: str, template: str, currency: str | None) -> Visit:
        known = {"template": template} | ({"currency": currency} if currency else {})
        return Visit(self.page_url(template, 1), "section", section, known=known)

    def read_section(self, response: Response, visit: Visit) -> Iterator[Found]:
        """A listing for each variant of each product, and the next page after a page that held any."""
        if "opens" in visit.known:
            currency = _currency_of(response)
            yield from (self._first_page(section, template, currency) for section, template in visit.known["opens"])
            return
        if hidden := why_hidden(response):
            raise UnreadablePage(f"{hidden}; {_INSTEAD}")
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
        raw = {
            "external_id": identifier(variant.get("id")),
            "product_group": identifier(product.get("id")),
            "url": self._address(product, variant),
            "title": title if choice == _NO_CHOICE else f"{title} - {choice}",
            "description": product.get("body_html"),
            "brand": product.get("vendor"),
            "price": variant.get("price"),
            "regular_price": _regular_price(variant),
            "currency": visit.known.get("currency"),
            "sku": variant.get("sku"),
            "gtin": variant.get("barcode"),
            "availability": {True: "InStock", False: "OutOfStock"}.get(variant.get("available", ...)),
            "breadcrumbs": [product["product_type"]] if product.get("product_type") else None,
            "size": next((value for name, value in options if _SIZE_OPTION.search(name)), None),
            "specs": [[name, value] for name, value in options] or None,
            "images": _images(product, variant),
            "tags": _tags(product.get("tags")),
            "shipping_weight_g": variant.get("grams") or None,
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
    "currency": "meta.json currency",
    "sku": "variant.sku",
    "gtin": "variant.barcode",
    "availability": "variant.available",
    "breadcrumbs": "product_type",
    "size": "variant.option",
    "specs": "variant.options",
    "shipping_weight_g": "variant.grams",
}


def why_hidden(response: Response) -> str | None:
    """Why an answer is not the JSON that was asked for, in words; None where it may be."""
    if response.status == 404:
        return "answers 404: there is no such collection, or the shop hides its product list"
    if response.status >= 400:
        return f"answers {response.status}: the shop does not give out its product list"
    if response.body.lstrip()[:1] != b"<":
        return None
    if urlsplit(response.url).path.rstrip("/").endswith("/password"):
        return "leads to a password page: the shop is closed to the public"
    return "answers with a page of HTML: the shop hides its product list"


def _currency_of(response: Response) -> str | None:
    """What the shop says of its own currency. A shop that does not say it leaves it unknown."""
    try:
        said = read_json(response.body) if response.status == 200 else None
    except UnreadablePage:
        return None
    currency = said.get("currency") if isinstance(said, dict) else None
    return currency if isinstance(currency, str) and _CURRENCY.fullmatch(currency) else None


def _regular_price(variant: dict[str, Any]) -> Any:
    """`compare_at_price`, where it is more than the price: shops leave null, "0.00" or the price itself there."""
    try:
        regular = Decimal(str(variant.get("compare_at_price")))
        return variant["compare_at_price"] if regular > Decimal(str(variant.get("price"))) else None
    except InvalidOperation:
        return None


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


def _images(product: dict[str, Any], variant: dict[str, Any]) -> list[str]:
    """The variant's own images, then those of no variant; all of the product's where that leaves none."""
    images = [image if isinstance(image, dict) else {"src": image} for image in product.get("images") or []]
    of_variants = [(image.get("src"), image.get("variant_ids") or []) for image in images]
    own = [(variant.get("featured_image") or {}).get("src")]
    own += [src for src, variants in of_variants if variant.get("id") in variants]
    found = [src for src in (*own, *(src for src, variants in of_variants if not variants)) if src]
    return list(dict.fromkeys(found)) or [src for src, _ in of_variants if src]


def _tags(tags: Any) -> list[str]:
    """A list in products.json, text with commas in other shapes of a product."""
    entries = tags.split(",") if isinstance(tags, str) else tags if isinstance(tags, list) else []
    return [text for entry in entries if (text := str(entry).strip())]

"""Pawhaus: a Shopify-shaped dog shop (products.json by shop and by collection, product pages, product .js, a feed)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any, ClassVar, Final

from demo.offers import DogOffer, Product, dog_truth
from demo.pages.html import JSON, Page, e, redirect, text_page
from demo.site import Site, page_number, page_of
from demo.sites import pawhaus_pages as pages
from demo.sites.dog_stock import SHELVES, products
from demo.sites.pawhaus_feed import google_feed
from demo.sites.pawhaus_json import full_title, product_js, product_json

PER_PAGE: Final = 24
DEFAULT_LIMIT: Final = 30
MAX_LIMIT: Final = 250


class Pawhaus(Site):
    name: ClassVar[str] = "pawhaus"
    title: ClassVar[str] = "Pawhaus"
    weight: ClassVar[tuple[int, int]] = (110, 260)

    def restock(self) -> None:
        self._products = products(self.products, self.seed, 7_801_000_000_000, 42_118_000_000_000)
        self._by_handle = {product.handle: product for product in self._products}
        self.offers = {offer.id: offer for product in self._products for offer in product.variants}
        # Two products in five are kept under their GTIN as SKU; the list at /products.json shows no other trace of it.
        for product in self._products:
            if product.id // 10 % 5 < 2:
                for offer in product.variants:
                    offer.variant = replace(offer.variant, sku=offer.variant.gtin or offer.variant.sku)
        # Some shops leave "0.00" where there is no old price.
        rng = Random(f"pawhaus quirks {self.seed}")
        self._zero_compare = {product.handle for product in self._products if rng.random() < 0.1}
        self._moved = {f"{product.handle}-old": product.handle for product in self._products[:3]}

    @property
    def _live(self) -> list[Product]:
        return [product for product in self._products if product.live]

    def _collection(self, handle: str) -> tuple[str, list[Product]] | None:
        if handle == "all":
            return "All products", self._live
        if handle == "sale":
            return "Sale", [product for product in self._live if product.variants[0].regular_price]
        for shelf in SHELVES:
            if shelf.handle == handle:
                return shelf.name, [product for product in self._live if product.first.category == shelf.category]
        return None

    def robots(self, base: str) -> str:
        return f"User-agent: *\nDisallow: /cart\nDisallow: /checkout\nDisallow: /account\nSitemap: {base}/sitemap.xml\n"

    def page(self, path: str, query: Mapping[str, str], base: str) -> Page | None:
        parts = path.strip("/").split("/")
        if path == "/":
            return self._wrap(pages.home(self.listed(self._live)[:8], base), "Dog food, beds & gear", base + "/")
        if path == "/products.json":
            return self._product_list(self._live, query, base)
        if path == "/collections.json":
            return self._collections(base)
        if path == "/meta.json":
            return self._json(self._meta(base))
        if path == "/feeds/google.xml":
            return text_page(google_feed(self.listed(self._live), base), "application/xml; charset=utf-8", self.changed)
        if path in ("/sitemap.xml", "/sitemap_products_1.xml"):
            return text_page(self._sitemap(path, base), "application/xml", self.changed)
        if path in pages.STATIC:
            return self._wrap(
                f"<main><h1>{pages.STATIC[path][0]}</h1><p>{pages.STATIC[path][1]}</p></main>",
                pages.STATIC[path][0],
                base + path,
            )
        if parts[0] == "products" and len(parts) == 2:
            return self._product(parts[1], base)
        if parts[0] == "collections" and len(parts) >= 2:
            return self._in_collection(parts[1:], query, base)
        return None

    def _in_collection(self, parts: list[str], query: Mapping[str, str], base: str) -> Page | None:
        found = self._collection(parts[0])
        if found is None:
            return None
        name, members = found
        if len(parts) == 1:
            return self._collection_page(parts[0], name, members, page_number(query), base)
        if parts[1:] == ["products.json"]:
            return self._product_list(members, query, base)
        if len(parts) == 3 and parts[1] == "products":
            return self._product(parts[2], base)
        return None

    def _product_list(self, members: list[Product], query: Mapping[str, str], base: str) -> Page:
        limit = min(page_number(query, "limit") if "limit" in query else DEFAULT_LIMIT, MAX_LIMIT)
        shown = page_of(self.listed(members), page_number(query), limit)
        data = {"products": [product_json(product, base, product.handle in self._zero_compare) for product in shown]}
        return self._json(data)

    def _json(self, data: Any) -> Page:
        return Page((json.dumps(data, ensure_ascii=False).encode(),), JSON, modified=self.changed)

    def _collections(self, base: str) -> Page:
        data = [
            {
                "id": 300_000_000_000 + place,
                "title": shelf.name,
                "handle": shelf.handle,
                "description": "",
                "products_count": sum(product.first.category == shelf.category for product in self._live),
            }
            for place, shelf in enumerate(SHELVES)
        ]
        return self._json({"collections": data})

    def _meta(self, base: str) -> dict[str, Any]:
        """The shop about itself; products.json names no currency."""
        return {
            "id": 61_000_000_000,
            "name": self.title,
            "city": "Portland",
            "province": "Oregon",
            "country": "US",
            "currency": "USD",
            "domain": base.partition("//")[2],
            "url": base,
            "myshopify_domain": "pawhaus.myshopify.example",
            "description": "Dog food, beds and gear",
            "ships_to_countries": ["CA", "US"],
            "money_format": "${{amount}}",
            "published_collections_count": len(SHELVES),
            "published_products_count": len(self._live),
        }

    def _collection_page(self, handle: str, name: str, members: list[Product], number: int, base: str) -> Page:
        live = self.listed(members)
        last = max(-(-len(live) // PER_PAGE), 1)
        shown = page_of(live, number, PER_PAGE)
        body = pages.collection(
            handle, name, shown, number, last, dead=handle == "toys" and number == 1, moved=self._moved
        )
        return self._wrap(body, name, f"{base}/collections/{handle}")

    def _product(self, handle: str, base: str) -> Page | None:
        key, _, kind = handle.partition(".")
        if key in self._moved:
            return redirect(f"/products/{self._moved[key]}")
        product = self._by_handle.get(key)
        if product is None or not product.live:
            return None
        zero = key in self._zero_compare
        if kind == "js":
            return Page(
                (json.dumps(product_js(product, base, zero)).encode(),),
                "text/javascript; charset=utf-8",
                modified=self.newest(product.variants),
            )
        if kind == "json":
            return self._json({"product": product_json(product, base, zero)})
        siblings = [
            each for each in self._live if each is not product and each.first.category == product.first.category
        ]
        related = Random(f"related {key}").sample(siblings, min(4, len(siblings)))
        body, head = pages.product_page(product, related, base, product_js(product, base, zero))
        page = self._wrap(body, product.first.title, f"{base}/products/{key}", head, product.id * 7919 % 100 / 100)
        page.modified = self.newest(product.variants)
        return page

    def _wrap(self, body: str, title: str, canonical: str, head: str = "", share: float = 0.0) -> Page:
        start = (
            '<!doctype html><html class="no-js" lang="en"><head><meta charset="utf-8"><title>'
            f"{e(title)} – {self.title}</title>"
            f'<link rel="canonical" href="{e(canonical)}">'
            f'<link rel="preconnect" href="https://cdn.shopify.example" crossorigin>{head}'
        )
        return self.framed(start, body, share, around=(pages.HEADER, pages.FOOTER), modified=self.changed)

    def _sitemap(self, path: str, base: str) -> str:
        start = '<?xml version="1.0" encoding="UTF-8"?>\n'
        namespace = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        if path == "/sitemap.xml":
            return (
                f"{start}<sitemapindex {namespace}><sitemap><loc>{base}/sitemap_products_1.xml</loc></sitemap>"
                "</sitemapindex>"
            )
        urls = "".join(
            f"<url><loc>{base}/products/{product.handle}</loc><lastmod>{self.newest(product.variants):%Y-%m-%d}</lastmod></url>\n"
            for product in self.listed(self._live)
        )
        return f"{start}<urlset {namespace}>\n<url><loc>{base}/</loc></url>\n{urls}</urlset>"

    def truth(self, base: str) -> list[dict[str, Any]]:
        return [self._truth_of(product, offer, base) for product in self._live for offer in product.live]

    def _truth_of(self, product: Product, offer: DogOffer, base: str) -> dict[str, Any]:
        url = f"{base}/products/{product.handle}?variant={offer.id}"
        return dog_truth(
            offer, url, full_title(product, offer), product_title=product.first.title, option=offer.variant.option
        )

    def paths(self) -> Iterator[str]:
        yield from ("/", "/products.json?limit=250&page=1", "/sitemap.xml", "/sitemap_products_1.xml")
        yield from (f"/collections/{shelf.handle}" for shelf in SHELVES)
        yield from (f"/products/{product.handle}" for product in self._live)

"""Barkwood: a WooCommerce-shaped dog shop with the Store API (`/wp-json/wc/store/v1`) and themed pages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, ClassVar, Final

from demo.offers import DogOffer, Product, dog_truth
from demo.pages.html import JSON, Page, e, not_found, redirect, text_page
from demo.site import Site, page_number, page_of
from demo.sites import barkwood_pages as pages
from demo.sites.barkwood_json import category_json, product_json, variation_json, variation_url
from demo.sites.dog_stock import SHELVES, products, shelf_of, single

API: Final = "/wp-json/wc/store/v1/products"
PER_PAGE: Final = 16


class Barkwood(Site):
    name: ClassVar[str] = "barkwood"
    title: ClassVar[str] = "Barkwood Pet Supplies"
    weight: ClassVar[tuple[int, int]] = (95, 210)

    def restock(self) -> None:
        self._products = products(self.products, self.seed, 1200, 90_000)
        self._by_handle = {product.handle: product for product in self._products}
        for product in self._products:
            if single(product):  # a simple product has no variation: its own id is the listing's
                product.variants[0].id = str(product.id)
        self.offers = {offer.id: offer for product in self._products for offer in product.variants}
        self._moved = {f"{product.handle}-2": product.handle for product in self._products[:2]}

    @property
    def _live(self) -> list[Product]:
        return [product for product in self._products if product.live]

    def robots(self, base: str) -> str:
        return (
            f"User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n\nSitemap: {base}/wp-sitemap.xml\n"
        )

    def page(self, path: str, query: Mapping[str, str], base: str) -> Page | None:
        parts = path.strip("/").split("/")
        if path == API or path.startswith(API + "/"):
            return self._api(path.removeprefix(API).strip("/"), query, base)
        if path == "/sitemap.xml":
            return redirect("/wp-sitemap.xml")
        if path in ("/wp-sitemap.xml", "/wp-sitemap-posts-product-1.xml"):
            return text_page(self._sitemap(path, base), "application/xml", self.changed)
        if path == "/":
            return self._wrap(pages.home(self.listed(self._live)[:6], base), "Home", base + "/")
        if not path.endswith("/"):
            return redirect(path + "/") if parts[0] in ("shop", "product", "product-category") else None
        if parts[0] == "shop":
            return self._archive("Shop", "/shop/", self._live, parts[1:], base)
        if parts[0] == "product-category" and len(parts) > 1:
            for shelf in SHELVES:
                if shelf.handle == parts[1]:
                    members = [product for product in self._live if product.first.category == shelf.category]
                    return self._archive(shelf.name, f"/product-category/{shelf.handle}/", members, parts[2:], base)
        if parts[0] == "product" and len(parts) == 2:
            return self._product(parts[1], base)
        if path in pages.STATIC:
            return self._wrap(
                f"<main><h1>{pages.STATIC[path][0]}</h1><p>{pages.STATIC[path][1]}</p></main>",
                pages.STATIC[path][0],
                base + path,
            )
        return None

    # The Store API

    def _api(self, rest: str, query: Mapping[str, str], base: str) -> Page | None:
        if rest == "categories":
            counts = {
                shelf: sum(product.first.category == shelf.category for product in self._live) for shelf in SHELVES
            }
            return self._json([category_json(shelf, count, base) for shelf, count in counts.items()])
        if rest.isdecimal():
            found = [data for data in self._everything(base) if data["id"] == int(rest)]
            return (
                self._json(found[0])
                if found
                else self._error(404, "woocommerce_rest_product_invalid_id", "Invalid product ID.")
            )
        if rest:
            return self._error(404, "rest_no_route", "No route was found matching the URL and request method.")
        per_page = query.get("per_page", "10")
        if not per_page.isdecimal() or not 1 <= int(per_page) <= 100:
            return self._error(400, "rest_invalid_param", "Invalid parameter(s): per_page")
        return self._list(query, int(per_page), base)

    def _everything(self, base: str) -> list[dict[str, Any]]:
        parents = [product_json(product, base) for product in self._live]
        return parents + [
            variation_json(product, offer, base)
            for product in self._live
            if not single(product)
            for offer in product.live
        ]

    def _list(self, query: Mapping[str, str], per_page: int, base: str) -> Page:
        live = self.listed(self._live)
        wanted = [text for text in query.get("category", "").split(",") if text]
        if wanted:
            live = [
                product
                for product in live
                if {shelf_of(product.first.category).handle, str(category_id(product.first.category))} & set(wanted)
            ]
        parents = set(filter(None, query.get("parent", "").split(",")))
        if query.get("type") == "variation" or parents:
            rows = [
                variation_json(product, offer, base)
                for product in live
                if not single(product) and (not parents or str(product.id) in parents)
                for offer in product.live
            ]
        else:
            kind = query.get("type", "")
            rows = [
                product_json(product, base)
                for product in live
                if kind in ("", "simple" if single(product) else "variable")
            ]
        if query.get("slug"):
            rows = [row for row in rows if row["slug"] == query["slug"]]
        if query.get("include"):
            rows = [row for row in rows if str(row["id"]) in query["include"].split(",")]
        page = self._json(page_of(rows, page_number(query), per_page))
        page.headers += [("x-wp-total", str(len(rows))), ("x-wp-totalpages", str(-(-len(rows) // per_page)))]
        return page

    def _json(self, data: Any) -> Page:
        return Page((json.dumps(data, ensure_ascii=False).encode(),), JSON, modified=self.changed)

    def _error(self, status: int, code: str, message: str) -> Page:
        return Page(
            (json.dumps({"code": code, "message": message, "data": {"status": status}}).encode(),), JSON, status
        )

    # Pages

    def _archive(self, name: str, path: str, members: list[Product], rest: list[str], base: str) -> Page | None:
        if rest and not (len(rest) == 2 and rest[0] == "page" and rest[1].isdecimal()):
            return None
        number = int(rest[1]) if rest else 1
        live = self.listed(members)
        last = max(-(-len(live) // PER_PAGE), 1)
        if not 1 <= number <= last:
            return not_found(self.title)
        body = pages.archive(name, path, page_of(live, number, PER_PAGE), number, last, len(live), self._moved, base)
        return self._wrap(body, name, base + path)

    def _product(self, slug: str, base: str) -> Page | None:
        if slug in self._moved:
            return redirect(f"/product/{self._moved[slug]}/")
        product = self._by_handle.get(slug)
        if product is None or not product.live:
            return None
        siblings = [
            each for each in self._live if each is not product and each.first.category == product.first.category
        ]
        related = Random(f"related {slug}").sample(siblings, min(4, len(siblings)))
        body, head = pages.product_page(product, related, base)
        page = self._wrap(body, product.first.title, f"{base}/product/{slug}/", head, product.id * 31 % 100 / 100)
        page.modified = self.newest(product.variants)
        return page

    def _wrap(self, body: str, title: str, canonical: str, head: str = "", share: float = 0.0) -> Page:
        start = (
            f'<!DOCTYPE html><html lang="en-GB"><head><meta charset="UTF-8"><title>{e(title)} – {self.title}</title>'
            f'<link rel="canonical" href="{e(canonical)}"><link rel="https://api.w.org/" href="/wp-json/">'
            f'<meta name="generator" content="WooCommerce 9.4.2">{head}'
        )
        return self.framed(
            start,
            body,
            share,
            around=(pages.HEADER, pages.FOOTER),
            modified=self.changed,
            between=(b'</head><body class="woocommerce woocommerce-page">', b"</body></html>"),
        )

    def _sitemap(self, path: str, base: str) -> str:
        start = '<?xml version="1.0" encoding="UTF-8"?>\n'
        namespace = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        if path == "/wp-sitemap.xml":
            return (
                f"{start}<sitemapindex {namespace}><sitemap><loc>{base}/wp-sitemap-posts-product-1.xml</loc>"
                "</sitemap></sitemapindex>"
            )
        urls = "".join(
            f"<url><loc>{base}/product/{product.handle}/</loc><lastmod>{self.newest(product.variants):%Y-%m-%dT%H:%M:%S+00:00}</lastmod></url>\n"
            for product in self.listed(self._live)
        )
        return f"{start}<urlset {namespace}>\n{urls}</urlset>"

    def truth(self, base: str) -> list[dict[str, Any]]:
        return [self._truth_of(product, offer, base) for product in self._live for offer in product.live]

    def _truth_of(self, product: Product, offer: DogOffer, base: str) -> dict[str, Any]:
        title = product.first.title if single(product) else f"{product.first.title} - {offer.variant.option}"
        return dog_truth(
            offer,
            variation_url(product, offer, base),
            title,
            product_title=product.first.title,
            option=offer.variant.option,
            price_tax="gross",
            product_group=None if single(product) else str(product.id),
        )

    def paths(self) -> Iterator[str]:
        yield from ("/", "/shop/", f"{API}/categories", "/wp-sitemap.xml", "/wp-sitemap-posts-product-1.xml")
        yield from (f"{API}?per_page=100&page={number}" for number in range(1, -(-len(self._live) // 100) + 1))
        yield from (f"/product-category/{shelf.handle}/" for shelf in SHELVES)
        yield from (f"/product/{product.handle}/" for product in self._live)


def category_id(category: str) -> int:
    return 15 + [shelf.category for shelf in SHELVES].index(category)

"""A Shopify shop: told by `/products.json`, its collections by `/collections.json`."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urljoin

from crawler.platforms.shopify import META, PAGE_SIZE
from crawler.probing.categories import vertical_of_words
from crawler.probing.draft import Draft
from crawler.probing.facts import currency_said
from crawler.probing.shop_sections import Collection, sections_of_shop
from crawler.probing.site import Site
from inventory.listing import Vertical

MAX_PAGES: Final = 4
"""A shop of more products than four pages hold is taken as a whole."""


async def find_shopify(site: Site, home: str, vertical: Vertical | None) -> Draft | None:
    """The dealer file of a Shopify shop; None where `/products.json` does not answer as Shopify's does."""
    products = await _products(site, urljoin(home, "/"), MAX_PAGES)
    if products is None:
        return None
    listed, complete = products
    draft = Draft("shopify", f"/products.json lists {len(listed)} products{'' if complete else ' and more'}")
    draft.words = [str(p.get(name)) for p in listed[:300] for name in ("product_type", "title") if p.get(name)]
    draft.vertical = vertical or vertical_of_words(draft.words)
    said = await site.json(urljoin(home, f"/collections.json?limit={PAGE_SIZE}"))
    collections = [
        Collection(str(c["id"]), str(c.get("title") or ""), f"/collections/{c['handle']}", _count(c))
        for c in (said.get("collections") or [] if isinstance(said, dict) else [])
        if isinstance(c, dict) and c.get("handle") and c.get("id")
    ]

    async def members(collection: Collection) -> set[str] | None:
        held = await _products(site, urljoin(home, collection.url), MAX_PAGES)
        return {str(product.get("id")) for product in held[0]} if held and held[1] else None

    everything = frozenset(str(product.get("id")) for product in listed) if complete else None
    draft.sections, why = await sections_of_shop(collections, everything, draft.vertical, members)
    draft.notes.append(why)
    draft.listings = sum(len(product.get("variants") or []) for product in listed)
    draft.currency = await _currency(site, home, listed)
    return draft


async def _products(site: Site, base: str, pages: int) -> tuple[list[dict[str, Any]], bool] | None:
    """Products below an address, and whether these are all; None where it does not answer."""
    found: list[dict[str, Any]] = []
    for number in range(1, pages + 1):
        said = await site.json(f"{base.rstrip('/')}/products.json?limit={PAGE_SIZE}&page={number}")
        products = said.get("products") if isinstance(said, dict) else None
        if not isinstance(products, list):
            return (found, False) if found else None
        usable = [product for product in products if isinstance(product, dict) and "variants" in product]
        if products and not usable:
            return None
        found += usable
        if len(products) < PAGE_SIZE:
            return found, True
    return found, False


async def _currency(site: Site, home: str, products: list[dict[str, Any]]) -> str | None:
    """What the shop says of itself, else what the page of a product says."""
    said = await site.json(urljoin(home, META))
    currency = said.get("currency") if isinstance(said, dict) else None
    if isinstance(currency, str) and len(currency) == 3 and currency.isupper():
        return currency
    handle = next((product["handle"] for product in products if product.get("handle")), None)
    page = await site.page(urljoin(home, f"/products/{handle}")) if handle else None
    return currency_said(page) if page is not None else None


def _count(collection: dict[str, Any]) -> int | None:
    count = collection.get("products_count")
    return count if isinstance(count, int) else None

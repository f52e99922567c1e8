"""A WooCommerce shop: told by its Store API, which also names its categories."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from crawler.platforms.woocommerce import PAGE_SIZE, STORE_API
from crawler.probing.categories import vertical_of_words
from crawler.probing.draft import Draft
from crawler.probing.shop_sections import Collection, sections_of_shop
from crawler.probing.site import Site
from inventory.listing import Vertical

MAX_PAGES: Final = 6


async def find_woocommerce(site: Site, home: str, vertical: Vertical | None) -> Draft | None:
    """The dealer file of a WooCommerce shop; None where its Store API does not answer."""
    first = await _products(site, home, MAX_PAGES)
    if first is None:
        return None
    listed, complete = first
    draft = Draft("woocommerce", f"the Store API lists {len(listed)} products{'' if complete else ' and more'}")
    draft.words = [str(p.get("name")) for p in listed[:200]]
    draft.words += [str(c.get("name")) for p in listed[:200] for c in p.get("categories") or [] if isinstance(c, dict)]
    draft.vertical = vertical or vertical_of_words(draft.words)
    said = await site.json(urljoin(home, f"{STORE_API}/categories?per_page={PAGE_SIZE}"))
    collections = [
        Collection(str(c["id"]), str(c.get("name") or ""), urlsplit(str(c["permalink"])).path, c.get("count"))
        for c in (said if isinstance(said, list) else [])
        if isinstance(c, dict) and c.get("permalink") and c.get("slug") and c.get("id")
    ]

    async def members(collection: Collection) -> set[str] | None:
        """The products say themselves where they belong: no further request."""
        inside = [p for p in listed if collection.id in {str(c.get("id")) for c in p.get("categories") or []}]
        return {str(product.get("id")) for product in inside}

    everything = frozenset(str(product.get("id")) for product in listed) if complete else None
    draft.sections, why = await sections_of_shop(collections, everything, draft.vertical, members)
    draft.notes.append(why)
    draft.listings = sum(max(len(product.get("variations") or []), 1) for product in listed)
    return draft


async def _products(site: Site, home: str, pages: int) -> tuple[list[dict[str, Any]], bool] | None:
    """Products, and whether these are all; None where the Store API does not answer."""
    found: list[dict[str, Any]] = []
    for number in range(1, pages + 1):
        said = await site.json(urljoin(home, f"{STORE_API}?per_page={PAGE_SIZE}&page={number}&orderby=id&order=asc"))
        if not isinstance(said, list):
            return (found, False) if found else None
        usable = [product for product in said if isinstance(product, dict) and "prices" in product]
        if said and not usable:
            return None
        found += usable
        if len(said) < PAGE_SIZE:
            return found, True
    return found, False

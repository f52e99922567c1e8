"""Shopify and WooCommerce: collections are sections where they have each product once, else the whole shop is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from crawler.fetching.asking import Answer
from crawler.platforms.woocommerce import STORE_API
from tests.probing.made_sites import HOME, MadeSite, crawled, json_page, page, probed

SHELVES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "toys": ("Toys", ("Rope Dog Toy", "Squeaky Duck for Dogs")),
    "dry-food": ("Dry Food", ("Chicken & Rice Dry Dog Food", "Lamb Kibble for Dogs")),
    "harnesses": ("Harnesses", ("Everyday Dog Harness",)),
}


def shopify(*, extra: dict[str, list[str]] | None = None, unsorted: bool = False, meta: bool = True) -> MadeSite:
    """A shop with a collection a shelf. `extra`: further collections; `unsorted`: a product in none of them."""
    site = MadeSite({"/": page("Home", "<h1>Dogs</h1>", head='<link href="//cdn.shopify.com/s/theme.css">')})
    products: dict[str, dict[str, Any]] = {}
    shelves = {handle: [*titles] for handle, (_, titles) in SHELVES.items()} | (extra or {})
    titles = list(dict.fromkeys(title for named in shelves.values() for title in named))
    titles += ["Gift for a Dog Lover"] if unsorted else []
    for number, title in enumerate(titles, 1):
        variants = [
            {"id": number * 10 + n, "title": size, "price": "9.50", "available": True, "sku": f"S{number}{n}"}
            for n, size in enumerate(("Small", "Large"))
        ]
        handle = title.lower().replace(" ", "-").replace("&", "and")
        products[title] = {"id": number, "title": title, "handle": handle, "vendor": "Acme", "variants": variants}
    by_path = {"/products.json": list(products.values())}
    for handle, named in shelves.items():
        by_path[f"/collections/{handle}/products.json"] = [products[title] for title in named]
    for path, listed in by_path.items():
        site.pages[f"{path}?limit=250&page=1"] = json_page({"products": listed})
        site.pages[f"{path}?limit=250&page=2"] = json_page({"products": []})
    names = {handle: SHELVES[handle][0] if handle in SHELVES else handle.title() for handle in shelves}
    collections = [{"id": n, "handle": handle, "title": names[handle]} for n, handle in enumerate(shelves, 1)]
    site.pages["/collections.json?limit=250"] = json_page({"collections": collections})
    if meta:
        site.pages["/meta.json"] = json_page({"currency": "CAD"})
    return site


def test_collections_that_have_each_product_once_are_the_sections() -> None:
    site = shopify()
    found = probed(site)
    assert found.dealer.platform == "shopify"
    assert found.dealer.vertical == "dog"
    assert found.dealer.sections == {
        "dry-dog-food": ("/collections/dry-food",),
        "dog-harnesses": ("/collections/harnesses",),
        "dog-toys": ("/collections/toys",),
    }
    assert len(crawled(site, found.dealer)) == found.draft.listings == 10


def test_a_collection_within_another_is_no_section_of_its_own() -> None:
    found = probed(shopify(extra={"puppy-toys": ["Rope Dog Toy"]}))
    assert found.dealer.sections["dog-toys"] == ("/collections/toys",)


def test_the_shop_says_its_currency_itself() -> None:
    assert probed(shopify()).dealer.currency == "CAD"


def test_a_currency_that_nobody_states_is_left_to_a_person() -> None:
    found = probed(shopify(meta=False))
    assert found.dealer.currency is None
    assert any("currency" in text for text in found.undecided)


@pytest.mark.parametrize(
    "site",
    [
        shopify(unsorted=True),
        shopify(extra={"puppy-toys": ["Rope Dog Toy", "Ball for Young Dogs"]}),
    ],
    ids=["a product in no collection", "a product in two"],
)
def test_a_shop_whose_collections_are_no_parts_of_it_is_taken_as_a_whole(site: MadeSite) -> None:
    found = probed(site)
    assert found.dealer.sections == {"all": ("/",)}
    listings = crawled(site, found.dealer)
    assert len(listings) == found.draft.listings
    assert len({listing.raw["external_id"] for listing in listings}) == len(listings)


def test_a_page_that_only_names_shopify_is_no_shop_of_it() -> None:
    site = MadeSite({"/": page("Home", "<h1>We build shops</h1><p>Ask for cdn.shopify.com themes: dog beds.</p>")})
    with pytest.raises(Exception, match="no list of stock"):
        probed(site)


def woocommerce() -> MadeSite:
    """A shop with a parent category above two of its three."""
    site = MadeSite({"/": page("Home", "<h1>Dogs</h1>", head='<link href="/wp-content/plugins/woocommerce/a.css">')})
    categories = [
        {"id": number, "slug": slug, "name": name, "parent": 0, "permalink": f"{HOME}product-category/{slug}/"}
        for number, (slug, (name, _)) in enumerate(SHELVES.items(), 1)
    ]
    products = []
    for number, (title, category) in enumerate(
        ((title, shelf) for shelf in categories for title in SHELVES[str(shelf["slug"])][1]), 100
    ):
        prices = {"price": "950", "regular_price": "950", "currency_code": "GBP", "currency_minor_unit": 2}
        products.append({
            "id": number, "name": title, "type": "simple", "permalink": f"{HOME}product/{number}/", "prices": prices,
            "is_in_stock": True, "variations": [], "categories": [{"id": category["id"], "name": category["name"]}],
        })  # fmt: skip
    query = "per_page=100&page={}&orderby=id&order=asc"
    site.pages[f"{STORE_API}?{query.format(1)}"] = _listed(products)
    for category in categories:
        inside = [p for p in products if p["categories"][0]["id"] == category["id"]]  # type: ignore[index]
        for named in (category["slug"], category["id"]):
            site.pages[f"{STORE_API}?{query.format(1)}&category={named}"] = _listed(inside)
    site.pages[f"{STORE_API}/categories?per_page=100"] = json_page(categories)
    return site


def _listed(products: list[dict[str, Any]]) -> Answer:
    headers = {"content-type": "application/json", "x-wp-total": str(len(products)), "x-wp-totalpages": "1"}
    return Answer(HOME + "wp-json", 200, json_page(products).encode(), headers, "utf-8")


def test_woocommerce_categories_are_the_sections() -> None:
    site = woocommerce()
    found = probed(site)
    assert found.dealer.platform == "woocommerce"
    assert set(found.dealer.sections) == {"dog-toys", "dry-dog-food", "dog-harnesses"}
    assert len(crawled(site, found.dealer)) == 5
    assert found.dealer.currency == "GBP"

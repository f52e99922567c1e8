"""Shopify's products.json: a listing a variant."""

from __future__ import annotations

import json

import pytest
from scrapy.http import TextResponse

from crawler.platforms import platform_of
from crawler.platforms.base import UnreadablePage
from crawler.platforms.visit import Visit
from inventory.listing import Listing
from tests.crawler.dealer_files import dealer

PRODUCT = {
    "id": 1, "title": "Salmon kibble", "handle": "salmon-kibble", "vendor": "Pawhaus", "product_type": "Dry food",
    "body_html": "<p>Grain free</p>", "images": [{"src": "https://cdn.example/a.jpg"}, {}],
    "options": [{"name": "Weight"}, {"name": "Colour"}],
    "variants": [
        {
            "id": 11, "title": "2 kg / red", "option1": "2 kg", "option2": "red", "price": "19.90",
            "compare_at_price": "24.90", "sku": "SK-2", "barcode": "4006381333931", "available": True,
            "featured_image": {"src": "https://cdn.example/red.jpg"},
        },
        {"id": 12, "title": "5 kg / blue", "option1": "5 kg", "option2": "blue", "price": "39.90", "available": False},
    ],
}  # fmt: skip
PLAIN = {
    "id": 2, "title": "Ball", "handle": "ball", "options": [{"name": "Title"}],
    "variants": [{"id": 21, "title": "Default Title", "option1": "Default Title", "price": "3.00"}],
}  # fmt: skip


def shop(*sections):
    said = {f"{name}": url for name, url in zip(("all", "dog-food"), sections or ("/",), strict=False)}
    return platform_of(dealer(vertical="dog", platform="shopify", sections=said))


def read(document, platform=None, number=1):
    platform = platform or shop()
    [visit] = platform.entrances(["all"])
    visit = Visit(visit.url, "section", "all", number, visit.known)
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    found = list(platform.read_section(TextResponse(visit.url, body=body), visit))
    return [entry for entry in found if isinstance(entry, Listing)], [e for e in found if isinstance(e, Visit)]


@pytest.mark.parametrize(
    ("section", "url"),
    [
        ("/", "https://acme.example/products.json?limit=250&page=1"),
        ("/collections/food", "https://acme.example/collections/food/products.json?limit=250&page=1"),
        ("/collections/food/", "https://acme.example/collections/food/products.json?limit=250&page=1"),
        ("/collections/food?sort_by=price", "https://acme.example/collections/food/products.json?limit=250&page=1"),
        ("https://shop.example/products.json", "https://shop.example/products.json?limit=250&page=1"),
        ("/products.json?limit=10&page={page}", "https://acme.example/products.json?limit=10&page=1"),
    ],
)
def test_a_collection_is_asked_for_as_json(section, url):
    [visit] = shop(section).entrances(["all"])
    assert visit.url == url


def test_every_variant_is_a_listing_of_one_group():
    (red, blue), [following] = read({"products": [PRODUCT]})
    assert red.raw == {
        "external_id": "11", "product_group": "1", "title": "Salmon kibble - 2 kg / red", "brand": "Pawhaus",
        "url": "https://acme.example/products/salmon-kibble?variant=11", "description": "<p>Grain free</p>",
        "price": "19.90", "regular_price": "24.90", "sku": "SK-2", "gtin": "4006381333931", "availability": "InStock",
        "breadcrumbs": ["Dry food"], "size": "2 kg", "specs": [["Weight", "2 kg"], ["Colour", "red"]],
        "images": ["https://cdn.example/red.jpg", "https://cdn.example/a.jpg", None],
    }  # fmt: skip
    assert red.url == red.raw["url"]
    assert red.provenance["regular_price"] == "shopify variant.compare_at_price"
    assert set(red.provenance) == set(red.raw)
    assert (blue.raw["product_group"], blue.raw["availability"]) == ("1", "OutOfStock")
    assert "regular_price" not in blue.raw
    assert following.url == "https://acme.example/products.json?limit=250&page=2"


def test_a_product_without_a_choice_has_neither_size_nor_a_double_name():
    [ball], _ = read({"products": [PLAIN]})
    assert ball.raw["title"] == "Ball"
    assert not {"size", "specs", "availability", "gtin", "brand"} & set(ball.raw)


def test_options_may_be_plain_names():
    [ball], _ = read({"products": [{**PLAIN, "options": ["Größe"], "variants": [{"id": 1, "option1": "XL"}]}]})
    assert ball.raw["size"] == "XL"


def test_a_variant_without_a_number_has_no_number():
    [odd], _ = read({"products": [{"title": "Ball", "handle": "ball", "variants": [{"title": "Red", "price": "3"}]}]})
    assert "external_id" not in odd.raw
    assert "product_group" not in odd.raw
    assert odd.raw["url"] == "https://acme.example/products/ball"


def test_what_is_no_product_and_no_variant_is_left_out():
    odd = {**PLAIN, "variants": [5, None, *PLAIN["variants"]]}
    listings, _ = read({"products": ["x", None, odd, {"id": 4, "variants": None}]})
    assert [listing.raw["external_id"] for listing in listings] == ["21"]


def test_the_last_page_is_the_empty_one():
    assert read({"products": []}) == ([], [])
    assert read({"products": [{"id": 3, "title": "No variants"}]})[0] == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"<html>password page</html>", "is no JSON"), (b"", "is no JSON"), (b"[]", "no array at products"),
     (b'{"products": null}', "no array at products"), (b'{"errors": "Not Found"}', "no array at products")],
)  # fmt: skip
def test_what_is_no_shop_is_unreadable(body, reason):
    with pytest.raises(UnreadablePage, match=reason):
        read(body)

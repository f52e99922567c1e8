"""WooCommerce's Store API: simple products at once, variations by their parent."""

from __future__ import annotations

import json

import pytest
from scrapy.http import TextResponse

from crawler.platforms import platform_of
from crawler.platforms.base import UnreadablePage
from crawler.platforms.visit import Visit
from inventory.listing import Listing
from tests.crawler.dealer_files import dealer

BED = {
    "id": 5, "name": "Dog bed", "type": "simple", "permalink": "https://acme.example/product/bed/", "sku": "BED",
    "description": "<p>Soft</p>", "is_in_stock": True, "is_on_backorder": False, "low_stock_remaining": 3,
    "average_rating": "4.5", "review_count": 12, "categories": [{"name": "Beds"}], "brands": [{"name": "Acme"}],
    "images": [{"src": "https://acme.example/bed.jpg"}],
    "attributes": [{"name": "Size", "terms": [{"name": "M"}, {"name": "L"}]}, {"name": "Empty", "terms": []}],
    "prices": {"price": "4999", "regular_price": "5999", "currency_code": "EUR", "currency_minor_unit": 2},
}  # fmt: skip
FOOD = {
    "id": 6, "name": "Kibble", "type": "variable", "variations": [{"id": 61}], "description": "Tasty",
    "categories": [{"name": "Food"}], "brands": [{"name": "Acme"}], "images": [{"src": "https://acme.example/f.jpg"}],
    "attributes": [{"name": "Weight", "terms": [{"name": "2 kg"}, {"name": "5 kg"}]}],
}  # fmt: skip


def shop(section="/"):
    return platform_of(dealer(vertical="dog", platform="woocommerce", sections={"all": section}))


def read(document, *, number=1, headers=None, visit=None):
    platform = shop()
    [entrance] = platform.entrances(["all"])
    visit = visit or Visit(entrance.url, "section", "all", number, entrance.known)
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    page = TextResponse(visit.url, body=body, headers=headers or {})
    found = list((platform.read_section if visit.kind == "section" else platform.read_detail)(page, visit))
    return [entry for entry in found if isinstance(entry, Listing)], [e for e in found if isinstance(e, Visit)]


def raw_of(**said):
    [listing], _ = read([{**BED, **said}])
    return listing.raw


@pytest.mark.parametrize(
    ("section", "category"),
    [("/", None), ("/shop/", None), ("/product-category/food/", "food"), ("/product-category/dogs/f%C3%BCr/", "f")],
)
def test_a_category_is_asked_for_by_its_slug(section, category):
    [visit] = shop(section).entrances(["all"])
    assert visit.url.startswith("https://acme.example/wp-json/wc/store/v1/products?per_page=100&page=1&")
    assert ("category=" in visit.url) == (category is not None)
    assert category is None or f"category={category}" in visit.url
    assert "%25" not in visit.url


def test_the_address_of_the_api_itself_is_taken_as_it_is():
    url = "https://acme.example/wp-json/wc/store/v1/products?category=12"
    [visit] = shop(url).entrances(["all"])
    assert (visit.url, visit.known) == (url, {})


def test_a_simple_product_is_a_listing():
    [bed], _ = read([BED])
    assert bed.raw == {
        "external_id": "5", "url": "https://acme.example/product/bed/", "title": "Dog bed", "price": "49.99",
        "regular_price": "59.99", "currency": "EUR", "sku": "BED", "availability": "InStock", "quantity": 3,
        "rating": "4.5", "rating_count": 12, "description": "<p>Soft</p>", "breadcrumbs": ["Beds"], "brand": "Acme",
        "images": ["https://acme.example/bed.jpg"], "specs": [["Size", "M, L"]],
    }  # fmt: skip
    assert bed.provenance["price"] == "woocommerce prices.price"
    assert set(bed.provenance) == set(bed.raw)


@pytest.mark.parametrize(
    ("prices", "price"),
    [
        ({"price": "1299", "currency_minor_unit": 2}, "12.99"),
        ({"price": "1299", "currency_minor_unit": 0}, "1299"),
        ({"price": "1299", "currency_minor_unit": 3}, "1.299"),
        ({"price": "1299"}, "12.99"),
        ({"price": "1299", "currency_minor_unit": None}, None),
        ({"price": ""}, None), ({"price": None}, None), ({"price": "free"}, None), ({}, None), ([], None), (None, None),
    ],
)  # fmt: skip
def test_prices_come_in_minor_units(prices, price):
    assert raw_of(prices=prices).get("price") == price


def test_a_price_that_is_not_reduced_has_no_regular_one():
    assert "regular_price" not in raw_of(prices={"price": "4999", "regular_price": "4999"})


@pytest.mark.parametrize(
    ("said", "availability"),
    [({"is_in_stock": False}, "OutOfStock"), ({"is_on_backorder": True}, "BackOrder"), ({"is_in_stock": None}, None)],
)
def test_stock_is_told_in_schema_words(said, availability):
    assert raw_of(**said).get("availability") == availability


def test_an_unrated_product_has_no_rating():
    assert not {"rating", "rating_count"} & set(raw_of(average_rating="0", review_count=0))


def test_a_variable_product_leads_to_its_variations():
    listings, [visit, following] = read([FOOD])
    assert listings == []
    assert visit.kind == "detail"
    assert visit.url.startswith("https://acme.example/wp-json/wc/store/v1/products?type=variation&parent=6&")
    assert following.page_number == 2

    two = {"id": 61, "name": "Kibble", "variation": "Weight: 2 kg", "prices": {"price": "999"}, "is_in_stock": True}
    five = {"id": 62, "name": "Kibble", "variation": "Weight: 5 kg", "description": "The big bag"}
    (first, second), visits = read([two, five], visit=Visit(**json.loads(json.dumps(visit.as_json()))))
    assert visits == []
    assert first.raw["title"].startswith("Kibble - ")
    assert "2 kg" in first.raw["size"]
    assert {first.raw["product_group"], second.raw["product_group"]} == {"6"}
    assert (first.raw["external_id"], first.raw["price"], first.raw["brand"]) == ("61", "9.99", "Acme")
    assert (first.raw["description"], second.raw["description"]) == ("Tasty", "The big bag")
    assert "specs" not in first.raw  # the parent's attributes name every choice


def test_what_is_no_product_is_left_out():
    listings, _ = read([5, None, BED])
    assert [listing.raw["external_id"] for listing in listings] == ["5"]


def test_a_product_without_a_number_has_no_number():
    assert "external_id" not in raw_of(id=None)
    assert "external_id" not in raw_of(id=None, type="variable")


@pytest.mark.parametrize(
    ("headers", "count", "more"),
    [({"X-WP-TotalPages": "2"}, 1, True), ({"X-WP-TotalPages": "1"}, 1, False), ({"X-WP-TotalPages": "0"}, 0, False),
     ({}, 1, True), ({}, 0, False), ({"X-WP-TotalPages": "many"}, 1, True)],
)  # fmt: skip
def test_pages_end_where_the_header_says_or_with_an_empty_one(headers, count, more):
    _, visits = read([BED] * count, headers=headers)
    assert bool(visits) == more


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"<html></html>", "is no JSON"), (b"", "is no JSON"), (b'{"code": "rest_no_route"}', "holds no array"),
     (b"null", "holds no array")],
)  # fmt: skip
def test_what_is_no_shop_is_unreadable(body, reason):
    with pytest.raises(UnreadablePage, match=reason):
        read(body)

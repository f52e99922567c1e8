"""WooCommerce's Store API: simple products at once, variations by their parent."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import urljoin

import pytest
from scrapy.http import TextResponse

from crawler.platforms import platform_of
from crawler.platforms.base import CutShort, UnreadablePage
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
    found = list(platform.read_section(page, visit))
    return [entry for entry in found if isinstance(entry, Listing)], [e for e in found if isinstance(e, Visit)]


def raw_of(**said):
    [listing], _ = read([{**BED, **said}])
    return listing.raw


@pytest.mark.parametrize(
    ("section", "category"),
    [("/", None), ("/shop/", None), ("/product-category/food/", "food"),
     ("/product-category/dogs/f%C3%BCr/", "f%C3%BCr"), ("/food/", "food"), ("/dogs/beds", "beds")],
)  # fmt: skip
def test_a_category_is_asked_for_by_its_slug(section, category):
    [visit] = shop(section).entrances(["all"])
    asked = "https://acme.example/wp-json/wc/store/v1/products?per_page=100&page=1&orderby=id&order=asc"
    assert visit.url == asked + (f"&category={category}" if category else "")
    assert visit.known.get("slug") == category


@pytest.mark.parametrize(
    ("section", "asked"),
    [
        ("/wp-json/wc/store/v1/products?category=12", "/wp-json/wc/store/v1/products?category=12&per_page=100&page=1"),
        ("/wp-json/wc/store/products", "/wp-json/wc/store/products?per_page=100&page=1"),
        ("/wp-json/wc/store/v1/products?page=3&per_page=5", "/wp-json/wc/store/v1/products?per_page=100&page=1"),
        ("/?rest_route=/wc/store/v1/products&tag=1", "/?rest_route=/wc/store/v1/products&tag=1&per_page=100&page=1"),
        ("https://b.example/wp-json/wc/store/products", "https://b.example/wp-json/wc/store/products?per_page=100&page=1"),
    ],
)  # fmt: skip
def test_an_address_of_the_api_itself_is_walked_page_by_page(section, asked):
    [visit] = shop(section).entrances(["all"])
    assert visit.url == urljoin("https://acme.example", asked) + "&orderby=id&order=asc"
    _, [following] = read([BED], visit=visit, headers={"X-WP-TotalPages": "2"})
    assert following.url == visit.url.replace("&page=1", "&page=2")
    own = "/wp-json/wc/store/v1/products?per_page=20&page={page}"
    [visit] = shop(own).entrances(["all"])
    assert visit.known == {"template": own}


def asked_for(entry):
    """A visit as it comes out of a queue."""
    return Visit(**json.loads(json.dumps(entry.as_json())))


CATEGORIES = [
    {"id": 16, "name": "Clothing", "slug": "clothing", "count": 0},
    {"id": 21, "slug": "f%c3%bcr", "count": 1},
]


@pytest.mark.parametrize(("slug", "number"), [("clothing", 16), ("f%C3%BCr", 21)])
def test_a_slug_that_finds_nothing_is_looked_up_once(slug, number):
    platform = shop(f"/product-category/{slug}/")
    [entrance] = platform.entrances(["all"])
    _, [lookup] = read([], visit=entrance, headers={"X-WP-TotalPages": "0"})
    assert lookup.url == (f"https://acme.example/wp-json/wc/store/v1/products/categories?hide_empty=false&slug={slug}")
    _, [by_number] = read(CATEGORIES, visit=asked_for(lookup))
    assert f"&category={number}" in by_number.url
    assert slug not in by_number.url
    assert read([], visit=by_number) == ([], [])
    assert [listing.raw["title"] for listing in read([BED], visit=by_number)[0]] == ["Dog bed"]


def test_a_category_that_is_not_there_is_an_error_with_the_nearest_name():
    [entrance] = shop("/product-category/cloting/").entrances(["all"])
    _, [lookup] = read([], visit=entrance)
    with pytest.raises(UnreadablePage, match="has no category 'cloting'; did you mean 'clothing'"):
        read(CATEGORIES, visit=lookup)


def test_a_later_empty_page_asks_no_more():
    [entrance] = shop("/product-category/food/").entrances(["all"])
    later = replace(entrance, page_number=2)
    assert read([], visit=later) == ([], [])


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


@pytest.mark.parametrize(
    ("regular", "kept"), [("5999", "59.99"), ("4999", None), ("3999", None), ("", None), (None, None)]
)
def test_only_what_is_above_the_price_is_the_regular_one(regular, kept):
    assert raw_of(prices={"price": "4999", "regular_price": regular}).get("regular_price") == kept


def test_a_product_that_cannot_be_bought_for_nothing_has_no_price():
    free = {"price": "0", "regular_price": "0", "currency_code": "EUR"}
    assert not {"price", "currency"} & set(raw_of(prices=free, is_purchasable=False))
    assert raw_of(prices=free, is_purchasable=True)["price"] == "0.00"


RANGE = {"price": "900", "regular_price": "1200", "currency_code": "JPY", "currency_minor_unit": 0,
         "price_range": {"min_amount": "900", "max_amount": "1500"}}  # fmt: skip


def test_a_range_without_its_variations_gives_the_lowest_price_and_says_so():
    [listing], _ = read([{**FOOD, "type": "variable", "variations": [], "prices": RANGE}])
    assert (listing.raw["price"], listing.raw["currency"]) == ("900", "JPY")
    assert "regular_price" not in listing.raw
    assert listing.provenance["price"] == "woocommerce prices.price_range.min_amount"


def test_entities_in_names_are_read():
    raw = raw_of(
        name="Bed &#8211; soft &amp; warm", categories=[{"name": "Cats &amp; dogs"}], brands=[{"name": "M&amp;S"}],
        tags=[{"name": "a &amp; b"}], attributes=[{"name": "W &amp; H", "terms": [{"name": "1 &times; 2"}]}],
    )  # fmt: skip
    assert (raw["title"], raw["breadcrumbs"], raw["brand"]) == ("Bed – soft & warm", ["Cats & dogs"], "M&S")
    assert (raw["specs"], raw["tags"]) == ([["W & H", "1 × 2"]], ["a & b"])


def test_a_brand_may_be_an_attribute():
    attributes = [{"name": "Marke", "taxonomy": "pa_marke", "terms": [{"name": "Acme"}]}]
    assert raw_of(brands=[], attributes=attributes)["brand"] == "Acme"
    assert raw_of(attributes=[{**attributes[0], "terms": [{"name": "Other"}]}])["brand"] == "Acme"


def test_weight_and_size_are_kept_where_they_are_said():
    raw = raw_of(formatted_weight="2.5 kg", formatted_dimensions="N/A")
    assert raw["shipping_weight"] == "2.5 kg"
    assert "dimensions" not in raw


@pytest.mark.parametrize(
    ("said", "availability"),
    [({"is_in_stock": False}, "OutOfStock"), ({"is_on_backorder": True}, "BackOrder"), ({"is_in_stock": None}, None)],
)
def test_stock_is_told_in_schema_words(said, availability):
    assert raw_of(**said).get("availability") == availability


def test_an_unrated_product_has_no_rating():
    assert not {"rating", "rating_count"} & set(raw_of(average_rating="0", review_count=0))


def test_variable_products_lead_to_their_variations():
    other = {**FOOD, "id": 7, "name": "Harness &amp; lead", "variations": [{"id": 71}], "attributes": [{"name": "Fit"}]}
    listings, [visit, following] = read([FOOD, other])
    assert listings == []
    assert visit.url == (
        "https://acme.example/wp-json/wc/store/v1/products?type=variation&parent=6,7&per_page=100&page=1"
        "&orderby=id&order=asc"
    )
    assert (visit.page_number, following.page_number) == (1, 2)

    two = {"id": 61, "name": "Kibble", "variation": "Weight: 2,5 kg", "prices": {"price": "999"}, "is_in_stock": True}
    five = {"id": 62, "parent": 6, "name": "Kibble", "variation": "Weight: 5 kg", "description": "The big bag"}
    fit = {"id": 71, "parent": 7, "name": "Harness &amp; lead", "variation": "Fit: S, M, L"}
    (first, second, third), visits = read([two, five, fit], visit=asked_for(visit))
    assert visits == []
    assert first.raw == {
        "external_id": "61", "product_group": "6", "title": "Kibble - 2,5 kg", "size": "2,5 kg", "price": "9.99",
        "availability": "InStock", "specs": [["Weight", "2,5 kg"]], "description": "Tasty", "breadcrumbs": ["Food"],
        "brand": "Acme", "images": ["https://acme.example/f.jpg"],
    }  # fmt: skip
    assert (second.raw["product_group"], second.raw["description"]) == ("6", "The big bag")
    assert (third.raw["title"], third.raw["product_group"]) == ("Harness & lead - S, M, L", "7")
    assert third.raw["specs"] == [["Fit", "S, M, L"]]


def test_a_variation_without_attribute_names_is_its_values():
    _, [visit, _] = read([{**FOOD, "attributes": []}])
    [listing], _ = read([{"id": 61, "name": "Kibble", "variation": "5 kg, Duck"}], visit=visit)
    assert (listing.raw["size"], listing.raw["title"]) == ("5 kg, Duck", "Kibble - 5 kg, Duck")
    assert "specs" not in listing.raw


def test_variations_are_asked_for_with_few_requests():
    def product(number, size):
        return {**FOOD, "id": number, "variations": [{"id": number * 1000 + n} for n in range(size)]}

    def requests(*sizes):
        products = [product(number, size) for number, size in enumerate(sizes, 1)]
        visits = read(products, headers={"X-WP-TotalPages": "1"})[1]
        return [len(visit.known["parents"]) for visit in visits]

    assert requests(*[3] * 100) == [20] * 5
    assert requests(60, 60, 40) == [1, 2]
    assert requests(250, 1) == [1, 1]
    _, [visit] = read([product(1, 250)], headers={"X-WP-TotalPages": "1"})
    variations = [{"id": number, "parent": 1} for number in range(100)]
    _, [following] = read(variations, visit=visit)
    assert following.page_number == 2
    assert following.known == visit.known


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


@pytest.mark.parametrize(("pages", "cut_short"), [("3", True), ("2", False), ("", False)])
def test_an_empty_page_before_the_last_leaves_the_list_incomplete(pages, cut_short):
    platform = shop()
    [entrance] = platform.entrances(["all"])
    page = TextResponse(entrance.url, body=b"[]", headers={"X-WP-TotalPages": pages})
    found = platform.read_section(page, replace(entrance, page_number=2))
    assert any(isinstance(entry, CutShort) for entry in found) == cut_short


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"<html></html>", "a page of HTML"), (b"", "is no JSON"), (b'{"code": "rest_no_route"}', "holds no array"),
     (b"null", "holds no array")],
)  # fmt: skip
def test_what_is_no_shop_is_unreadable(body, reason):
    with pytest.raises(UnreadablePage, match=reason):
        read(body)


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (404, b'{"code": "rest_no_route", "message": "No route", "data": {"status": 404}}',
         r"answers 404 \(rest_no_route\): the shop has no Store API.*; set platform = .schema_org."),
        (401, b'{"code": "rest_forbidden"}', r"answers 401 \(rest_forbidden\): .* closed to the public"),
        (403, b"<html>", r"answers 403 \(a page of HTML\): .* closed to the public"),
        (400, b'{"code": "rest_invalid_param"}', "does not take the question"),
    ],
)  # fmt: skip
def test_an_api_that_is_switched_off_says_what_to_do(status, body, reason):
    [visit] = shop().entrances(["all"])
    assert status in shop().request_meta(visit)["handle_httpstatus_list"]
    with pytest.raises(UnreadablePage, match=reason):
        list(shop().read_section(TextResponse(visit.url, status=status, body=body), visit))

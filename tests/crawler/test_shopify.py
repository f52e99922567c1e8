"""Shopify's products.json: a listing a variant."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from scrapy.http import TextResponse

from crawler.platforms import platform_of
from crawler.platforms.base import UnreadablePage
from crawler.platforms.visit import Visit
from inventory.listing import Listing
from tests.crawler.dealer_files import dealer

PRODUCT = {
    "id": 1, "title": "Salmon kibble", "handle": "salmon-kibble", "vendor": "Pawhaus", "product_type": "Dry food",
    "body_html": "<p>Grain free</p>", "tags": ["dog", "grain-free"],
    "images": [{"src": "https://cdn.example/a.jpg"}, {}],
    "options": [{"name": "Weight"}, {"name": "Colour"}],
    "variants": [
        {
            "id": 11, "title": "2 kg / red", "option1": "2 kg", "option2": "red", "price": "19.90",
            "compare_at_price": "24.90", "sku": "SK-2", "barcode": "4006381333931", "available": True, "grams": 2100,
            "featured_image": {"src": "https://cdn.example/red.jpg"},
        },
        {
            "id": 12, "title": "5 kg / blue", "option1": "5 kg", "option2": "blue", "price": "39.90", "grams": 0,
            "available": False,
        },
    ],
}  # fmt: skip
PLAIN = {
    "id": 2, "title": "Ball", "handle": "ball", "options": [{"name": "Title"}],
    "variants": [{"id": 21, "title": "Default Title", "option1": "Default Title", "price": "3.00"}],
}  # fmt: skip


def shop(*sections, currency="USD"):
    said = {f"{name}": url for name, url in zip(("all", "dog-food"), sections or ("/",), strict=False)}
    return platform_of(dealer(vertical="dog", platform="shopify", sections=said, currency=currency))


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
        "images": ["https://cdn.example/red.jpg", "https://cdn.example/a.jpg"], "tags": ["dog", "grain-free"],
        "shipping_weight_g": 2100,
    }  # fmt: skip
    assert red.url == red.raw["url"]
    assert red.provenance["regular_price"] == "shopify variant.compare_at_price"
    assert set(red.provenance) == set(red.raw)
    assert (blue.raw["product_group"], blue.raw["availability"]) == ("1", "OutOfStock")
    assert not {"regular_price", "shipping_weight_g"} & set(blue.raw)
    assert following.url == "https://acme.example/products.json?limit=250&page=2"


def variant(product=None, **said):
    [listing], _ = read({"products": [{**PLAIN, **(product or {}), "variants": [{**PLAIN["variants"][0], **said}]}]})
    return listing.raw


@pytest.mark.parametrize(
    ("compared", "price", "regular"),
    [("24.90", "19.90", "24.90"), ("9.00", "10.00", None), ("10.00", "9.00", "10.00"), ("19.90", "19.90", None),
     ("19.9", "19.90", None), ("0.00", "19.90", None), (None, "19.90", None), ("", "19.90", None), ("free", "1", None),
     ("24.90", None, None), (24.9, 19.9, 24.9)],
)  # fmt: skip
def test_what_a_price_is_compared_with_is_regular_only_above_it(compared, price, regular):
    assert variant(price=price, compare_at_price=compared).get("regular_price") == regular


@pytest.mark.parametrize(("grams", "kept"), [(0, None), (None, None), (2100, 2100)])
def test_the_parcels_weight_is_no_net_weight_and_0_is_unknown(grams, kept):
    raw = variant(grams=grams)
    assert raw.get("shipping_weight_g") == kept
    assert not {"net_weight", "net_weight_g"} & set(raw)


@pytest.mark.parametrize(("tags", "kept"), [(["a", "b "], ["a", "b"]), ("a, b,", ["a", "b"]), ("", None), (None, None)])
def test_tags_come_as_a_list_or_as_text(tags, kept):
    assert variant({"tags": tags}).get("tags") == kept


def test_a_variant_shows_its_own_images_before_those_of_all():
    images = [
        {"src": "all.jpg", "variant_ids": []},
        {"src": "red.jpg", "variant_ids": [21]},
        {"src": "b", "variant_ids": [9]},
    ]
    assert variant({"images": images})["images"] == ["red.jpg", "all.jpg"]
    assert variant({"images": images[2:]})["images"] == ["b"]
    assert variant({"images": ["text.jpg", None]})["images"] == ["text.jpg"]


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


META = {
    "id": 1, "name": "Shop", "city": "Mannheim", "province": "", "country": "DE", "currency": "EUR",
    "myshopify_domain": "shop.myshopify.example", "ships_to_countries": ["DE", "AT"], "published_products_count": 485,
}  # fmt: skip


def opened(status, body):
    """The sections that a shop leads to after it was asked for its currency, and the prices' currency then."""
    platform = shop("/collections/a", "/collections/b", currency=None)
    [visit] = platform.entrances(["all", "dog-food"])
    assert visit.url == "https://acme.example/meta.json"
    visit = Visit(**json.loads(json.dumps(visit.as_json())))
    assert status == 200 or status in platform.request_meta(visit)["handle_httpstatus_list"]
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    visits = list(platform.read_section(TextResponse(visit.url, status=status, body=body), visit))
    assert [(entry.section, urlsplit(entry.url).path) for entry in visits] == [
        ("all", "/collections/a/products.json"),
        ("dog-food", "/collections/b/products.json"),
    ]
    page = TextResponse(visits[0].url, body=json.dumps({"products": [PLAIN]}).encode())
    listing, following = platform.read_section(page, visits[0])
    assert following.known == visits[0].known
    return listing.raw.get("currency"), listing.provenance.get("currency")


def test_a_shop_is_asked_once_for_its_currency_where_the_file_names_none():
    assert opened(200, META) == ("EUR", "shopify meta.json currency")


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b"<html>"), (403, b""), (200, b"<html>"), (200, b"[]"), (200, b"null"), (200, {"currency": None}),
     (200, {"currency": "euro"}), (200, {}), (401, META)],
)  # fmt: skip
def test_a_currency_that_nobody_says_is_not_guessed(status, body):
    assert opened(status, body) == (None, None)


def test_a_currency_in_the_file_spares_the_question():
    visits = list(shop("/collections/a", "/collections/b").entrances(["all", "dog-food"]))
    assert [visit.section for visit in visits] == ["all", "dog-food"]
    assert all(visit.url.endswith("/products.json?limit=250&page=1") for visit in visits)
    assert list(shop(currency=None).entrances([])) == []


@pytest.mark.parametrize(
    ("status", "url", "body", "reason"),
    [
        (404, "/products.json", b"<html>", "answers 404: .* hides its product list; set platform = .schema_org."),
        (403, "/products.json", b"", "answers 403: .*; set platform"),
        (200, "/password", b"<html>", "a password page: the shop is closed to the public; set platform"),
        (200, "/collections/food", b" <!doctype html>", "a page of HTML: .* set platform"),
    ],
)
def test_a_shop_that_hides_its_list_says_what_to_do(status, url, body, reason):
    [visit] = shop().entrances(["all"])
    page = TextResponse(f"https://acme.example{url}", status=status, body=body)
    with pytest.raises(UnreadablePage, match=reason):
        list(shop().read_section(page, visit))


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b'{"products": [', "is no JSON"), (b"", "is no JSON"), (b"[]", "no array at products"),
     (b'{"products": null}', "no array at products"), (b'{"errors": "Not Found"}', "no array at products")],
)  # fmt: skip
def test_what_is_no_shop_is_unreadable(body, reason):
    with pytest.raises(UnreadablePage, match=reason):
        read(body)

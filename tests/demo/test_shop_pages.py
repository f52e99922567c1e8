"""What the dog shops' JSON and pages say is what `/_demo/truth` says."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2 as httpx
import pytest

from crawler.dealers.declaration import Dealer
from demo.running import RunningDemo
from tests.demo.reading import clean, page


def test_pawhauss_lists_hold_every_variant(demo: RunningDemo, client: httpx.Client, files: dict[str, Dealer]) -> None:
    truth = {listing["external_id"]: listing for listing in demo.truth("pawhaus")}
    found: dict[str, dict[str, Any]] = {}
    for starts in files["pawhaus"].sections.values():
        number = 1
        while True:
            url = f"{demo.url('pawhaus')}{urlsplit(starts[0]).path}/products.json?limit=20&page={number}"
            products = client.get(url).json()["products"]
            found |= {
                str(variant["id"]): variant | {"product": each} for each in products for variant in each["variants"]
            }
            if not products:
                break
            number += 1
    assert set(found) == set(truth)
    for offer_id, variant in found.items():
        listing, product = truth[offer_id], variant["product"]
        assert float(variant["price"]) == listing["price"]
        assert (float(variant["compare_at_price"] or 0) or None) == listing["regular_price"]
        assert (product["vendor"], variant["sku"]) == (listing["brand"], listing["sku"])
        assert variant["available"] == (listing["availability"] == "InStock")
        assert listing["url"] == f"{demo.url('pawhaus')}/products/{product['handle']}?variant={offer_id}"


def test_pawhauss_list_is_cut_at_250_and_has_30_without_a_limit(demo: RunningDemo, client: httpx.Client) -> None:
    url = demo.url("pawhaus") + "/products.json"
    assert len(client.get(url).json()["products"]) == 30
    everything = client.get(url + "?limit=9999").json()["products"]
    assert 30 < len(everything) <= 250


def test_pawhauss_pages_agree_with_their_product_js(demo: RunningDemo, client: httpx.Client) -> None:
    for listing in demo.truth("pawhaus")[::25]:
        path = clean(listing["url"])
        script = client.get(path + ".js").json()
        variant = next(each for each in script["variants"] if str(each["id"]) == listing["external_id"])
        assert variant["price"] == round(listing["price"] * 100)
        assert variant["name"] == listing["title"]
        assert (variant["barcode"] or None) == listing["gtin"]
        shown = page(client, path)
        assert json.loads(shown.css("#ProductJson-template::text").get("")) == script
        assert shown.css("h1::text").get() == listing["product_title"]


def test_barkwoods_store_api_holds_every_variation_and_simple_product(demo: RunningDemo, client: httpx.Client) -> None:
    api = demo.url("barkwood") + "/wp-json/wc/store/v1/products"
    truth = {listing["external_id"]: listing for listing in demo.truth("barkwood")}
    found: dict[str, dict[str, Any]] = {}
    parents: set[int] = set()
    number, pages = 1, 1
    while number <= pages:
        answer = client.get(api, params={"per_page": 60, "page": number})
        pages = int(answer.headers["x-wp-totalpages"])
        for product in answer.json():
            if product["type"] == "simple":
                found[str(product["id"])] = product
            else:
                parents.add(product["id"])
        number += 1
    assert int(answer.headers["x-wp-total"]) == len(found) + len(parents)
    for parent in parents:
        found |= {
            str(each["id"]): each for each in client.get(api, params={"type": "variation", "parent": parent}).json()
        }
    assert set(found) == set(truth)
    for offer_id, product in found.items():
        listing, prices = truth[offer_id], product["prices"]
        assert int(prices["price"]) / 10 ** prices["currency_minor_unit"] == listing["price"]
        assert prices["currency_code"] == listing["currency"] == "GBP"
        assert product["is_in_stock"] == (listing["availability"] == "InStock")
        assert product["permalink"] == listing["url"]
        eans = [attribute["terms"][0]["name"] for attribute in product["attributes"] if attribute["name"] == "EAN"]
        assert eans == ([listing["gtin"]] if listing["gtin"] else [])


def test_barkwoods_api_filters_by_category_and_refuses_what_woocommerce_refuses(
    demo: RunningDemo, client: httpx.Client
) -> None:
    api = demo.url("barkwood") + "/wp-json/wc/store/v1/products"
    shelves = client.get(api + "/categories").json()
    toys = next(shelf for shelf in shelves if shelf["slug"] == "toys")
    for wanted in ("toys", str(toys["id"])):
        assert int(client.get(api, params={"category": wanted}).headers["x-wp-total"]) == toys["count"]
    assert client.get(api, params={"per_page": 101}).status_code == 400
    assert client.get(api + "/999999999").status_code == 404
    assert client.get(api, params={"page": 400}).json() == []


@pytest.mark.parametrize(
    ("name", "links", "onward"),
    [
        ("pawhaus", "a.full-unstyled-link::attr(href)", "a[rel=next]::attr(href)"),
        ("barkwood", "a.woocommerce-loop-product__link::attr(href)", "a.next::attr(href)"),
    ],
)
def test_the_shops_pages_lead_to_every_product(
    demo: RunningDemo, client: httpx.Client, files: dict[str, Dealer], name: str, links: str, onward: str
) -> None:
    reached, moved = set(), 0
    for starts in files[name].sections.values():
        url: str | None = urljoin(demo.url(name), starts[0])
        while url:
            shown = page(client, url)
            for href in shown.css(links).getall():
                answer = client.get(urljoin(url, clean(href)))
                moved += answer.status_code == 301
                target = answer.headers["location"] if answer.status_code == 301 else clean(href)
                if answer.status_code != 404:
                    reached.add(target.rstrip("/").rpartition("/")[2])
            further = shown.css(onward).get()
            url = urljoin(url, further) if further else None
    assert reached == {clean(listing["url"]).rstrip("/").rpartition("/")[2] for listing in demo.truth(name)}
    assert moved > 0

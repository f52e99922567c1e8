"""Whatever a shop answers: listings, broken records or `UnreadablePage`, never another error."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import TextResponse

from crawler.platforms import platform_of
from crawler.platforms.base import BrokenRecord, Found, UnreadablePage
from crawler.platforms.visit import Visit
from inventory.listing import Listing
from tests.crawler.dealer_files import dealer

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-10, 10**25), st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["NaN", "-1", "1e999999999", "Infinity", "12.50", "0", "&#0;", "{page}", "::"]),
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "src", "terms", "value"]), inner)
    ),
    max_leaves=8,
)


def record(*names):
    return st.dictionaries(st.sampled_from(names), ANYTHING)


VARIANT = record("id", "title", "price", "compare_at_price", "option1", "available", "grams", "featured_image", "sku")
SHOPIFY = st.dictionaries(
    st.sampled_from(["id", "title", "handle", "options", "images", "tags", "product_type", "vendor", "body_html"]),
    ANYTHING,
).flatmap(lambda product: st.lists(VARIANT, max_size=2).map(lambda variants: {**product, "variants": variants}))
PRICES = record("price", "regular_price", "price_range", "currency_minor_unit", "currency_code") | ANYTHING
WOO = st.tuples(
    record(
        "id",
        "name",
        "type",
        "variation",
        "variations",
        "parent",
        "images",
        "categories",
        "brands",
        "attributes",
        "tags",
    ),
    record("is_in_stock", "is_purchasable", "low_stock_remaining", "review_count", "formatted_weight"),
    PRICES,
).map(lambda parts: {**parts[0], **parts[1], "prices": parts[2]})
KINDS = {
    "shopify": (st.lists(SHOPIFY | ANYTHING, max_size=3) | ANYTHING, lambda products: {"products": products}),
    "woocommerce": (st.lists(WOO | ANYTHING, max_size=3) | ANYTHING, lambda products: products),
    "json_api": (st.lists(ANYTHING, max_size=3) | ANYTHING, lambda items: {"items": items}),
}


def shop(platform):
    said = {"items": {"path": "items", "next": "items[0].id", "pages": "items[-1].id"}, "map": {"title": "name.value"}}
    return platform_of(dealer(vertical="dog", platform=platform, **(said if platform == "json_api" else {})))


def answers(platform, body, visit):
    try:
        return list(platform.read_section(TextResponse(visit.url, body=body), visit))
    except UnreadablePage:
        return []


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None)
@given(data=st.data())
def test_no_answer_brings_a_platform_down(kind, data):
    strategy, wrapped = KINDS[kind]
    body = json.dumps(wrapped(data.draw(strategy))).encode()
    platform = shop(kind)
    for entrance in platform.entrances(["all"]):
        for found in answers(platform, body, entrance):
            assert isinstance(found, Found)
            if isinstance(found, Visit):
                again = Visit(**json.loads(json.dumps(found.as_json())))
                assert all(isinstance(more, Found) for more in answers(platform, body, again))


@pytest.mark.parametrize("kind", KINDS)
def test_endless_nesting_is_unreadable_or_broken(kind):
    platform = shop(kind)
    for depth in (300, 900, 100_000):
        nest = b"[" * depth + b"]" * depth
        for body in (nest, b'{"items": [' + nest + b'], "products": [' + nest + b"]}"):
            for entrance in platform.entrances(["all"]):
                assert not [found for found in answers(platform, body, entrance) if isinstance(found, Listing)]


@settings(deadline=None)
@given(body=st.binary(max_size=400), form=st.sampled_from(["csv", "tsv", "json", "jsonl", "xml", "google_merchant"]))
def test_no_bytes_bring_a_feed_down(body, form):
    platform = platform_of(dealer(platform="feed", items={"format": form}, map={"title": "title"}))
    [visit] = platform.entrances(["all"])
    for prefix in (b"", b"title,id\n", b"<rss><item><title>", b"\x1f\x8b"):
        for found in answers(platform, prefix + body, visit):
            assert isinstance(found, Listing | BrokenRecord)

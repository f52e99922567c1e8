"""A paged JSON address, read by the map in the dealer's file."""

from __future__ import annotations

import json

import pytest
from scrapy.http import TextResponse

from crawler.platforms import platform_of
from crawler.platforms.base import UnreadablePage
from crawler.platforms.visit import Visit
from inventory.listing import Listing
from tests.crawler.dealer_files import dealer

MAP = {"external_id": "id", "title": "name", "price": "price.amount", "url": "/machine/{id}"}


def api(section="/api?page={page}", path="items", following=None, **said):
    items = {"path": path, "next": following}
    return platform_of(dealer(platform="json_api", sections={"all": section}, items=items, **({"map": MAP} | said)))


def read(platform, document, visit=None):
    [entrance] = platform.entrances(["all"])
    visit = visit or entrance
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    found = list(platform.read_section(TextResponse(visit.url, body=body), visit))
    listings = [entry for entry in found if isinstance(entry, Listing)]
    return listings, [entry for entry in found if isinstance(entry, Visit)]


ITEM = {"id": 7, "name": "Cat 320", "price": {"amount": 45000.5}}


def test_items_become_listings_with_their_addresses():
    [listing], [following] = read(api(), {"items": [ITEM, "odd", None]})
    assert listing.raw == {"external_id": 7, "title": "Cat 320", "price": 45000.5, "url": "/machine/7"}
    assert listing.url == "https://acme.example/machine/7"
    assert listing.provenance["price"] == "json price.amount"
    assert (following.url, following.page_number) == ("https://acme.example/api?page=2", 2)


def test_pages_that_are_counted_end_with_an_empty_one():
    assert read(api(), {"items": []}) == ([], [])


@pytest.mark.parametrize(
    ("following", "url"),
    [
        ("/api?cursor=abc", "https://acme.example/api?cursor=abc"),
        ("https://api.acme.example/2", "https://api.acme.example/2"),
        ("?page=9", "https://acme.example/api?page=9"),
        (2, "https://acme.example/api?page=2"),
        ("3", "https://acme.example/api?page=3"),
        (None, None), ("", None), (False, None), (0, None),
    ],
)  # fmt: skip
def test_the_answer_may_name_the_next_page_by_address_or_number(following, url):
    _, visits = read(api(following="next"), {"items": [ITEM], "next": following})
    assert [visit.url for visit in visits] == ([url] if url else [])


def test_a_next_page_after_an_empty_one_or_beyond_the_last_allowed_is_not_asked_for():
    assert read(api(following="next"), {"items": [], "next": "/more"}) == ([], [])
    last = Visit("https://acme.example/api?page=2", "section", "all", 2)
    platform = api(following="next", walk={"max_pages": 2})
    assert read(platform, {"items": [ITEM], "next": "/more"}, last)[1] == []


def test_an_address_without_pages_is_asked_once():
    listings, visits = read(api("/api/all"), {"items": [ITEM]})
    assert len(listings) == 1
    assert visits == []


def test_a_map_that_does_not_fit_one_item_costs_that_value_only():
    platform = api(map={"external_id": "id", "title": "name", "quantity": "length(photos)"})
    listings, _ = read(platform, {"items": [{"id": 7, "photos": ["a"]}, {"id": 8, "name": "Bobcat"}]})
    assert [listing.raw for listing in listings] == [
        {"external_id": 7, "quantity": 1},
        {"external_id": 8, "title": "Bobcat"},
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"<html>blocked</html>", "is no JSON"), (b"", "is no JSON"), (b"null", "no array at items"),
     (b'{"items": {"a": 1}}', "no array at items"), (b'{"error": "later"}', "no array at items"), (b"[]", "no array")],
)  # fmt: skip
def test_what_is_no_stock_is_unreadable(body, reason):
    with pytest.raises(UnreadablePage, match=reason):
        read(api(), body)

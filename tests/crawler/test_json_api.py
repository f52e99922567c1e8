"""A paged JSON address, read by the map in the dealer's file."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from scrapy.http import TextResponse

from crawler.platforms import platform_of
from crawler.platforms.base import CutShort, UnreadablePage
from crawler.platforms.visit import Visit
from inventory.listing import Listing
from tests.crawler.dealer_files import dealer

MAP = {"external_id": "id", "title": "name", "price": "price.amount", "url": "/machine/{id}"}


def api(section="/api?page={page}", path="items", following=None, pages=None, first_page=1, **said):
    items = {"path": path, "next": following, "pages": pages, "first_page": first_page}
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


def walked(platform, *documents):
    """The addresses that a walk over these answers asks for."""
    [visit] = platform.entrances(["all"])
    asked = [urlsplit(visit.url)._replace(scheme="", netloc="").geturl()]
    for document in documents:
        _, visits = read(platform, document, Visit(**json.loads(json.dumps(visit.as_json()))))
        if not visits:
            break
        [visit] = visits
        asked.append(urlsplit(visit.url)._replace(scheme="", netloc="").geturl())
    return asked


def stock(*numbers, **said):
    return {"items": [{"id": number} for number in numbers]} | said


def test_pages_may_be_counted_from_0():
    platform = api(first_page=0)
    assert walked(platform, stock(1), stock(2), stock()) == ["/api?page=0", "/api?page=1", "/api?page=2"]


def test_an_offset_is_how_many_items_came_before():
    platform = api("/api?skip={offset}&take=3")
    asked = walked(platform, stock(1, 2, 3), stock(4, 5), stock())
    assert asked == ["/api?skip=0&take=3", "/api?skip=3&take=3", "/api?skip=5&take=3"]
    assert walked(api("/api?skip={offset}", following="skip"), stock(1, skip=40)) == ["/api?skip=0", "/api?skip=40"]


@pytest.mark.parametrize(
    ("section", "first", "second"),
    [("/api?after={cursor}", "/api", "/api?after=a%2Bb%3D"),
     ("/api?after={cursor}&limit=5", "/api?limit=5", "/api?after=a%2Bb%3D&limit=5"),
     ("/api?limit=5&after={cursor}", "/api?limit=5", "/api?limit=5&after=a%2Bb%3D")],
)  # fmt: skip
def test_a_cursor_is_put_into_the_address_and_left_out_of_the_first(section, first, second):
    platform = api(section, following="meta.after")
    ends = stock(2, meta={"after": None})
    assert walked(platform, stock(1, meta={"after": "a+b="}), ends) == [first, second]
    whole = stock(1, meta={"after": "https://acme.example/api?x=1"})
    assert walked(platform, whole) == [first, "/api?x=1"]


def test_a_mere_yes_counts_on():
    platform = api(following="more")
    assert walked(platform, stock(1, more=True), stock(2, more=False)) == ["/api?page=1", "/api?page=2"]
    assert walked(api("/api", following="more"), stock(1, more=True)) == ["/api"]


@pytest.mark.parametrize("first_page", [0, 1])
def test_the_number_of_pages_ends_the_walk_without_an_empty_one(first_page):
    platform = api(pages="pages", first_page=first_page)
    assert len(walked(platform, stock(1, pages=2), stock(2, pages=2), stock(3, pages=2))) == 2
    assert len(walked(platform, stock(1, pages="1"), stock(2))) == 1
    assert len(walked(platform, stock(1, pages=None), stock(2))) == 3
    assert len(walked(api(pages="length(pages)"), stock(1), stock(2))) == 3  # no list to take the length of


def test_an_api_that_repeats_its_last_page_is_not_asked_for_ever():
    assert walked(api(), stock(1), stock(2), stock(2), stock(2)) == ["/api?page=1", "/api?page=2", "/api?page=3"]
    assert walked(api(following="next"), stock(1, next="/api?page=1")) == ["/api?page=1"]


@pytest.mark.parametrize(
    ("document", "cut_short"),
    [
        (stock(pages=3), True),
        (stock(1, pages=3), True),  # the first page again
        (stock(2, pages=3), False),
        (stock(pages=2), False),
        (stock(pages=None), False),
    ],
)
def test_pages_that_are_said_to_be_there_and_hold_nothing_are_missed(document, cut_short):
    platform = api(pages="pages")
    _, [second] = read(platform, stock(1, pages=3))
    found = platform.read_section(TextResponse(second.url, body=json.dumps(document).encode()), second)
    assert any(isinstance(entry, CutShort) for entry in found) == cut_short


def test_a_graphql_address_keeps_its_braces():
    query = "/graphql?query={stock(page:{page}){id}}"
    assert walked(api(query), stock(1)) == ["/graphql?query={stock(page:1){id}}", "/graphql?query={stock(page:2){id}}"]


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

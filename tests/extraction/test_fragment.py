"""What "load more" answers is read like a page of the list."""

import json

import pytest

from crawler.extraction.fragment import read_fragment

URL = "https://dealer.example/more?page=2&make=cat"
HTML = "<div class='card'><a href='/m/1'>Cat 320</a></div><div class='card'><a href='/m/2'>Cat 330</a></div>"


@pytest.mark.parametrize(
    ("said", "following"),
    [
        ({"html": HTML}, None),
        ({"data": {"html": HTML, "count": 2}, "success": True}, None),
        ({"html": HTML, "next_page_url": "/more?page=3"}, "https://dealer.example/more?page=3"),
        ({"html": HTML, "nextPage": 3}, "https://dealer.example/more?page=3&make=cat"),
        ({"html": HTML, "hasMore": True}, "https://dealer.example/more?page=3&make=cat"),
        ({"html": HTML, "hasMore": False}, None),
        ({"html": HTML, "next": None}, None),
        ([{"command": "insert", "data": HTML}, {"command": "settings", "data": "x"}], None),
    ],
)
def test_the_piece_of_html_and_the_next_address_are_found(said, following):
    found = read_fragment(URL, json.dumps(said).encode())
    assert found is not None
    assert (found.html, found.next_url) == (HTML, following)


@pytest.mark.parametrize(
    "body", [b"<html><a href='/x'>x</a></html>", b"{broken", b"{}", b'{"items": [{"id": 1}]}', b""]
)
def test_what_holds_no_html_is_no_piece(body):
    assert read_fragment(URL, body) is None


def test_cards_may_come_one_by_one():
    cards = [{"id": n, "html": f"<a href='/m/{n}'>Cat 320 no {n}</a>", "note": "<a href='/help'>?</a>"} for n in (1, 2)]
    found = read_fragment(URL, json.dumps({"products": cards, "footer": "<a href='/a'>a</a>"}).encode())
    assert found is not None
    assert found.html.count("<a") == 2
    assert all(f"/m/{n}" in found.html for n in (1, 2))


def test_a_list_that_counts_things_has_no_guessed_next_address():
    body = json.dumps({"html": HTML, "hasMore": True}).encode()
    found = read_fragment("https://dealer.example/more?offset=24", body)
    assert found is not None
    assert found.next_url is None


def test_deep_and_wide_answers_cost_little():
    deep = b'{"a":' * 200 + b'"<a href=1>"' + b"}" * 200
    assert read_fragment(URL, deep) is None
    wide = json.dumps({"x": list(range(200_000))}).encode()
    assert read_fragment(URL, wide) is None

"""Bad pages: refused with a reason, or read in bounded time."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extraction.detail import read_detail
from crawler.extraction.listing_page import read_listing_page
from crawler.extraction.page import MAX_BYTES, NotAPage, Page
from crawler.extraction.strict_json import objects, parse_json

URL = "https://dealer.example/item/7"


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        (b"<html>" + b"a" * MAX_BYTES, None, "more than"),
        (b"", None, "empty"),
        (b"%PDF-1.7 \x00\x01\x02\x00\x00\x00\x00" + b"\x00" * 500, None, "binary"),
        (b"<html></html>", "image/png", "content type"),
        (b'{"a": 1}', None, "JSON"),
        (b"just words", None, "no HTML"),
    ],
)
def test_what_is_no_page_is_refused_with_a_reason(body: bytes, kind: str | None, reason: str) -> None:
    with pytest.raises(NotAPage, match=reason):
        Page(URL, body, content_type=kind)


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        ("<html><h1>Löffel</h1>".encode(), "text/html; charset=iso-8859-1", "Löffel"),
        ("<html><h1>Löffel</h1>".encode("latin-1"), None, "Löffel"),
        ("<html><meta charset='windows-1251'><h1>Ковш</h1>".encode("cp1251"), None, "Ковш"),
        ("<html><h1>バケット</h1>".encode("shift_jis"), "text/html; charset=shift_jis", "バケット"),
        ("<html><h1>Löffel</h1>".encode("utf-16"), None, "Löffel"),
        (b"<html><h1>L\xc3\xb6\x00ffel</h1>", None, "Löffel"),
    ],
)
def test_the_encoding_is_found(body: bytes, kind: str | None, text: str) -> None:
    assert Page(URL, body, content_type=kind).selector.css("h1::text").get() == text


DEEP = {"@type": "Product", "name": "x"}
for _ in range(200):
    DEEP = {"@graph": [DEEP], "@type": "Thing"}
OFFERS = {"@type": "Product", "name": "x", "offers": [{"price": n, "priceCurrency": "EUR"} for n in range(10_000)]}


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 60_000 + "$5",
        "<h1>a</h1>" + "<p class='price'>$5</p>" * 20_000,
        "<h1>a</h1>" + "<a href='/m/1'>Year: 2015 Hours: 5 $6</a>" * 20_000,
        "<h1>a</h1><table>" + "<tr><td>Year</td><td>2015</td></tr>" * 20_000,
        "<h1>a</h1>" + "<span itemprop='price' itemscope>" * 5_000,
        f"<h1>x</h1><script type='application/ld+json'>{json.dumps(DEEP)}</script>",
        f"<h1>x</h1><script type='application/ld+json'>{json.dumps(OFFERS)}</script>",
        "<h1>x</h1><script type='application/ld+json'>" + "[" * 200_000,
        "<h1>x</h1><script>var a = {" + '"price":{' * 50_000 + "</script>",
        "<h1>x</h1><script>" + "a = {" * 100_000 + "</script>",
        "<h1>" + "1 " * 200_000 + "</h1>",
    ],
    ids=["deep", "prices", "links", "rows", "items", "graph", "offers", "brackets", "nested", "assigned", "digits"],
)
def test_hostile_pages_take_bounded_time(body: str) -> None:
    made = Page(URL, f"<html><body>{body}</body></html>".encode())
    start = time.perf_counter()
    read_detail(made, vertical="equipment")
    read_listing_page(made, detail_links=None, next_page=None)
    assert time.perf_counter() - start < 8


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<h1>",
                "</h1>",
                "<table><tr><td>",
                "</td><td>",
                "<script type='application/ld+json'>",
                "</script>",
                '{"@type":"Product"',
                '"offers":',
                "[",
                "}",
                "$5",
                "Year:",
                "2015",
                "<a href='http://['>",
                "<b itemprop=price>",
                "\x00",
                "&#x110000;",
                "<dl><dt>",
            ]
        )
        | st.text(max_size=10),
        max_size=40,
    )
)
def test_no_page_raises(parts: list[str]) -> None:
    body = ("<html><body>" + "".join(parts)).encode("utf-8", "replace")
    try:
        made = Page(URL, body)
    except NotAPage:
        return
    read_detail(made, vertical="equipment")
    read_listing_page(made, detail_links=None, next_page=None)


@given(st.recursive(st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("abc"), inner)))
def test_every_object_of_a_value_is_seen_once(value: object) -> None:
    assert sum(1 for _ in objects(value)) == json.dumps(value).count("{")


def test_forgiving_json_reads_what_can_be_read() -> None:
    assert parse_json('{"a": [1, 2,],}') == {"a": [1, 2]}
    assert parse_json('{"a": "x\ty"};') == {"a": "x\ty"}
    assert parse_json("not json") is None

"""Bad pages: refused with a reason, or read in bounded time."""

from __future__ import annotations

import gzip
import json
import random

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
        (gzip.compress(random.Random(1).randbytes(300_000), mtime=0), "text/html", "binary"),
        (random.Random(2).randbytes(300_000), "text/html", "binary"),
        (b"<html><div " + b" ".join(b"a%d=1" % n for n in range(1_000_000)) + b">", None, "attributes"),
        (b"<html><div " + b" ".join(b"a%d" % n for n in range(3_000)), None, "attributes"),
        (b"<html><div " + b"".join(b" a%d = 'x'" % n for n in range(3_000)) + b"><p>", None, "attributes"),
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
        ("<html><h1>Löffel</h1>".encode("utf-16-le"), None, "Löffel"),
        ("<html><h1>Löffel</h1>".encode("utf-16-be"), "text/html", "Löffel"),
        ("<html><meta charset='utf-8'><h1>Löffel</h1>".encode("cp1252"), None, "Löffel"),
        ("<html><h1>Löffel</h1>".encode() + b"\xff", None, "Löffel"),
        (b"<html><h1>L\xc3\xb6\x00ffel</h1>", None, "Löffel"),
    ],
)
def test_the_encoding_is_found(body: bytes, kind: str | None, text: str) -> None:
    assert Page(URL, body, content_type=kind).selector.css("h1::text").get() == text


@pytest.mark.parametrize(
    "inside",
    [
        "<script>" + "for (i = 0; i<n; i++) { a.b = c }\n" * 2_000 + "</script>",
        "<script>if (i<n " + " ".join(f"v{n}" for n in range(2_000)) + ") {}</script>",
        "<div data-state='"
        + json.dumps([{"name": f"n {n}", "v": n} for n in range(2_000)]).replace("'", "")
        + "'></div>",
        "<img src='data:image/png;base64," + "iVBORw0KGgo" * 5_000 + "'>",
        "<div class='" + " ".join(f"c{n}" for n in range(3_000)) + "'></div>",
        "<!-- " + " ".join(f"<a v{n}" for n in range(3_000)) + " -->",
        "<p>" + " ".join(f"word{n}" for n in range(5_000)) + "</p>",
    ],
    ids=["script", "comparison", "state", "picture", "classes", "comment", "text"],
)
def test_long_stretches_without_a_tags_end_are_no_endless_tag(inside: str) -> None:
    assert Page(URL, f"<html><h1>Bed</h1>{inside}".encode()).selector.css("h1::text").get() == "Bed"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<div hidden class='price old-price related'>",
                "<span itemprop='offers' itemscope itemtype='//schema.org/Offer'>",
                "<meta property='product:price:amount' content='1e999'>",
                "<link rel='canonical' href='//[::1'>",
                "<script>window.__NUXT__=(function(a){return {price:a",
                "<script id='__NEXT_DATA__' type='application/json'>",
                '"@graph":[{"@id":"#a","brand":{"@id":"#a"}}]',
                '"price":{"price":{"price":null}}',
                "NaN",
                "1,299.00.000,00 €",
                "Price:",
                "<select><option>",
                "<svg><title>",
                "<noscript><p>",
                "</p></div></table>",
                "&nbsp;&#0;&#xD800;",
                "\ud83d\ude00 ٣٤٥",
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

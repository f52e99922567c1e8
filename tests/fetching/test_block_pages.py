"""Block pages are refused before anything reads them; pages that a dealer meant are not."""

from __future__ import annotations

import gzip
from pathlib import Path
from types import SimpleNamespace

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, TextResponse

from crawler.extraction.blocks import block_reason, may_block
from crawler.extraction.page import Page
from crawler.fetching.block_pages import BlockPages
from crawler.fetching.breakers import Breakers
from crawler.tracking.error_class import Refused
from demo.switches import BLOCK_PAGE

RECORDED = sorted((Path(__file__).parents[1] / "recorded").rglob("page.html.gz"))
FRAME = b"".join(b'<li><a href="/%d">Section %d</a></li>' % (n, n) for n in range(40))
DENIED = (
    b"<html><head><title>Access denied</title></head><body><ul>" + FRAME + b"</ul><h1>Access denied</h1></body></html>"
)
CLOUDFLARE = (
    b"<html><head><title>Just a moment...</title></head><body><script src='/cdn-cgi/challenge-platform/h/b'></script>"
    b"<p>Enable JavaScript and cookies to continue</p></body></html>"
)


@pytest.fixture
def told():
    """A middleware, and the failures that the breakers are told of."""
    found = []
    breakers = SimpleNamespace(failed=lambda dealer, name: found.append((dealer, name)))
    crawler = SimpleNamespace(get_extension=lambda kind: breakers if kind is Breakers else None)
    return BlockPages(crawler), found


def answer(body, status=200, headers=None, kind=HtmlResponse):
    return kind("https://acme.example/x", status=status, body=body, headers=headers or {"Content-Type": "text/html"})


ASKED = Request("https://acme.example/x", cb_kwargs={"dealer": "acme"})


@pytest.mark.parametrize(
    "response",
    [
        answer(BLOCK_PAGE.encode()),
        answer(CLOUDFLARE),
        answer(CLOUDFLARE, status=503),
        answer(CLOUDFLARE, status=403),
        answer(DENIED),
        answer(b"{}", status=403, headers={"x-datadome": "protected"}, kind=TextResponse),
    ],
)
def test_a_block_is_refused_whatever_its_status_and_the_breaker_is_told(told, response):
    middleware, found = told
    with pytest.raises(Refused) as refused:
        middleware.process_response(ASKED, response)
    assert refused.value.error_class == "blocked"
    assert found == [("acme", "blocked")]


@pytest.mark.parametrize(
    "response",
    [
        answer(b"<html><body><h1>2019 Caterpillar 320</h1><p>$ 85,000</p></body></html>"),
        answer(b"<h1>Too many requests</h1>", status=429),
        answer(b"<h1>Forbidden</h1>", status=403),
        answer(b'{"captcha": "are you a robot"}', kind=TextResponse),
        answer(b"", status=304),
        answer(b"<h1>Stock</h1><p>12 machines</p>", headers={"Content-Type": "text/html", "x-datadome": "protected"}),
        answer(b"<div id='root'></div><script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>"),
        answer(
            b"<div id='__next'></div><div class='g-recaptcha' data-size='invisible'></div>"
            b"<script id='__NEXT_DATA__' type='application/json'>{\"a\": \"" + b"x" * 600 + b'"}</script>'
        ),
        answer(
            b"<h1>Stock</h1><p>We have three machines on offer today: an excavator, a dozer and a loader. Ask us about "
            b"them.</p><p>Call us, or write to us by the form below.</p><div class='h-captcha'></div>"
        ),
    ],
)
def test_what_is_no_block_passes(told, response):
    middleware, found = told
    assert middleware.process_response(ASKED, response) is response
    assert found == []


def test_robots_txt_and_the_like_pass(told):
    response = answer(BLOCK_PAGE.encode())
    assert told[0].process_response(Request("https://acme.example/robots.txt"), response) is response


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.parent.name)
def test_no_recorded_page_of_a_dealer_is_taken_for_a_block(file):
    body = gzip.decompress(file.read_bytes())
    assert block_reason(200, {}, Page("https://acme.example/", body)) is None


@pytest.mark.parametrize("body", [BLOCK_PAGE.encode(), CLOUDFLARE, DENIED])
def test_what_is_not_parsed_for_it_is_no_block(body):
    assert may_block(body)
    assert not may_block(b"<html><title>Excavators</title>" + FRAME + b"</html>")

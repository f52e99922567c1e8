"""Block pages and empty shells are told from pages that say something."""

from __future__ import annotations

import pytest

from crawler.extraction.blocks import block_reason
from crawler.extraction.page import Page
from crawler.extraction.shell import needs_browser
from tests.extraction.made_pages import json_ld, page, product

URL = "https://dealer.example/item/7"


def made(body: str, title: str = "") -> Page:
    return Page(URL, f"<html><head><title>{title}</title></head><body>{body}</body></html>".encode())


@pytest.mark.parametrize(
    ("status", "headers", "body", "title"),
    [
        (403, {"CF-Mitigated": "challenge"}, "<p>x</p>", "Dealer"),
        (200, {}, "<p>Please wait</p>", "Just a moment..."),
        (200, {}, "<h1>Pardon Our Interruption</h1><p>As you were browsing</p>", "Dealer"),
        (200, {}, "<div class='g-recaptcha'></div>", "Dealer"),
        (503, {}, "<script src='/cdn-cgi/challenge-platform/x.js'></script>", ""),
        (429, {}, "<p>Slow down</p>", ""),
    ],
)
def test_block_pages_are_recognised(status: int, headers: dict[str, str], body: str, title: str) -> None:
    assert block_reason(status, headers, made(body, title))


@pytest.mark.parametrize("status", [200, 404, 500])
def test_ordinary_pages_are_no_blocks(status: int) -> None:
    text = "<h1>Captcha-proof door locks</h1>" + "<p>A long text about locks and robots. </p>" * 200
    assert block_reason(status, {"Server": "cloudflare"}, made(text, "Captcha locks")) is None
    assert block_reason(status, {}, made("<h1>Dog bed</h1><p>€ 35</p>", "Dog bed")) is None


def test_a_shell_needs_a_browser_and_a_page_with_data_does_not() -> None:
    shell = "<div id='root'></div><noscript>You need to enable JavaScript</noscript><script src='/app.js'></script>"
    assert needs_browser(made(shell))
    data = f"<script id='__NEXT_DATA__' type='application/json'>{{\"a\": \"{'x' * 600}\"}}</script>"
    assert needs_browser(made(shell + data)) is None
    assert needs_browser(page("<h1>Dog bed</h1>" + "<p>words </p>" * 100)) is None
    assert needs_browser(made("<h1>Not found</h1>")) is None
    assert needs_browser(page("<h1>x</h1>", head=json_ld(product(name="x", description="d" * 600)))) is None

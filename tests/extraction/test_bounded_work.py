"""Pages made to cost: each is read in bounded time and memory, whatever it holds.

Time is CPU time, and allowed by what this machine takes for a fixed piece of work, as machines differ by far more than
a regression should be allowed to hide in.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import tracemalloc
from typing import Any

import pytest

from crawler.extraction.detail import read_detail
from crawler.extraction.page import Page

URL = "https://dealer.example/item/7"
_ALLOWED_S = 5.0
_FIXED_WORK_S = 0.035
"""What the fixed work takes where the allowance was set."""


def _fixed_work() -> float:
    started = time.process_time()
    sum(len(str(n).split("5")) for n in range(100_000))
    return time.process_time() - started


@pytest.fixture(scope="module")
def allowed_s() -> float:
    """Seconds a page may take here."""
    return _ALLOWED_S * max(1.0, min(_fixed_work() for _ in range(5)) / _FIXED_WORK_S)


def _script(value: Any) -> str:
    return f"<script type='application/ld+json'>{value if isinstance(value, str) else json.dumps(value)}</script>"


def _offer(n: int) -> dict[str, Any]:
    return {"@type": "Offer", "price": str(n + 1), "priceCurrency": "EUR", "sku": f"s{n}", "availability": "InStock"}


def _product(n: int) -> dict[str, Any]:
    return {"@type": "Product", "name": "Bed", "sku": f"s{n}", "url": f"/p/{n}", "offers": _offer(n)}


_DEEP: dict[str, Any] = {"@type": "Product", "name": "Bed"}
for _ in range(200):
    _DEEP = {"@graph": [_DEEP], "@type": "Thing"}
_CYCLE = {
    "@graph": [
        {"@id": "#a", "@type": "Product", "name": "Bed", "isRelatedTo": {"@id": "#b"}, "offers": {"@id": "#c"}},
        {"@id": "#b", "@type": "Product", "name": "Bed", "isVariantOf": {"@id": "#a"}, "hasVariant": [{"@id": "#a"}]},
        {"@id": "#c", "@type": "Offer", "itemOffered": {"@id": "#a"}, "offers": {"@id": "#c"}, "price": {"@id": "#c"}},
    ]
}
PAGES = {
    "nested elements": "<div>" * 100_000 + "$5",
    "texts behind nested elements": "<div>" * 2_000 + "</div>text" * 2_000,
    "properties inside each other": "<b itemprop=name>word " * 5_000 + "word " * 50_000,
    "properties beside each other": "<b itemprop=name>word</b>" * 100_000,
    "items": "<div itemscope itemtype='//schema.org/Product'><b itemprop=name>word</b>" * 50_000,
    "texts": "<i>a</i>b" * 200_000,
    "one text": "<p>" + "word " * 1_000_000,
    "one word": "<p>" + "w" * 5_000_000,
    "digits, blanks and signs": ("<p>" + "1" * 3_000 + " " * 3_000 + "$" * 3_000 + "</p>") * 100,
    "amounts in one text": "<p class=price>" + "$1 " * 1_000_000,
    "numbers as heading": "<h1>" + "1 " * 200_000 + "</h1>",
    "headings": "<h1>Bed " * 50_000,
    "title": "<title>" + "a | b - " * 300_000 + "</title>",
    "prices": "<p class='price'>$5</p>" * 50_000,
    "was-prices": "<p><del>$9</del> was $8 <b class='price'>$5</b></p>" * 20_000,
    "rows": "<table>" + "<tr><td>Year</td><td>2015</td></tr>" * 50_000,
    "tables in tables": "<table><tr><td>Year</td><td>" * 5_000,
    "definitions": "<dl>" + "<dt>Year<dd>2015" * 50_000,
    "buttons": "<button class='a b'>Add</button>" * 50_000,
    "pictures": "<img src='/a.jpg' alt='Bed'>" * 50_000,
    "links": "<a href='/m/1'>Year: 2015 Hours: 5 $6</a>" * 50_000,
    "meta elements": "<meta property=a content=b>" * 100_000,
    "class names": "<div class='" + "price-old " * 200_000 + "'>$5</div>",
    "long address": "<link rel=canonical href='/" + "a/" * 500_000 + "'>",
    "trails": "<nav class=breadcrumb><ol class=breadcrumb><li>" * 20_000,
    "comments": "<!--" * 1_000_000,
    "open quote": '<div class="' + "<p>$5" * 500_000,
    "scripts": '<script>var a={"price":1,"sku":"x"}</script>' * 20_000,
    "assignments": "<script>" + 'a = {"price"' * 100_000 + "</script>",
    "object literals": "<script>" + "price={a:" * 100_000 + "</script>",
    "braces": '<script>var a = {"price":' + '{"price":' * 100_000 + "</script>",
    "offers": _script({"@type": "Product", "name": "Bed", "offers": [_offer(n) for n in range(10_000)]}),
    "variants": _script({"@type": "ProductGroup", "name": "Bed", "hasVariant": [_product(n) for n in range(10_000)]}),
    "products": _script([_product(n) for n in range(10_000)]),
    "graphs": _script(_DEEP),
    "references in a circle": _script(_CYCLE),
    "deep objects": _script('{"a":' * 100_000 + "1" + "}" * 100_000),
    "deep lists": _script("[" * 100_000),
    "broken JSON": _script('{"@type":"Product","name":"Bed",' + '"a":1,,' * 600_000),
    "comments in JSON": _script("/*" * 1_500_000),
    "blanks in JSON": _script("{" + " \n" * 1_500_000),
    "commas in JSON": _script("{" + ", \n" * 1_000_000),
    "quotes in JSON": _script("[" + '" \n' * 800_000),
}


@pytest.mark.parametrize("body", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("vertical", ["equipment", None])
def test_a_page_is_read_in_bounded_time(body: str, vertical: str | None, allowed_s: float) -> None:
    source = f"<html><body><h1>Bed</h1>{body}</body></html>".encode()
    started = time.process_time()
    read_detail(Page(URL, source), vertical=vertical)
    assert time.process_time() - started < allowed_s


@pytest.mark.parametrize("name", ["offers", "variants", "products", "deep objects", "broken JSON", "braces", "prices"])
def test_a_page_takes_bounded_memory(name: str) -> None:
    source = f"<html><body><h1>Bed</h1>{PAGES[name]}</body></html>".encode()
    tracemalloc.start()
    try:
        read_detail(Page(URL, source))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 150_000_000


_READ_TWENTY_MEGABYTES = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))
from crawler.extraction.detail import read_detail
from crawler.extraction.page import MAX_BYTES, Page
part = b"<p class='a b'>Lorem ipsum dolor sit amet $5 <b>Year: 2015</b></p>\\n"
start = b"<html><body><h1>Bed</h1><p class=price>$39.90</p><button>Add to cart</button><p>SKU: B-17</p>"
body = start + part * ((MAX_BYTES - len(start)) // len(part))
found = read_detail(Page("https://dealer.example/item/7", body))
print(len(body), "read")
"""


def test_the_largest_page_is_read_within_a_memory_limit(allowed_s: float) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _READ_TWENTY_MEGABYTES],
        capture_output=True,
        text=True,
        timeout=30 * allowed_s,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.endswith("read\n")

"""Pages made for the tests: shops' habits, none of any one shop."""

from __future__ import annotations

import json
from typing import Any

from crawler.extraction.page import Page

NAV = (
    "<header><nav><a href='/'>Home</a> <a href='/excavators'>Excavators</a> "
    "<a href='/cart'>Cart (0) $0.00</a></nav></header>"
)
RELATED = (
    "<section class='related-items'><h2>You may also like</h2><ul>"
    "<li class='box'><a href='/m/1'>Cat 305</a> <span class='price'>$21,000</span></li>"
    "<li class='box'><a href='/m/2'>Cat 308</a> <span class='price'>$32,000</span></li>"
    "<li class='box'><a href='/m/3'>Cat 312</a> <span class='price'>$43,000</span></li></ul></section>"
)
FOOTER = "<footer><p>Free shipping over $99. Call 555-0100.</p></footer>"


def page(
    body: str, *, title: str = "", head: str = "", url: str = "https://dealer.example/item/one-thing", lang: str = "en"
) -> Page:
    """A whole page around a body, with navigation, related things and a footer."""
    source = (
        f"<!doctype html><html lang='{lang}'><head><meta charset='utf-8'><title>{title}</title>{head}</head>"
        f"<body>{NAV}<main>{body}</main>{RELATED}{FOOTER}</body></html>"
    )
    return Page(url, source.encode(), content_type="text/html; charset=utf-8")


def json_ld(*values: Any) -> str:
    """Scripts of JSON-LD."""
    return "".join(f"<script type='application/ld+json'>{json.dumps(value)}</script>" for value in values)


def product(**properties: Any) -> dict[str, Any]:
    """A schema.org product as shops write it."""
    return {"@context": "https://schema.org", "@type": "Product", **properties}


def cards(count: int, *, price: bool = True, path: str = "/stock/excavators/cat-320-", start: int = 1000) -> str:
    """A list of `count` cards that lead to details."""
    each = []
    for n in range(start, start + count):
        shown = f"<span class='price'>${n * 7:,}</span>" if price else "<span>Call for price</span>"
        each.append(
            f"<article class='card'><a href='{path}{n}'><img src='/i/{n}.jpg'></a>"
            f"<h3><a href='{path}{n}'>2015 Cat 320 no {n}</a></h3>"
            f"<p>Year: {2000 + n % 20} Hours: {n}</p>{shown}<a href='/compare?id={n}'>Compare</a></article>"
        )
    return f"<div class='grid'>{''.join(each)}</div>"

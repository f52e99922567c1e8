"""Pawhaus's HTML, as a Shopify theme writes it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from demo.offers import Product
from demo.pages.filler import cookie_banner, mega_menu
from demo.pages.html import e
from demo.pages.jsonld import blocks, style_of
from demo.sites.dog_stock import SHELVES, single, words_about
from demo.sites.pawhaus_json import product_ld

STATIC: Final = {
    "/pages/about-us": ("About us", "Three friends, five dogs, one warehouse in Portland, Oregon."),
    "/pages/shipping": ("Shipping", "Flat rate $6.95. Free over $49.00. Express from $14.50."),
    "/pages/rewards": ("Pawhaus Rewards", "Earn $5 for every $100. Subscribe & save 15% on food."),
}
HEADER: Final = (
    '<div class="announcement-bar">Free shipping on orders over $49 · Subscribe &amp; save 15%</div>'
    '<header class="site-header"><a href="/" class="logo">Pawhaus</a><a href="/cart" class="cart">Cart <span>'
    "$0.00</span></a>"
    + mega_menu(
        [
            ("Shop", [(e(shelf.name), f"/collections/{shelf.handle}") for shelf in SHELVES]),
            ("Deals", [("Sale", "/collections/sale"), ("All products", "/collections/all")]),
            ("Help", [(e(heading), path) for path, (heading, _) in STATIC.items()]),
        ],
        "Puppy starter box <span class='money'>$59.00</span>",
    )
    + "</header>"
    + cookie_banner("We and our partners use cookies.", "Accept")
).encode()
FOOTER: Final = (
    '<section class="newsletter-section"><h2>Join the pack</h2><p>$10 off your first order of $60 or more.</p>'
    "</section>"
    '<footer><a href="/pages/shipping">Shipping from $6.95</a> <a href="https://www.example.com/instagram">Instagram</a>'
    "<p>© 2025 Pawhaus. Powered by Shopify-like demo.</p></footer>"
).encode()


def _price(product: Product) -> str:
    prices = [offer.price for offer in product.live if offer.price is not None]
    first = product.live[0]
    start = f"From ${min(prices):.2f}" if len(set(prices)) > 1 else f"${prices[0]:.2f}"
    was = f'<s class="price-item--regular">${first.regular_price:.2f}</s> ' if first.regular_price else ""
    return f'<div class="price">{was}<span class="price-item money">{start}</span></div>'


def card(product: Product, href: str) -> str:
    return (
        f'<li class="grid__item"><div class="card-wrapper product-card"><a class="full-unstyled-link" href="{e(href)}">'
        f'<img src="/img/{product.handle}-1.svg" alt="" loading="lazy"><h3 class="card__heading">'
        f"{e(product.first.title)}</h3></a>"
        f'<div class="vendor">{e(product.first.brand)}</div>{_price(product)}</div></li>'
    )


def home(products: Sequence[Product], base: str) -> str:
    tiles = "".join(f'<li><a href="/collections/{shelf.handle}">{e(shelf.name)}</a></li>' for shelf in SHELVES)
    cards = "".join(card(product, f"/products/{product.handle}?utm_source=home") for product in products)
    return (
        f'<main><h1>Good things for good dogs</h1><ul class="collection-list">{tiles}</ul><h2>Best sellers</h2>'
        f'<ul class="grid">{cards}</ul></main>'
    )


def collection(
    handle: str, name: str, products: Sequence[Product], number: int, last: int, *, dead: bool, moved: Mapping[str, str]
) -> str:
    """A collection's page. Links go through the collection, as themes do; moved products by their old address."""
    old = {new: before for before, new in moved.items()}
    cards = []
    for place, product in enumerate(products):
        target = (
            f"/products/{old[product.handle]}"
            if product.handle in old
            else f"/collections/{handle}/products/{product.handle}"
        )
        cards.append(card(product, target + (f"?_pos={place + 1}&_sid=a1b2c3&_ss=r" if place % 5 == 4 else "")))
    if dead:
        cards.insert(
            1,
            '<li class="grid__item"><a class="full-unstyled-link" href="/products/discontinued-squeaky-duck"><h3>'
            "Squeaky Duck</h3></a></li>",
        )
    onward = (
        f'<a rel="next" class="pagination__item--prev" href="/collections/{handle}?page={number + 1}">Next</a>'
        if number < last
        else ""
    )
    return (
        f'<main><h1 class="collection-hero__title">{e(name)}</h1><ul id="product-grid" class="grid">'
        f"{''.join(cards)}</ul><nav>{onward}</nav></main>"
    )


def meta_of(product: Product) -> dict[str, Any]:
    """What the theme tells its analytics: the variant that is chosen at first, its price in cents."""
    first, chosen = product.first, product.live[0]
    variant = {"id": int(chosen.id), "price": round(float(chosen.price or 0) * 100), "sku": chosen.variant.sku}
    return {"id": product.id, "vendor": first.brand, "type": first.product_type, "variants": [variant]}


def product_page(product: Product, related: Sequence[Product], base: str, script: Mapping[str, Any]) -> tuple[str, str]:
    """The body's middle, and the page's own part of the head."""
    first, chosen = product.first, product.live[0]
    was = f'<s class="price-item price-item--regular">${chosen.regular_price:.2f}</s>' if chosen.regular_price else ""
    choice = ""
    if not single(product):
        options = "".join(
            f'<option value="{offer.id}"{"" if offer.available else " disabled"}>{e(offer.variant.option)}'
            f"{'' if offer.available else ' - Sold out'}</option>"
            for offer in product.live
        )
        choice = f'<label>{e(first.option_name)}</label><select name="id">{options}</select>'
    embedded = json.dumps(script).replace("</", "<\\/")
    body = (
        '<nav class="breadcrumbs"><a href="/">Home</a> <a href="/collections/all">Products</a> <span>'
        f"{e(first.title)}</span></nav>"
        f'<main><div class="product__info-wrapper"><p class="product__text vendor">{e(first.brand)}</p>'
        '<div class="product__title">'
        f'<h1>{e(first.title)}</h1></div><div class="price">{was}<span class="price-item price-item--sale money">'
        f"${chosen.price:.2f}</span></div>"
        f'<p class="installment">or 4 interest-free payments of ${float(chosen.price or 0) / 4:.2f} with <b>'
        "LaterPay</b></p>"
        f'<p class="autoship">Autoship: <span>${float(chosen.price or 0) * 0.85:.2f}</span> (save 15%)</p>'
        f'<form action="/cart/add" method="post">{choice}'
        f'<button type="submit"{"" if chosen.available else " disabled"}>'
        f"{'Add to cart' if chosen.available else 'Sold out'}</button></form>"
        f'<div class="product__description rte"><p>{e(words_about(product))}</p></div></div>'
        f'<script type="application/json" id="ProductJson-template">{embedded}</script>'
        f"<script>var meta={json.dumps({'product': meta_of(product)})};</script>"
        '<section class="related-products"><h2>You may also like</h2><ul>'
        f"{''.join(card(each, f'/products/{each.handle}?pr_rec_pid={each.id}') for each in related)}</ul>"
        "</section></main>"
    )
    meta = (
        f'<meta property="og:type" content="product"><meta property="og:title" content="{e(first.title)}">'
        '<meta property="og:url" '
        f'content="{base}/products/{product.handle}"><meta property="og:price:amount" content="{chosen.price:.2f}">'
        '<meta property="og:price:currency" content="USD">'
    )
    organisation = {"@context": "http://schema.org", "@type": "Organization", "name": "Pawhaus", "url": base}
    return body, meta + blocks(style_of(product.id // 10 * 37 % 100 / 100), product_ld(product, base), [organisation])

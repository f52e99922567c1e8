"""Barkwood's HTML, as a WooCommerce theme writes it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from demo.offers import Product, money, slugify
from demo.pages.filler import cookie_banner, mega_menu
from demo.pages.html import e, table
from demo.pages.jsonld import blocks, style_of
from demo.sites.barkwood_json import attribute, permalink, price_html, shown
from demo.sites.dog_stock import SHELVES, shelf_of, single, words_about

STATIC: Final = {
    "/about/": ("About Barkwood", "A family shop in Harrogate, North Yorkshire, since 2009."),
    "/delivery/": ("Delivery", "£3.95 standard, £6.95 next day, free over £39.00."),
    "/contact/": ("Contact", "Ring 01423 496 0199, Monday to Saturday."),
}
IN_STOCK: Final = '<p class="stock in-stock">In stock</p>'
OUT_OF_STOCK: Final = '<p class="stock out-of-stock">Out of stock</p>'
HEADER: Final = (
    '<p class="woocommerce-store-notice demo_store">Free UK delivery over &pound;39</p><header id="masthead">'
    '<a class="site-title" href="/">Barkwood Pet Supplies</a><a class="cart-contents" href="/basket/">'
    '<span class="woocommerce-Price-amount amount">&pound;0.00</span> 0 items</a>'
    + mega_menu(
        [
            ("Shop", [(e(shelf.name), f"/product-category/{shelf.handle}/") for shelf in SHELVES]),
            ("Information", [(e(heading), path) for path, (heading, _) in STATIC.items()]),
        ],
        "New puppy? Starter box &pound;49.00",
    )
    + "</header>"
    + cookie_banner("Barkwood uses cookies to remember your basket.", "OK")
).encode()
FOOTER: Final = (
    '<div class="mc4wp-form"><p>&pound;5 off when you join our newsletter</p></div><footer id="colophon">'
    '<a href="/delivery/">'
    'Delivery from &pound;3.95</a> <a href="https://www.example.com/reviews">Reviews</a><p>© Barkwood 2025</p></footer>'
).encode()


def card(product: Product, href: str) -> str:
    stock = "instock" if any(offer.available for offer in product.live) else "outofstock"
    return (
        f'<li class="product type-product post-{product.id} {stock}">'
        f'<a href="{e(href)}" class="woocommerce-LoopProduct-link '
        f'woocommerce-loop-product__link"><img src="/img/{product.handle}-1.svg" alt="">'
        '<h2 class="woocommerce-loop-product__title">'
        f'{e(product.first.title)}</h2><span class="price">{price_html(product.live)}</span></a>'
        f'<a href="?add-to-cart={product.id}" rel="nofollow" class="button">'
        f"{'Add to basket' if single(product) else 'Select options'}</a></li>"
    )


def home(products: Sequence[Product], base: str) -> str:
    tiles = "".join(
        f'<li class="product-category"><a href="/product-category/{shelf.handle}/">{e(shelf.name)}</a></li>'
        for shelf in SHELVES
    )
    cards = "".join(card(product, f"{permalink(product, base)}?utm_source=home") for product in products)
    return (
        f'<main><h1>Barkwood</h1><ul class="products">{tiles}</ul><h2>New in</h2><ul class="products columns-3">'
        f"{cards}</ul></main>"
    )


def archive(
    name: str,
    path: str,
    products: Sequence[Product],
    number: int,
    last: int,
    total: int,
    moved: Mapping[str, str],
    base: str,
) -> str:
    """A shop or category page; products that have moved are linked by their old address."""
    old = {new: before for before, new in moved.items()}
    cards = [
        card(product, f"{base}/product/{old[product.handle]}/" if product.handle in old else permalink(product, base))
        for product in products
    ]
    if path.endswith("/toys/") and number == 1:
        cards.insert(
            1,
            '<li class="product"><a class="woocommerce-LoopProduct-link" '
            f'href="{base}/product/withdrawn-rope-ball/"><h2>Rope Ball</h2></a></li>',
        )
    links = "".join(
        f'<li><a class="page-numbers" href="{path}page/{n}/">{n}</a></li>'
        if n != number
        else f'<li><span class="page-numbers current">{n}</span></li>'
        for n in range(1, last + 1)
    )
    onward = (
        f'<li><a class="next page-numbers" href="{path}page/{number + 1}/">&rarr;</a></li>' if number < last else ""
    )
    return (
        f'<main id="main"><nav class="woocommerce-breadcrumb"><a href="/">Home</a> / {e(name)}</nav>'
        f'<h1 class="page-title">{e(name)}</h1>'
        f'<p class="woocommerce-result-count">{total} results</p><ul class="products columns-4">{"".join(cards)}</ul>'
        f'<nav class="woocommerce-pagination"><ul class="page-numbers">{links}{onward}</ul></nav></main>'
    )


def _offers_ld(product: Product, base: str) -> dict[str, Any]:
    live = product.live
    stock = "InStock" if any(offer.available for offer in live) else "OutOfStock"
    prices = sorted(offer.price for offer in live if offer.price is not None)
    common = {"priceCurrency": "GBP", "availability": f"http://schema.org/{stock}", "url": permalink(product, base),
              "seller": {"@type": "Organization", "name": "Barkwood Pet Supplies", "url": base}}  # fmt: skip
    if prices[0] != prices[-1]:
        return {
            "@type": "AggregateOffer",
            "lowPrice": f"{prices[0]:.2f}",
            "highPrice": f"{prices[-1]:.2f}",
            "offerCount": len(live),
            **common,
        }
    specification = {"@type": "UnitPriceSpecification", "price": f"{prices[0]:.2f}", "priceCurrency": "GBP",
                     "valueAddedTaxIncluded": True, "validThrough": "2026-12-31"}  # fmt: skip
    return {"@type": "Offer", "priceSpecification": [specification], "priceValidUntil": "2026-12-31", **common}


def product_ld(product: Product, base: str) -> dict[str, Any]:
    first = product.first
    made: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Product",
        "@id": permalink(product, base) + "#product",
        "name": first.title,
        "url": permalink(product, base),
        "description": words_about(product),
        "image": f"{base}/img/{product.handle}-1.svg",
        "sku": first.sku if single(product) else product.id,
        "brand": {"@type": "Brand", "name": first.brand},
        "offers": [_offers_ld(product, base)],
    }
    if single(product) and first.gtin:
        made["gtin"] = first.gtin
    if product.id % 23:
        made["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": f"{3.4 + product.id % 16 / 10:.2f}",
            "reviewCount": product.id % 23,
        }
    return made


def _variations(product: Product) -> str:
    """What WooCommerce puts into `data-product_variations`."""
    key = f"attribute_{attribute(product)}"
    rows = [
        {
            "attributes": {key: slugify(offer.variant.option)},
            "availability_html": IN_STOCK if offer.available else OUT_OF_STOCK,
            "display_price": money(offer.price),
            "display_regular_price": money(offer.regular_price or offer.price),
            "is_in_stock": offer.available,
            "is_purchasable": True,
            "price_html": f'<span class="price">{price_html([offer])}</span>',
            "sku": offer.variant.sku,
            "gtin": offer.variant.gtin or "",
            "variation_id": int(offer.id),
            "variation_is_active": True,
        }
        for offer in product.live
    ]
    return json.dumps(rows)


def product_page(product: Product, related: Sequence[Product], base: str) -> tuple[str, str]:
    """The body's middle, and the page's own part of the head."""
    first, shelf = product.first, shelf_of(product.first.category)
    if single(product):
        stock = (
            '<p class="stock in-stock">In stock</p>'
            if product.live[0].available
            else '<p class="stock out-of-stock">Out of stock</p>'
        )
        form = (
            f'{stock}<form class="cart" method="post"><button name="add-to-cart" value="{product.id}">'
            "Add to basket</button></form>"
        )
    else:
        options = "".join(
            f'<option value="{slugify(offer.variant.option)}">{e(offer.variant.option)}</option>'
            for offer in product.live
        )
        form = (
            f'<form class="variations_form cart" data-product_id="{product.id}" '
            f'data-product_variations="{e(_variations(product))}">'
            f'<table class="variations"><tr><th class="label"><label>{e(first.option_name)}</label></th>'
            '<td class="value"><select name="attribute_'
            f'{attribute(product)}"><option value="">Choose an option</option>{options}</select></td></tr></table>'
            "</form>"
        )
    facts = [("Brand", first.brand), ("Range", first.product_type)]
    if not single(product):
        facts.append((first.option_name, ", ".join(offer.variant.option for offer in product.live)))
    elif first.gtin:
        facts.append(("EAN", first.gtin))
    cards = "".join(card(each, permalink(each, base)) for each in related)
    body = (
        '<main id="main"><nav class="woocommerce-breadcrumb"><a href="/">Home</a>'
        f' / <a href="/product-category/{shelf.handle}/">{e(shelf.name)}'
        f'</a> / {e(first.title)}</nav><div id="product-{product.id}" class="product type-product">'
        '<div class="woocommerce-product-gallery">'
        f'<img class="wp-post-image" src="/img/{product.handle}-1.svg" alt=""></div>'
        '<div class="summary entry-summary"><h1 class="product_title '
        f'entry-title">{e(first.title)}</h1><p class="price">{price_html(product.live)}</p><div class="klarna">'
        "Pay in 3 instalments of "
        f'{shown((product.live[0].price or Decimal(0)) / 3)}</div>{form}<div class="product_meta">'
        '<span class="sku_wrapper">'
        'SKU: <span class="sku">'
        f'{first.sku if single(product) else "N/A"}</span></span></div></div><div class="woocommerce-Tabs-panel"><p>'
        f"{e(words_about(product))}</p>"
        f'{table(facts, "woocommerce-product-attributes shop_attributes")}</div><section class="related products">'
        "<h2>Related products</h2>"
        f'<ul class="products columns-4">{cards}</ul></section></div></main>'
    )
    crumbs = {
        "@context": "https://schema.org/",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": 1, "item": {"name": "Home", "@id": base}},
            {
                "@type": "ListItem",
                "position": 2,
                "item": {"name": shelf.name, "@id": f"{base}/product-category/{shelf.handle}/"},
            },
        ],
    }
    return body, blocks(style_of(product.id // 10 * 41 % 100 / 100), product_ld(product, base), [crumbs])

"""Pawhaus's product feed as apps for Shopify publish it for Google Merchant: RSS with one item a variant."""

from __future__ import annotations

from xml.sax.saxutils import escape

from demo.offers import DogOffer, Product
from demo.sites.dog_stock import single, words_about
from demo.sites.pawhaus_json import full_title, grams


def google_feed(products: list[Product], base: str) -> str:
    """The whole shop."""
    items = "".join(_item(product, offer, base) for product in products for offer in product.live)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>\n'
        f"<title>Pawhaus</title><link>{base}</link><description>All products</description>\n{items}</channel></rss>\n"
    )


def _item(product: Product, offer: DogOffer, base: str) -> str:
    variant = offer.variant
    images = [f"{base}/img/{product.handle}-{place}.svg" for place in (1, 2)]
    regular, sale = (offer.regular_price, offer.price) if offer.regular_price else (offer.price, None)
    said = [
        ("id", offer.id),
        ("title", full_title(product, offer)),
        ("description", f"<p>{words_about(product)}</p>"),
        ("link", f"{base}/products/{product.handle}?variant={offer.id}"),
        ("image_link", images[0]),
        ("additional_image_link", images[1]),
        ("availability", "in_stock" if offer.available else "out_of_stock"),
        ("price", f"{regular:.2f} {variant.currency}"),
        ("sale_price", f"{sale:.2f} {variant.currency}" if sale else None),
        ("brand", variant.brand),
        ("gtin", variant.gtin),
        ("condition", "new"),
        ("product_type", product.first.product_type),
        ("item_group_id", str(product.id)),
        ("size", None if single(product) else variant.option),
        ("shipping_weight", f"{grams(offer)} g"),
    ]
    fields = "".join(f"<g:{name}>{escape(value)}</g:{name}>" for name, value in said if value)
    return f"<item>{fields}<g:shipping><g:country>US</g:country><g:price>5.00 USD</g:price></g:shipping></item>\n"

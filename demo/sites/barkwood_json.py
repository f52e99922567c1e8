"""Barkwood's Store API objects, in the shape of WooCommerce's ProductSchema."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from demo.offers import DogOffer, Product, slugify
from demo.sites.dog_stock import SHELVES, Shelf, shelf_of, single, words_about


def permalink(product: Product, base: str) -> str:
    return f"{base}/product/{product.handle}/"


def attribute(product: Product) -> str:
    """The taxonomy of the product's choice, e.g. `pa_size`."""
    return "pa_" + slugify(product.first.option_name)


def variation_url(product: Product, offer: DogOffer, base: str) -> str:
    if single(product):
        return permalink(product, base)
    return (
        permalink(product, base) + "?" + urlencode({f"attribute_{attribute(product)}": slugify(offer.variant.option)})
    )


def minor(value: Decimal | None) -> str:
    """Pounds as a string of whole pence."""
    return "" if value is None else str(int(value * 100))


def shown(value: Decimal | None) -> str:
    return (
        '<span class="woocommerce-Price-amount amount"><bdi><span class="woocommerce-Price-currencySymbol">'
        f"&pound;</span>{value:.2f}</bdi></span>"
    )


def price_html(offers: list[DogOffer]) -> str:
    """The theme's price: a range for several, a struck-out one beside the price in a sale; prices include VAT."""
    suffix = ' <small class="woocommerce-price-suffix">inc. VAT</small>'
    prices = sorted(offer.price for offer in offers if offer.price is not None)
    if prices[0] != prices[-1]:
        return f"{shown(prices[0])} &ndash; {shown(prices[-1])}{suffix}"
    if offers[0].regular_price:
        return f'<del aria-hidden="true">{shown(offers[0].regular_price)}</del> <ins>{shown(prices[0])}</ins>{suffix}'
    return shown(prices[0]) + suffix


def _prices(offers: list[DogOffer]) -> dict[str, Any]:
    prices = sorted(offer.price for offer in offers if offer.price is not None)
    first = offers[0]
    cheapest = next(offer for offer in offers if offer.price == prices[0])
    ranged = {"min_amount": minor(prices[0]), "max_amount": minor(prices[-1])} if prices[0] != prices[-1] else None
    return {
        "price": minor(prices[0]),
        "regular_price": minor(cheapest.regular_price or prices[0]),
        "sale_price": minor(prices[0]),
        "price_range": ranged,
        "currency_code": first.variant.currency,
        "currency_symbol": "£",
        "currency_minor_unit": 2,
        "currency_decimal_separator": ".",
        "currency_thousand_separator": ",",
        "currency_prefix": "£",
        "currency_suffix": "",
    }


def category_json(shelf: Shelf, count: int, base: str) -> dict[str, Any]:
    return {
        "id": 15 + SHELVES.index(shelf),
        "name": shelf.name,
        "slug": shelf.handle,
        "description": "",
        "parent": 0,
        "count": count,
        "image": None,
        "review_count": 0,
        "permalink": f"{base}/product-category/{shelf.handle}/",
    }


def _common(product: Product, offers: list[DogOffer], base: str) -> dict[str, Any]:
    first, shelf = product.first, shelf_of(product.first.category)
    stocked = any(offer.available for offer in offers)
    reviews = product.id % 23
    image, brand = f"{base}/img/{product.handle}-1.svg", slugify(first.brand)
    return {
        "name": first.title,
        "slug": product.handle,
        "short_description": f"<p>{words_about(product).split('. ')[0]}.</p>",
        "description": f"<p>{words_about(product)}</p>",
        "on_sale": any(offer.regular_price for offer in offers),
        "prices": _prices(offers),
        "price_html": price_html(offers),
        "average_rating": f"{3.4 + product.id % 16 / 10:.2f}" if reviews else "0",
        "review_count": reviews,
        "images": [
            {
                "id": product.id + 5,
                "src": image,
                "thumbnail": image,
                "srcset": "",
                "sizes": "",
                "name": product.handle,
                "alt": first.title,
            }
        ],
        "categories": [
            {
                "id": 15 + SHELVES.index(shelf),
                "name": shelf.name,
                "slug": shelf.handle,
                "link": f"{base}/product-category/{shelf.handle}/",
            }
        ],
        "tags": [],
        "brands": [{"id": 300 + len(brand), "name": first.brand, "slug": brand, "link": f"{base}/brand/{brand}/"}],
        "has_options": False,
        "is_purchasable": stocked,
        "is_in_stock": stocked,
        "is_on_backorder": False,
        "low_stock_remaining": None,
        "stock_availability": {"text": "In stock", "class": "in-stock"}
        if stocked
        else {"text": "Out of stock", "class": "out-of-stock"},
        "sold_individually": False,
        "grouped_products": [],
        "variations": [],
        "extensions": {},
    }


def _term(name: str, place: int) -> dict[str, Any]:
    return {"id": 600 + place, "name": name, "slug": slugify(name), "default": False}


def _ean(offer: DogOffer) -> list[dict[str, Any]]:
    """The GTIN stands among the attributes, as shops without a field for it show it."""
    if not offer.variant.gtin:
        return []
    return [
        {"id": 0, "name": "EAN", "taxonomy": None, "has_variations": False, "terms": [_term(offer.variant.gtin, 0)]}
    ]


def product_json(product: Product, base: str) -> dict[str, Any]:
    """A simple product, or the parent of variations (without their prices: those are `type=variation`)."""
    offers = product.live
    data = {"id": product.id, **_common(product, offers, base)}
    data |= {
        "parent": 0,
        "variation": "",
        "permalink": permalink(product, base),
        "sku": offers[0].variant.sku if single(product) else "",
    }
    if single(product):
        data |= {"type": "simple", "attributes": _ean(offers[0])}
    else:
        name = product.first.option_name
        terms = [_term(offer.variant.option, place) for place, offer in enumerate(offers)]
        data |= {
            "type": "variable",
            "has_options": True,
            "attributes": [
                {"id": 2, "name": name, "taxonomy": attribute(product), "has_variations": True, "terms": terms}
            ],
            "variations": [
                {"id": int(offer.id), "attributes": [{"name": name, "value": slugify(offer.variant.option)}]}
                for offer in offers
            ],
        }
    data["add_to_cart"] = {
        "text": "Add to basket" if single(product) else "Select options",
        "description": "",
        "url": f"{base}/?add-to-cart={product.id}",
        "minimum": 1,
        "maximum": 9999,
        "multiple_of": 1,
    }
    return data


def variation_json(product: Product, offer: DogOffer, base: str) -> dict[str, Any]:
    """One variation, as `?type=variation` and `/products/<id>` give it."""
    name = product.first.option_name
    chosen = {
        "id": 2,
        "name": name,
        "taxonomy": attribute(product),
        "has_variations": False,
        "terms": [_term(offer.variant.option, 0)],
    }
    return {
        "id": int(offer.id),
        **_common(product, [offer], base),
        "parent": product.id,
        "type": "variation",
        "variation": f"{name}: {offer.variant.option}",
        "slug": f"{product.handle}-{slugify(offer.variant.option)}",
        "permalink": variation_url(product, offer, base),
        "sku": offer.variant.sku,
        "attributes": [chosen, *_ean(offer)],
        "add_to_cart": {
            "text": "Add to basket",
            "description": "",
            "url": f"{base}/?add-to-cart={offer.id}",
            "minimum": 1,
            "maximum": 9999,
            "multiple_of": 1,
        },
    }

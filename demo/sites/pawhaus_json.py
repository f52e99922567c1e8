"""Pawhaus's JSON in Shopify's three shapes: products.json, product .js, and the JSON-LD of its theme."""

from __future__ import annotations

from typing import Any

from demo.offers import DogOffer, Product, money
from demo.sites.dog_stock import single, words_about


def full_title(product: Product, offer: DogOffer) -> str:
    """Shopify's name of a variant: the product's title, a hyphen, the option."""
    return product.first.title if single(product) else f"{product.first.title} - {offer.variant.option}"


def grams(offer: DogOffer) -> int:
    """The shipping weight: a little more than the contents, which is why it is not the net weight."""
    net = offer.variant.net_weight_g
    return round(net * 1.04 + 30) if net else 450


def tags(product: Product) -> list[str]:
    first = product.first
    made = [first.product_type, first.brand]
    made += [f"life-stage:{first.life_stage}"] if first.life_stage else []
    made += [f"breed-size:{first.breed_sizes}"] if first.breed_sizes else []
    return made + (["cat"] if "Cat" in first.product_type else ["dog"])


def _images(product: Product, base: str) -> list[dict[str, Any]]:
    return [
        {
            "id": product.id + 900 + place,
            "created_at": stamp(product),
            "position": place,
            "updated_at": stamp(product),
            "product_id": product.id,
            "variant_ids": [],
            "src": f"{base}/img/{product.handle}-{place}.svg?v=1741",
            "width": 1200,
            "height": 1200,
        }
        for place in (1, 2)
    ]


def stamp(product: Product) -> str:
    newest = max(offer.modified for offer in product.variants)
    return newest.strftime("%Y-%m-%dT%H:%M:%S-00:00").replace("-00:00", "+00:00")


def _option_name(product: Product) -> str:
    return "Title" if single(product) else product.first.option_name


def _variant(offer: DogOffer) -> dict[str, Any]:
    """What both of Shopify's forms say of a variant, in their order."""
    return {
        "id": int(offer.id),
        "title": offer.variant.option,
        "option1": offer.variant.option,
        "option2": None,
        "option3": None,
        "sku": offer.variant.sku,
        "requires_shipping": True,
        "taxable": True,
    }


def product_json(product: Product, base: str, zero_compare: bool) -> dict[str, Any]:
    """As in `/products.json`: prices are strings in the shop's currency; no barcode."""
    first = product.first
    variants = [
        {
            **_variant(offer),
            "featured_image": None,
            "available": offer.available,
            "price": f"{offer.price:.2f}",
            "grams": grams(offer),
            "compare_at_price": f"{offer.regular_price:.2f}"
            if offer.regular_price
            else ("0.00" if zero_compare else None),
            "position": place,
            "product_id": product.id,
            "created_at": stamp(product),
            "updated_at": stamp(product),
        }
        for place, offer in enumerate(product.live, 1)
    ]
    return {
        "id": product.id,
        "title": first.title,
        "handle": product.handle,
        "body_html": f"<p>{words_about(product)}</p>",
        "published_at": stamp(product),
        "created_at": stamp(product),
        "updated_at": stamp(product),
        "vendor": first.brand,
        "product_type": first.product_type,
        "tags": tags(product),
        "variants": variants,
        "images": _images(product, base),
        "options": [
            {"name": _option_name(product), "position": 1, "values": [offer.variant.option for offer in product.live]}
        ],
    }


def _cents(value: Any) -> int | None:
    return None if value is None else round(value * 100)


def product_js(product: Product, base: str, zero_compare: bool) -> dict[str, Any]:
    """As in `/products/<handle>.js` and embedded in the page: prices are whole cents, and there is a barcode."""
    first, live = product.first, product.live
    prices = [offer.price for offer in live if offer.price is not None]
    variants = [
        {
            **_variant(offer),
            "available": offer.available,
            "name": full_title(product, offer),
            "public_title": None if single(product) else offer.variant.option,
            "options": [offer.variant.option],
            "price": _cents(offer.price),
            "weight": grams(offer),
            "compare_at_price": _cents(offer.regular_price) if offer.regular_price else (0 if zero_compare else None),
            "inventory_management": "shopify",
            "barcode": offer.variant.gtin or "",
        }
        for offer in live
    ]
    return {
        "id": product.id,
        "title": first.title,
        "handle": product.handle,
        "description": f"<p>{words_about(product)}</p>",
        "published_at": stamp(product),
        "created_at": stamp(product),
        "vendor": first.brand,
        "type": first.product_type,
        "tags": tags(product),
        "price": _cents(prices[0]),
        "price_min": _cents(min(prices)),
        "price_max": _cents(max(prices)),
        "available": any(offer.available for offer in live),
        "price_varies": len(set(prices)) > 1,
        "compare_at_price": _cents(live[0].regular_price),
        "variants": variants,
        "images": [f"{base}/img/{product.handle}-{place}.svg" for place in (1, 2)],
        "options": [{"name": _option_name(product), "position": 1, "values": [offer.variant.option for offer in live]}],
        "url": f"/products/{product.handle}",
    }


def _offer_ld(product: Product, offer: DogOffer, base: str) -> dict[str, Any]:
    return {
        "@type": "Offer",
        "url": f"{base}/products/{product.handle}?variant={offer.id}",
        "priceCurrency": offer.variant.currency,
        "price": str(money(offer.price)) if int(offer.id) % 2 else money(offer.price),
        "availability": f"http://schema.org/{'InStock' if offer.available else 'OutOfStock'}",
    }


def product_ld(product: Product, base: str) -> dict[str, Any]:
    """JSON-LD as new themes write it (ProductGroup with hasVariant), or for one product in four as old ones did."""
    first = product.first
    common: dict[str, Any] = {
        "@context": "http://schema.org/",
        "name": first.title,
        "description": words_about(product),
        "brand": {"@type": "Brand", "name": first.brand},
        "image": f"{base}/img/{product.handle}-1.svg",
        "url": f"{base}/products/{product.handle}",
        "category": first.product_type,
    }
    if single(product) or product.id // 10 % 4 == 0:
        offers = [
            {**_offer_ld(product, offer, base), "sku": offer.variant.sku, **_gtin(offer)} for offer in product.live
        ]
        return {
            **common,
            "@type": "Product",
            "sku": product.live[0].variant.sku,
            **_gtin(product.live[0]),
            "offers": offers,
        }
    variants = [
        {
            "@type": "Product",
            "name": full_title(product, offer),
            "sku": offer.variant.sku,
            **_gtin(offer),
            "offers": _offer_ld(product, offer, base),
        }
        for offer in product.live
    ]
    return {
        **common,
        "@type": "ProductGroup",
        "productGroupID": str(product.id),
        "variesBy": "https://schema.org/size",
        "hasVariant": variants,
    }


def _gtin(offer: DogOffer) -> dict[str, str]:
    """Some write the GTIN-13 with a zero in front, as a GTIN-14."""
    if not offer.variant.gtin:
        return {}
    return {"gtin14": "0" + offer.variant.gtin} if int(offer.id) % 5 == 0 else {"gtin": offer.variant.gtin}

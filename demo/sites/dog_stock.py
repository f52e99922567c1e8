"""What both dog shops build on: products with variant offers, categories with the shops' own names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final

from demo.offers import OPENED, DogOffer, Product
from demo.stock.load import DogVariant


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category as a dog shop presents it."""

    category: str
    handle: str
    name: str


SHELVES: Final = (
    Shelf("dry-dog-food", "dry-food", "Dry Food"),
    Shelf("wet-dog-food", "wet-food", "Wet Food"),
    Shelf("fresh-dog-food", "raw-and-freeze-dried", "Raw & Freeze-Dried"),
    Shelf("dog-treats", "treats", "Treats & Chews"),
    Shelf("dog-beds", "beds", "Beds & Mats"),
    Shelf("dog-crates", "crates", "Crates & Carriers"),
    Shelf("dog-harnesses", "harnesses", "Harnesses"),
    Shelf("dog-collars", "collars", "Collars"),
    Shelf("dog-leashes", "leashes", "Leashes"),
    Shelf("dog-apparel", "clothing", "Clothing"),
    Shelf("dog-toys", "toys", "Toys"),
    Shelf("dog-bowls", "bowls", "Bowls & Feeders"),
    Shelf("dog-grooming", "grooming", "Grooming"),
    Shelf("dog-health", "health", "Health"),
    Shelf("other-dog", "accessories", "Accessories"),
    Shelf("not-dog", "cats-and-small-pets", "Cats & Small Pets"),
)


def shelf_of(category: str) -> Shelf:
    return next(shelf for shelf in SHELVES if shelf.category == category)


def products(stock: Sequence[Sequence[DogVariant]], seed: int, first_product: int, first_variant: int) -> list[Product]:
    """Products in the stock's order; ids count up with gaps, variant ids apart from product ids."""
    made: list[Product] = []
    product_id, variant_id = first_product, first_variant
    for variants in stock:
        shop, key = variants[0].shop, variants[0].product
        rng = Random(f"product {seed} {shop} {key}")
        product_id += rng.randint(1, 40) * 10
        modified = OPENED + timedelta(minutes=rng.randint(0, 200_000))
        product = Product(product_id, key, modified)
        for variant in variants:
            variant_id += rng.randint(1, 30)
            product.variants.append(
                DogOffer(
                    id=str(variant_id),
                    price=variant.price,
                    regular_price=variant.compare_at_price,
                    modified=modified,
                    available=variant.available,
                    variant=variant,
                    product_id=product_id,
                )
            )
        made.append(product)
    return made


def single(product: Product) -> bool:
    """Whether the product comes in one form only (no choice on its page)."""
    return product.first.option == "Default Title"


def words_about(product: Product) -> str:
    """The paragraph that the shop writes about a product."""
    first = product.first
    sentences = [f"{first.title} by {first.brand}."]
    stage = {
        "puppy": "Made for puppies up to 12 months.",
        "adult": "A complete choice for adult dogs.",
        "senior": "Gentle on joints, for senior dogs aged 7+.",
    }.get(first.life_stage or "")
    if stage and first.category != "not-dog":
        sentences.append(stage)
    if first.breed_sizes:
        sentences.append(f"Suited to {first.breed_sizes} breeds.")
    form = {
        "dry": "Crunchy kibble, slowly baked.",
        "wet": "Served in its own gravy.",
        "freeze-dried": "Freeze-dried in small batches.",
        "raw": "Frozen raw; keep below -18 °C.",
        "air-dried": "Air-dried at low temperature.",
        "treat": "A reward that is easy to carry.",
    }.get(first.food_form or "")
    if form:
        sentences.append(form)
    sentences.append("Free returns within 30 days.")
    return " ".join(sentences)

"""What a foreign shop is stocked with, and the truth file that says so."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from demo.stock.load import CATEGORY_NAMES, DogVariant, Machine, dog_products, machines

SEED: Final = 7
PRODUCTS: Final = 120
CATEGORIES: Final = 9
SOLD_OUT_EVERY: Final = 12
"""The demo's machines know no stock figure: every twelfth is sold out in a shop."""


@dataclass(frozen=True, slots=True)
class Good:
    """One thing for sale. Goods of one `product` differ by `option`.

    `url` is empty until the shop has given one, `sku` where its pages do not show it.
    """

    name: str
    product: str
    sku: str
    gtin: str | None
    brand: str
    price: Decimal
    currency: str
    in_stock: bool
    category: str
    category_name: str
    description: str
    facts: dict[str, str]
    option_name: str = ""
    option: str = ""
    url: str = ""


def goods(stock: str) -> list[Good]:
    """About 120 products of a demo dealer's nine largest categories; `stock` is `dog` or `machines`."""
    return _dog_goods() if stock == "dog" else _machine_goods()


def write_truth(path: Path, stocked: Iterable[Good]) -> None:
    """One JSON object a line."""
    path.write_text("".join(json.dumps(asdict(good), default=str) + "\n" for good in stocked), encoding="utf-8")


def read_truth(path: Path) -> list[Good]:
    """What `write_truth` wrote."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Good(**{**row, "price": Decimal(row["price"])}) for row in rows]


def by_product(stock: Iterable[Good]) -> list[list[Good]]:
    """The goods of each product together, in the order in which they came."""
    together: dict[str, list[Good]] = {}
    for good in stock:
        together.setdefault(good.product, []).append(good)
    return list(together.values())


def url_key(name: str) -> str:
    """A name as a step of an address."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _dog_goods() -> list[Good]:
    """Every third product with all its variants, of the others one variant with the option in its name."""
    products = dog_products(SEED)["pawhaus"]
    kept = _largest(variants[0].category for variants in products)
    found: list[Good] = []
    for place, variants in enumerate([product for product in products if product[0].category in kept][:PRODUCTS]):
        offered = [_dog_good(variant) for variant in variants]
        if place % 3 == 0 and len(offered) > 1:
            found += offered
        else:
            found.append(replace(offered[0], product=offered[0].sku, option_name="", option=""))
    return found


def _dog_good(variant: DogVariant) -> Good:
    single = variant.option in ("", "Default Title")
    name = variant.title if single else f"{variant.title}, {variant.option}"
    facts = {
        "EAN": variant.gtin,
        "Life stage": variant.life_stage,
        "Food form": variant.food_form,
        "Net weight": f"{variant.net_weight_g:g} g" if variant.net_weight_g else None,
    }
    return Good(
        name=name,
        product=variant.product,
        sku=variant.sku,
        gtin=variant.gtin,
        brand=variant.brand,
        price=variant.price,
        currency=variant.currency,
        in_stock=variant.available,
        category=variant.category,
        category_name=variant.product_type,
        description=f"{variant.title} by {variant.brand}. Sent the same day if ordered before noon.",
        facts={key: value for key, value in facts.items() if value},
        option_name="" if single else variant.option_name,
        option="" if single else variant.option,
    )


def _machine_goods() -> list[Good]:
    offered = [
        machine
        for machine in machines(SEED)["ridgeline"]
        if machine.offer_type == "sale" and machine.price_status == "priced"
    ]
    kept = _largest(machine.category for machine in offered)
    chosen = [machine for machine in offered if machine.category in kept][:PRODUCTS]
    return [_machine_good(machine, number) for number, machine in enumerate(chosen)]


def _machine_good(machine: Machine, number: int) -> Good:
    assert machine.price is not None
    names = CATEGORY_NAMES[machine.category]
    stock_number = f"R{4100 + number}"
    facts = {
        "Stock Number": stock_number,
        "Make": machine.make,
        "Model": machine.model,
        "Year": str(machine.year),
        "Hours": f"{machine.hours:,}" if machine.hours is not None else None,
        "Serial Number": machine.serial_number,
        "Operating Weight": f"{machine.operating_weight_kg:,.0f} kg",
    }
    return Good(
        name=f"{machine.year} {machine.make} {machine.model} {names.singular_en}",
        product=stock_number,
        sku=stock_number,
        gtin=None,
        brand=machine.make,
        price=machine.price,
        currency=machine.currency,
        in_stock=number % SOLD_OUT_EVERY != 0,
        category=machine.category,
        category_name=names.plural_en,
        description=f"{machine.condition.capitalize()}, in {machine.city}. {', '.join(machine.features)}.",
        facts={key: value for key, value in facts.items() if value},
    )


def _largest(categories: Iterable[str]) -> set[str]:
    return {category for category, _ in Counter(categories).most_common(CATEGORIES)}

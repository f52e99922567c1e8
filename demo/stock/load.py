"""Reads the stock files and scales them: fewer rows, or deterministic variations beyond what the file holds."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Final

from demo.stock.build_dog import gtin13
from demo.stock.serials import serial_number

HERE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Machine:
    """One row of machines.csv: one dealer's offer of one machine (`unit`). None means that the dealer does not say."""

    unit: str
    dealer: str
    make: str
    model: str
    category: str
    year: int
    hours: int | None
    condition: str
    operating_weight_kg: float
    net_power_hp: int | None
    capacity: float | None
    capacity_unit: str
    serial_number: str | None
    price: Decimal | None
    regular_price: Decimal | None
    currency: str
    price_status: str
    offer_type: str
    price_period: str
    city: str
    region: str
    country: str
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DogVariant:
    """One row of dog_products.csv: one size of one product in one shop. `unit` is its true GTIN."""

    unit: str
    shop: str
    product: str
    brand: str
    title: str
    category: str
    product_type: str
    option_name: str
    option: str
    sku: str
    gtin: str | None
    price: Decimal
    compare_at_price: Decimal | None
    currency: str
    available: bool
    net_weight_g: float | None
    pack_count: int | None
    unit_weight_g: float | None
    dog_weight_min_kg: float | None
    dog_weight_max_kg: float | None
    life_stage: str | None
    food_form: str | None
    breed_sizes: str | None


def _float(text: str) -> float | None:
    return float(text) if text else None


def _int(text: str) -> int | None:
    return int(text) if text else None


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _machine(row: dict[str, str]) -> Machine:
    return Machine(
        **{key: row[key] for key in ("unit", "dealer", "make", "model", "category", "condition", "capacity_unit")},
        **{
            key: row[key]
            for key in ("currency", "price_status", "offer_type", "price_period", "city", "region", "country")
        },
        year=int(row["year"]),
        hours=_int(row["hours"]),
        operating_weight_kg=float(row["operating_weight_kg"]),
        net_power_hp=_int(row["net_power_hp"]),
        capacity=_float(row["capacity"]),
        serial_number=row["serial_number"] or None,
        price=_decimal(row["price"]),
        regular_price=_decimal(row["regular_price"]),
        features=tuple(row["features"].split("; ")),
    )


def _variant(row: dict[str, str]) -> DogVariant:
    texts = ("unit", "shop", "product", "brand", "title", "category", "product_type", "option_name", "option", "sku")
    return DogVariant(
        **{key: row[key] for key in (*texts, "currency")},
        gtin=row["gtin"] or None,
        price=Decimal(row["price"]),
        compare_at_price=_decimal(row["compare_at_price"]),
        available=row["available"] == "1",
        net_weight_g=_float(row["net_weight_g"]),
        pack_count=_int(row["pack_count"]),
        unit_weight_g=_float(row["unit_weight_g"]),
        dog_weight_min_kg=_float(row["dog_weight_min_kg"]),
        dog_weight_max_kg=_float(row["dog_weight_max_kg"]),
        life_stage=row["life_stage"] or None,
        food_form=row["food_form"] or None,
        breed_sizes=row["breed_sizes"] or None,
    )


def _another_machine(model: Machine, number: int, rng: Random) -> Machine:
    """One more of the same model: another unit with its own year, hours, price and serial number."""
    year = model.year - rng.randint(0, 2)
    hours = None if model.hours is None else int(model.hours * rng.uniform(0.7, 1.4)) + rng.randint(1, 40)
    price = None if model.price is None else Decimal(round(float(model.price) * rng.uniform(0.85, 1.1) / 50) * 50)
    if model.price_period != "once":
        price = model.price
    return replace(
        model,
        unit=f"x{number:06}",
        year=year,
        hours=hours,
        price=price,
        regular_price=None,
        serial_number=serial_number(model.make, model.model, year, rng) if model.serial_number else None,
    )


def machines(seed: int, total: int | None = None) -> dict[str, list[Machine]]:
    """Each equipment dealer's machines in a seeded order; `total` over all dealers, shared out as in the file."""
    by_dealer: dict[str, list[Machine]] = defaultdict(list)
    rows = [_machine(row) for row in _rows("machines.csv")]
    for machine in rows:
        by_dealer[machine.dealer].append(machine)
    stock: dict[str, list[Machine]] = {}
    left = len(rows) if total is None else total
    for index, (dealer, own) in enumerate(by_dealer.items()):
        last = index == len(by_dealer) - 1
        count = left if last else round(len(own) * (len(rows) if total is None else total) / len(rows))
        left -= count
        rng = Random(f"machines {seed} {dealer}")
        order = rng.sample(own, len(own))
        while len(order) < count:
            order.append(_another_machine(order[len(order) % len(own)], len(order) * 10 + index, rng))
        stock[dealer] = order[:count]
    return stock


def dog_products(seed: int, total: int | None = None) -> dict[str, list[list[DogVariant]]]:
    """Each dog shop's products (lists of variants) in a seeded order; `total` counts products of both shops."""
    by_shop: dict[str, dict[str, list[DogVariant]]] = defaultdict(lambda: defaultdict(list))
    for row in _rows("dog_products.csv"):
        variant = _variant(row)
        by_shop[variant.shop][variant.product].append(variant)
    known = sum(len(products) for products in by_shop.values())
    wanted = known if total is None else total
    stock: dict[str, list[list[DogVariant]]] = {}
    left = wanted
    for index, (shop, products) in enumerate(by_shop.items()):
        last = index == len(by_shop) - 1
        count = left if last else round(len(products) * wanted / known)
        left -= count
        order = Random(f"dog products {seed} {shop}").sample(list(products.values()), len(products))
        while len(order) < count:
            order.append(_another_product(order[len(order) % len(products)], len(order), index))
        stock[shop] = order[:count]
    return stock


def _another_product(variants: list[DogVariant], number: int, shop_index: int) -> list[DogVariant]:
    """The same product in another edition, with GTINs of its own."""
    edition = f"Batch {number}"
    again = []
    for place, variant in enumerate(variants):
        unit = gtin13(10_000_000 + shop_index * 50_000_000 + number * 10 + place)
        again.append(
            replace(
                variant,
                unit=unit,
                gtin=unit if variant.gtin else None,
                product=f"{variant.product}-batch-{number}",
                title=f"{variant.title} ({edition})",
                sku=f"{variant.sku}-{number}",
            )
        )
    return again


@dataclass(frozen=True, slots=True)
class CategoryName:
    """What dealers call a category, in English and in German."""

    category: str
    singular_en: str
    plural_en: str
    singular_de: str


CATEGORY_NAMES: Final = {row["category"]: CategoryName(**row) for row in _rows("category_names.csv")}
"""By category slug, in the order in which menus show them."""

"""dog_products.csv: the variants of about 300 products in two dog shops, drawn from the table of product lines.

Brands are made up. GTINs are valid GTIN-13s under 952, the prefix that GS1 keeps for examples and demonstrations.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

G_PER_LB: Final = 453.592
G_PER_OZ: Final = 28.3495
LETTER_FACTORS: Final = {"XS": 0.85, "S": 1.0, "M": 1.2, "L": 1.45, "XL": 1.8}
HOUSE_BRANDS: Final = {"pawhaus": "Pawhaus Basics", "barkwood": "Barkwood Own"}
IN_BOTH: Final = 0.25
OPTION_NAMES: Final = {
    "lb": "Size",
    "kg": "Weight",
    "g": "Weight",
    "oz": "Size",
    "can": "Pack",
    "ct": "Count",
    "size": "Size",
    "in": "Size",
    "girth": "Size",
    "neck": "Size",
    "ft": "Length",
    "m": "Length",
    "one": "Title",
    "ml": "Volume",
    "dose": "Dog Weight",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One variant of a product in one shop's words: `text` is what the page says, the rest what it means."""

    text: str
    amount: float
    """In the line's own unit of price: what `price_per_unit` is multiplied by."""
    net_weight_g: float | None = None
    pack_count: int | None = None
    unit_weight_g: float | None = None
    dog_weight_min_kg: float | None = None
    dog_weight_max_kg: float | None = None


def gtin13(number: int) -> str:
    """The `number`-th GTIN-13 of the demonstration prefix, with its check digit (GS1 General Specifications 7.9)."""
    body = f"952{number:09}"
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(body))
    return body + str(-total % 10)


def _weight(grams: float, british: bool, unit: str, value: str) -> tuple[str, float]:
    """A bag's weight in the shop's words, and what those words mean in grams."""
    if not british:
        if unit == "kg" and float(value) % 1:
            return f"{value} kg ({grams / G_PER_LB:.1f} lb)", grams
        return f"{value} {unit}", grams
    if unit in ("lb", "oz"):
        if grams < 1000:
            return f"{round(grams)}g", float(round(grams))
        return f"{grams / 1000:.1f} kg", round(grams / 1000, 1) * 1000
    return (f"{value}{unit}" if unit == "g" else f"{value} {unit}"), grams


def option(spec: str, british: bool) -> Option:
    """Read one option of dog_lines.csv (`lb:25`, `can:12x400g`, `dose:4-10 lb` …) in a shop's own words."""
    kind, _, value = spec.partition(":")
    if kind in ("lb", "kg", "g", "oz"):
        grams = float(value) * {"lb": G_PER_LB, "kg": 1000.0, "g": 1.0, "oz": G_PER_OZ}[kind]
        text, meant = _weight(grams, british, kind, value)
        return Option(text, float(value), net_weight_g=round(meant, 1), pack_count=1, unit_weight_g=round(meant, 1))
    if kind == "can":
        found = re.fullmatch(r"(\d+)x([\d.]+)(oz|g)", value)
        assert found, spec
        count, each, unit = int(found[1]), float(found[2]), found[3]
        grams = each * G_PER_OZ if unit == "oz" else each
        if british and unit == "oz":
            grams = float(round(grams))
        size = f"{each:g} oz" if unit == "oz" and not british else f"{grams:g} g"
        if count == 1:
            text = f"{size} can" if unit == "oz" and not british else size
        else:
            text = f"Case of {count} ({size} cans)" if unit == "oz" and not british else f"{count} x {size}"
        return Option(text, count * (0.95 if count > 1 else 1), round(grams * count, 1), count, round(grams, 1))
    if kind == "ct":
        return Option(f"{value} ct" if not british else f"{value} pieces", float(value), pack_count=int(value))
    if kind == "dose":
        found = re.fullmatch(r"([\d.]+)-([\d.]+) (lb|kg)", value)
        assert found, spec
        per = G_PER_LB / 1000 if found[3] == "lb" else 1.0
        low, high = (round(float(found[i]) * per, 2) for i in (1, 2))
        text = f"{found[1]}-{found[2]} {found[3]}" + ("s" if found[3] == "lb" and not british else "")
        return Option(text, 1 + high / 60, dog_weight_min_kg=low, dog_weight_max_kg=high)
    if kind == "in":
        return Option(f'{value}" / {round(int(value) * 2.54)} cm' if british else f'{value}"', int(value) / 24)
    if kind == "ml":
        return Option(
            f"{value} ml" if british else f"{int(value) / 29.57:.0f} oz ({value} ml)", (int(value) / 350) ** 0.6
        )
    if kind in ("size", "girth", "neck"):
        return Option(value, LETTER_FACTORS[value.split()[0]])
    if kind in ("ft", "m"):
        return Option(value, 1 + float(value.split()[0]) / 20)
    return Option("Default Title", 1.0)


def handle(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower().replace("'", "").replace("&", "and")).strip("-")


def _price(base: float, shop: str) -> float:
    value = base * (1.0 if shop == "pawhaus" else 0.82)
    return max(int(value), 1) + 0.99 if value > 4 else round(value, 1) + 0.09


def _titles(line: dict[str, str], flavour: str) -> dict[str, str]:
    """Each shop has its own way to write a product's name."""
    name = line["line"].format(flavour).strip()
    return {
        "pawhaus": f"{line['brand']} {name}",
        "barkwood": f"{name.replace(' Dog Food', ' for Dogs').replace('Grain-Free', 'Grain Free')} – {line['brand']}",
    }


def _lines(path: Path) -> Iterator[tuple[dict[str, str], str, tuple[str, ...]]]:
    """(line, flavour, shops that sell it): the makers' lines, then each shop's own brand of the plainer ones."""
    rng = Random("dog lines 1")
    with path.open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    for line in lines:
        for flavour in line["flavours"].split("|"):
            shops = ("pawhaus", "barkwood")
            yield line, flavour, shops if rng.random() < IN_BOTH else (rng.choice(shops),)
    for shop, brand in HOUSE_BRANDS.items():
        for line in lines:
            if line["category"] == "not-dog":
                continue
            for flavour in line["flavours"].split("|")[:1]:
                cheaper = str(float(line["price_per_unit"]) * 0.8)
                yield {**line, "brand": brand, "price_per_unit": cheaper}, flavour, (shop,)


def _rows_of(line: dict[str, str], flavour: str, shop: str, gtins: list[str], rng: Random) -> Iterator[dict[str, Any]]:
    title = _titles(line, flavour)[shop]
    on_sale = rng.random() < 0.18
    for spec, gtin in zip(line["options"].split("|"), gtins, strict=True):
        kind = spec.partition(":")[0]
        variant = option(spec, shop == "barkwood")
        price = _price(float(line["price_per_unit"]) * variant.amount**0.92, shop)
        yield {
            "unit": gtin,
            "shop": shop,
            "product": handle(title),
            "brand": line["brand"],
            "title": title,
            "category": line["category"],
            "product_type": line["product_type"],
            "option_name": OPTION_NAMES[kind],
            "option": variant.text,
            "sku": f"{handle(line['brand'])[:3].upper()}-{gtin[8:12]}",
            "gtin": gtin if rng.random() < 0.9 else "",
            "price": f"{price:.2f}",
            "compare_at_price": f"{price * 1.2 // 1 + 0.99:.2f}" if on_sale else "",
            "currency": "USD" if shop == "pawhaus" else "GBP",
            "available": int(rng.random() > 0.09),
            "net_weight_g": "" if variant.net_weight_g is None else variant.net_weight_g,
            "pack_count": "" if variant.pack_count is None else variant.pack_count,
            "unit_weight_g": "" if variant.unit_weight_g is None else variant.unit_weight_g,
            "dog_weight_min_kg": "" if variant.dog_weight_min_kg is None else variant.dog_weight_min_kg,
            "dog_weight_max_kg": "" if variant.dog_weight_max_kg is None else variant.dog_weight_max_kg,
            "life_stage": line["life_stage"],
            "food_form": line["food_form"],
            "breed_sizes": line["breed_sizes"],
        }


def dog_rows(lines_csv: Path) -> Iterator[dict[str, Any]]:
    """All rows of dog_products.csv, one a variant; rows of one `unit` are the same product in two shops."""
    rng = Random("dog products 1")
    number = 1000
    for line, flavour, shops in _lines(lines_csv):
        specs = line["options"].split("|")
        gtins = [gtin13(number + index) for index in range(len(specs))]
        number += len(specs)
        for shop in shops:
            yield from _rows_of(line, flavour, shop, gtins, rng)

"""Listings as pages give them, made from the demo's stock: no two texts alike, so that no cache flatters the speed."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from inventory.listing import Listing

STOCK: Final = Path(__file__).parents[1] / "demo" / "stock"
DRESSES: Final = ("{year} {make} {model}", "{make} {model} {hours} h", "Used {make} {model}, year {year}, #{unit}")
SAID: Final = (
    "One owner, all service records kept.",
    "Serviced every 500 hours by our workshop.",
    "Cab with heating and radio, tight pins.",
    "Runs well, no leaks, ready to work.",
    "Financing and delivery possible; call for price.",
    "Inspected by us, photos on request.",
    "Tyres about 70 %, bucket as new.",
)
"""Sentences that state no fact of the machine."""


def bare_machines() -> Iterator[Listing]:
    """Title-only listings: each machine of the stock in several dresses."""
    for row in _rows("machines.csv"):
        for dress in DRESSES:
            yield _machine(dress.format(**row), None, None)


def described_machines() -> Iterator[Listing]:
    """The same titles with a description of four or five sentences and rows of specifications."""
    for number, row in enumerate(_rows("machines.csv")):
        for place, dress in enumerate(DRESSES):
            first = (number + place * 3) % len(SAID)
            said = (
                f"{SAID[first]} {row['features'].capitalize()}. {SAID[first - 2]} Meter shows {row['hours']} hours."
                f" Stands in {row['city']}, ref. {row['unit']}-{place}. {SAID[first - 4]}"
            )
            specs = [
                ["Condition", row["condition"].title()],
                ["Stock number", f"{row['unit']}-{place}"],
                ["Engine", f"{row['net_power_hp']} hp diesel"],
                ["Location", f"{row['city']}, {row['region']}"],
            ]
            specs += [["Serial number", f"{row['serial_number']}{place}"]] if place else []
            yield _machine(dress.format(**row), said, specs)


def dog_products() -> Iterator[Listing]:
    """Every variant of the dog shops' stock, with its option and a description."""
    for number, row in enumerate(_rows("dog_products.csv")):
        said = (
            f"{row['title']} by {row['brand']}, article {row['sku']}. Feed by the weight of the dog; fresh water at"
            f" all times. Ingredients: {row['product_type'].lower()} {number} %, vegetables, minerals."
        )
        yield Listing(
            dealer="bench",
            vertical="dog",
            title=f"{row['title']} {row['option']}",
            brand=row["brand"] or None,
            section="all",
            description=said,
            raw={"category": row["product_type"]},
        )


def _machine(title: str, description: str | None, specs: list[list[str]] | None) -> Listing:
    raw = {"specs": specs} if specs else {}
    return Listing(dealer="bench", vertical="equipment", title=title, section="all", description=description, raw=raw)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (STOCK / name).open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)

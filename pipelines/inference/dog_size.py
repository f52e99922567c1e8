"""How big a dog product is, and for how big a dog."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from inventory.listing import Listing

GRAMS: Final = {"g": 1.0, "gr": 1.0, "gram": 1.0, "grams": 1.0, "gm": 1.0, "kg": 1000.0, "kgs": 1000.0, "lb": 453.59237,
                "lbs": 453.59237, "pound": 453.59237, "pounds": 453.59237, "oz": 28.349523, "ounce": 28.349523,
                "ounces": 28.349523}  # fmt: skip
WEIGHT: Final = re.compile(r"(\d+(?:[.,]\d+)?)[\s-]*(kgs?|gr|gms?|g|grams?|lbs?|pounds?|oz|ounces?)\b", re.IGNORECASE)
PACK: Final = re.compile(
    r"(?:case|pack|box|tray)\s+of\s+(\d+)|(\d+)[\s-]*(?:count|ct|pack|pk)\b|(\d+)\s*[x×]\s*(?=\d)", re.IGNORECASE
)
FOOD: Final = frozenset({"dog-food", "dry-dog-food", "wet-dog-food", "fresh-dog-food", "dog-treats"})


@dataclass(frozen=True, slots=True)
class DogSize:
    """Sizes of a dog product; `measures` are centimetres by name ("neck_min_cm"), None means unknown."""

    net_weight_g: float | None = None
    pack_count: int | None = None
    unit_weight_g: float | None = None
    dog_weight_min_kg: float | None = None
    dog_weight_max_kg: float | None = None
    breed_sizes: tuple[str, ...] = ()
    size_label: str | None = None
    size_value: float | None = None
    size_unit: str | None = None
    life_stage: str | None = None
    food_form: str | None = None
    measures: dict[str, float] = field(default_factory=dict)
    unit_price_per_kg: Decimal | None = None


def dog_size(listing: Listing) -> DogSize:
    """The sizes a dog product's title states."""
    title = listing.title or ""
    weight = WEIGHT.search(title) if listing.category in FOOD else None
    if weight is None:
        return DogSize()
    unit = float(weight[1].replace(",", ".")) * GRAMS[weight[2].lower()]
    pack = PACK.search(title)
    count = int(next(group for group in pack.groups() if group)) if pack else 1
    return DogSize(
        net_weight_g=round(unit * count, 1),
        pack_count=count,
        unit_weight_g=round(unit, 1),
        size_value=round(unit * count, 1),
        size_unit="g",
    )

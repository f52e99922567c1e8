"""How big a machine is, on its category's basis, with the class it falls in and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from inventory.listing import Listing, SizeMethod
from inventory.taxonomy.categories import CATEGORIES
from inventory.taxonomy.size_classes import size_class
from pipelines.inference.specs import FACTORS, read_specs

QUANTITIES: Final = {
    "operating weight": "operating_weight",
    "net power": "net_power",
    "rated operating capacity": "rated_operating_capacity",
    "digging depth": "digging_depth",
    "payload": "payload",
    "lift capacity": "lift_capacity",
    "platform height": "platform_height",
    "rated output": "rated_output",
    "free air delivery": "free_air_delivery",
    "mast height": "mast_height",
    "bowl capacity": "bowl_capacity",
}
"""A category's basis → the quantity of a specification row that states it."""


@dataclass(frozen=True, slots=True)
class Size:
    """A machine's size: `value` on `basis` in `unit`, its class (min, max], how it was found and how sure that is."""

    value: float | None
    basis: str | None
    min: float | None
    max: float | None
    unit: str | None
    method: SizeMethod
    confidence: float
    operating_weight_kg: float | None
    detail: str = ""


def machine_size(listing: Listing) -> Size:
    """The size of a machine whose category is known: from its page's specifications, else from its model number."""
    specs = read_specs(listing.raw.get("specs") or [])
    weight = specs.get("operating_weight")
    weight_kg = round(weight.value * 1000, 1) if weight else None
    category = CATEGORIES.get(listing.category or "")
    if category is None or category.size_basis is None or category.size_unit is None:
        return Size(None, None, None, None, None, "unknown", 0.0, weight_kg)
    spec = specs.get(QUANTITIES[category.size_basis])
    if spec is not None:
        value = spec.value * FACTORS[category.size_unit].get(spec.unit.lower(), 0)
        if value > 0:
            found = size_class(category.slug, value)
            low, high = (found.lower, found.upper) if found else (None, None)
            return Size(value, category.size_basis, low, high, category.size_unit, "spec", 0.97, weight_kg, spec.text)
    return Size(None, category.size_basis, None, None, category.size_unit, "unknown", 0.0, weight_kg)

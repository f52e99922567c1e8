"""How big a machine is, on its category's basis, with the class it falls in and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from inventory.listing import Listing, SizeMethod
from inventory.taxonomy.categories import CATEGORIES, Category
from inventory.taxonomy.size_classes import SizeClass, size_class
from pipelines.inference.model_size import size_from_model
from pipelines.inference.model_weight import weight_from_model
from pipelines.inference.specs import DIMENSIONS, Spec, amount, read_specs

LEAST_WEIGHT: Final = 0.2
"""A weight less sure than this is not given."""
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
    """The size of a machine whose category is known: from its page's specifications, else from its model number.

    Order: a published specification, a known descriptor, base model and suffix, the maker's numbering, the text.
    """
    specs = read_specs(listing.raw.get("specs") or [])
    weight = specs.get("operating_weight")
    weight_kg = round(weight.value * 1000, 1) if weight else None
    category = CATEGORIES.get(listing.category or "")
    if category is None or category.size_basis is None or category.size_unit is None:
        return Size(None, None, None, None, None, "unknown", 0.0, weight_kg)
    if weight_kg is None and listing.model:
        stated = from_specs(category, specs, None)
        inferred = weight_from_model(category.slug, listing.make, listing.model, stated.value if stated else None)
        weight_kg = inferred.kg if inferred is not None and inferred.confidence >= LEAST_WEIGHT else None
    return (
        from_specs(category, specs, weight_kg)
        or from_model(category, listing, weight_kg)
        or from_text(category, listing, weight_kg)
        or Size(None, category.size_basis, None, None, category.size_unit, "unknown", 0.0, weight_kg)
    )


def from_specs(category: Category, specs: dict[str, Spec], weight_kg: float | None) -> Size | None:
    """The size that a specification row states."""
    spec = specs.get(QUANTITIES[category.size_basis or ""])
    value = converted(spec.value, spec.unit, category.size_unit or "") if spec is not None else None
    if spec is None or value is None:
        return None
    return sized(category, value, None, "spec", 0.97, weight_kg, spec.text)


def from_model(category: Category, listing: Listing, weight_kg: float | None) -> Size | None:
    """The size that the model number tells."""
    if not listing.model:
        return None
    found = size_from_model(category.slug, listing.make, listing.model)
    if found is None:
        return None
    return sized(category, found.value, found.size_class, found.method, found.confidence, weight_kg, found.detail)


def from_text(category: Category, listing: Listing, weight_kg: float | None) -> Size | None:
    """The size that stands in the title with a unit of the right kind: "Excavator 21 t". Nominal, so less sure."""
    value = amount(listing.title or "", category.size_unit or "")
    if value is None or not value > 0 or category.size_unit == "hp":
        return None
    return sized(category, value, None, "text", 0.5, weight_kg, f"title: {listing.title}")


def sized(
    category: Category,
    value: float | None,
    known: SizeClass | None,
    method: SizeMethod,
    confidence: float,
    weight_kg: float | None,
    detail: str,
) -> Size:
    """A size with its class; for families measured by weight, value and operating weight are one."""
    interval = known or (size_class(category.slug, value) if value is not None else None)
    low, high = (interval.lower, interval.upper) if interval is not None else (None, None)
    if weight_kg is None and value is not None and category.size_basis == "operating weight":
        weight_kg = converted(value, category.size_unit or "", "kg")
    return Size(
        value, category.size_basis, low, high, category.size_unit, method, round(confidence, 3), weight_kg, detail
    )


def converted(value: float, unit: str, wanted: str) -> float | None:
    """A value in another unit of the same kind; None where the kinds differ."""
    if unit == wanted:
        return value
    here, there = DIMENSIONS.get(unit), DIMENSIONS.get(wanted)
    if here is None or there is None or here[0] != there[0]:
        return None
    return round(value / here[1] * there[1], 3)

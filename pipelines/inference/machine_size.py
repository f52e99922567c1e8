"""How big a machine is, on its category's basis, with the class it falls in and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from inventory.listing import Listing, SizeMethod
from inventory.taxonomy.categories import CATEGORIES, Category
from inventory.taxonomy.size_classes import SizeClass, size_class
from pipelines.inference.machine_text import is_quantity, stated_size, stated_weight_kg
from pipelines.inference.model_size import size_from_model
from pipelines.inference.model_weight import weight_from_model
from pipelines.inference.specs import DIMENSIONS, Spec, read_specs

LEAST_WEIGHT: Final = 0.2
"""A weight less sure than this is not given."""
FAR: Final = 2.0
"""Two figures this many times apart are not of one machine."""
KNOWN_WELL: Final = 0.4
"""What is known at least this well is believed against a page's own figure that is far from it: a class next to the
right one is no contradiction of it."""
CONTRADICTED: Final = 0.5
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
    A specification that is far from what is known of the model (a slip of the keyboard, pounds for kilograms) is
    not believed; `detail` then says so.
    """
    specs = read_specs(listing.raw.get("specs") or [])
    category = CATEGORIES.get(listing.category or "")
    model = listing.model if listing.model and not is_quantity(listing.model) else None
    weight_kg = operating_weight_kg(listing, category, model, specs)
    if category is None or category.size_basis is None or category.size_unit is None:
        return Size(None, None, None, None, None, "unknown", 0.0, weight_kg)
    stated = from_specs(category, specs, weight_kg)
    told = from_model(category, listing.make, model, weight_kg)
    if stated is not None:
        return weighed_up(stated, told)
    return (
        told
        or from_text(category, listing, weight_kg)
        or Size(None, category.size_basis, None, None, category.size_unit, "unknown", 0.0, weight_kg)
    )


def weighed_up(stated: Size, told: Size | None) -> Size:
    """What a page states, unless it is far from what the model number tells."""
    if told is None or not told.value or not stated.value or not far(stated.value, told.value):
        return stated
    if told.confidence < KNOWN_WELL or told.method == "rule":
        return replace(stated, confidence=CONTRADICTED, detail=f"{stated.detail} (but {told.detail})")
    return replace(told, detail=f"{told.detail} (not believed: {stated.detail})")


def far(one: float, other: float) -> bool:
    """Whether two sizes of one machine cannot both be right."""
    return max(one, other) / min(one, other) > FAR


def operating_weight_kg(
    listing: Listing, category: Category | None, model: str | None, specs: dict[str, Spec]
) -> float | None:
    """The weight on the page where it is not far from what is known of the model, else the model's."""
    spec = specs.get("operating_weight")
    written = round(spec.value * 1000, 1) if spec else None
    known = None
    if category is not None and model is not None:
        size = from_specs(category, specs, None) if category.size_basis != "operating weight" else None
        known = weight_from_model(category.slug, listing.make, model, size.value if size else None)
    if written is None:
        found = stated_weight_kg(listing.title, listing.description)
        written = round(found.value, 1) if found is not None else None
    if written is not None and written > 0:
        doubtful = known is not None and known.confidence >= KNOWN_WELL and far(written, known.kg)
        return known.kg if known is not None and doubtful else written
    return known.kg if known is not None and known.confidence >= LEAST_WEIGHT else None


def from_specs(category: Category, specs: dict[str, Spec], weight_kg: float | None) -> Size | None:
    """The size that a specification row states."""
    spec = specs.get(QUANTITIES.get(category.size_basis or "", ""))
    value = converted(spec.value, spec.unit, category.size_unit or "") if spec is not None else None
    if spec is None or value is None or not value > 0:
        return None
    return sized(category, value, None, "spec", 0.97, weight_kg, spec.text)


def from_model(category: Category, make: str | None, model: str | None, weight_kg: float | None) -> Size | None:
    """The size that the model number tells."""
    found = size_from_model(category.slug, make, model) if model else None
    if found is None:
        return None
    return sized(category, found.value, found.size_class, found.method, found.confidence, weight_kg, found.detail)


def from_text(category: Category, listing: Listing, weight_kg: float | None) -> Size | None:
    """The size that the title or the description states."""
    found = stated_size(category, QUANTITIES[category.size_basis or ""], listing.title, listing.description)
    if found is None:
        return None
    return sized(category, found.value, None, "text", found.confidence, weight_kg, f"text: {found.text}")


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

"""How big a machine is, on its category's basis, with the class it falls in and how sure that is."""

from __future__ import annotations

from typing import Final, NamedTuple

from inventory.listing import FROM_MODEL, Listing, SizeMethod
from inventory.taxonomy.categories import CATEGORIES, Category
from inventory.taxonomy.size_classes import SizeClass, size_class
from pipelines.inference.machine_text import NAMED, is_quantity, is_weight_of_machine, stated_size, stated_weight_kg
from pipelines.inference.model_size import size_from_model
from pipelines.inference.model_weight import PUBLISHED, weight_from_model
from pipelines.inference.short_tons import counts_in_short_tons, in_short_tons
from pipelines.inference.size_quantities import WEIGHTS, ways, weight_ways
from pipelines.inference.specs import DIMENSIONS, Spec, read_specs, told_by

LEAST_WEIGHT: Final = 0.2
"""A weight less sure than this is not given."""
FAR: Final = 2.0
"""Two figures this many times apart are not of one machine."""
KNOWN_WELL: Final = 0.4
"""A size known at least this well is believed against a page's own figure that is far from it: a class next to the
right one is no contradiction of it. A weight has to be published, since estimates are far off too often."""
CONTRADICTED: Final = 0.5
RELIABLE: Final = 0.8
"""A size that a model number tells this surely is right in 95 of 100; a text is then not asked."""
STATED, DERIVED = 0.97, 0.85
"""Confidence in what a specification row states, and in what follows from it (working height less 2 m)."""


class Size(NamedTuple):
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
    not believed; `detail` then says so. What the text names outweighs a model number that is less sure.
    """
    category = CATEGORIES.get(listing.category or "")
    page = page_of(listing, category)
    model = listing.model if listing.model and not is_quantity(listing.model) else None
    weight_kg = operating_weight_kg(page, category, listing.make, model)
    if category is None or category.size_basis is None or category.size_unit is None:
        return Size(None, None, None, None, None, "unknown", 0.0, weight_kg)
    stated = from_specs(category, page.specs, weight_kg)
    # a make that was taken from the number says no more than the number does, and may be another maker's
    make = listing.make if listing.provenance.get("make") != FROM_MODEL else None
    told = from_model(category, make, model, weight_kg)
    if stated is not None:
        return weighed_up(stated, told)
    if told is not None and told.confidence >= RELIABLE:
        return told
    read = from_text(category, page, weight_kg)
    if read is None:
        return told or Size(None, category.size_basis, None, None, category.size_unit, "unknown", 0.0, weight_kg)
    return told if told is not None and not outweighs(read, told) else read


class Said(NamedTuple):
    """What a page says of a machine's size: specification rows by quantity, title and description."""

    specs: dict[str, Spec]
    title: str | None
    description: str | None


def page_of(listing: Listing, category: Category | None) -> Said:
    """The texts of a listing, with plain tons made short ones where they are."""
    pairs, title, description = listing.raw.get("specs") or [], listing.title, listing.description
    if counts_in_short_tons(listing, category):
        pairs = [[name, in_short_tons(str(text))] for name, text in (pair for pair in pairs if len(pair) == 2)]
        title, description = in_short_tons(title or ""), in_short_tons(description or "")
    return Said(read_specs(pairs), title, description)


def outweighs(read: Size, told: Size) -> bool:
    """Whether what the text says is another class than what an uncertain model number tells, and to be believed."""
    if (read.min, read.max) == (told.min, told.max):
        return False
    apart = bool(read.value and told.value and far(read.value, told.value))
    if read.confidence >= NAMED:
        return not apart or told.confidence < KNOWN_WELL
    return read.confidence > told.confidence and not (apart and told.method == "descriptor")


def weighed_up(stated: Size, told: Size | None) -> Size:
    """What a page states, unless it is far from what the model number tells."""
    if told is None or not told.value or not stated.value or not far(stated.value, told.value):
        return stated
    if told.confidence < KNOWN_WELL or told.method == "rule":
        return stated._replace(confidence=CONTRADICTED, detail=f"{stated.detail} (but {told.detail})")
    return told._replace(detail=f"{told.detail} (not believed: {stated.detail})")


def far(one: float, other: float) -> bool:
    """Whether two sizes of one machine cannot both be right."""
    return max(one, other) / min(one, other) > FAR


def operating_weight_kg(page: Said, category: Category | None, make: str | None, model: str | None) -> float | None:
    """The weight on the page where it is not far from what is published of the model, else the model's."""
    if category is not None and category.slug == "attachments":
        spec = told_by(page.specs, WEIGHTS, "kg")  # a text about a tool speaks of the machines that carry it
        return (round(spec.value, 1) or None) if spec is not None else None
    row = told_by(page.specs, weight_ways(category), "kg")
    if row is not None and not is_weight_of_machine(row.value):
        row = None
    written = row or stated_weight_kg(category, page.title, page.description)
    known = None
    if category is not None and model is not None:
        size = from_specs(category, page.specs, None) if category.size_basis != "operating weight" else None
        known = weight_from_model(category.slug, make, model, size.value if size else None)
    if written is None:
        return known.kg if known is not None and known.confidence >= LEAST_WEIGHT else None
    published = known is not None and make is not None and known.confidence >= PUBLISHED
    return known.kg if known is not None and published and far(written.value, known.kg) else round(written.value, 1)


def from_specs(category: Category, specs: dict[str, Spec], weight_kg: float | None) -> Size | None:
    """The size that a specification row states, or that follows from one."""
    told = told_by(specs, ways(category), category.size_unit or "")
    if told is None:
        return None
    if category.size_basis == "operating weight":
        kg = converted(told.value, category.size_unit or "", "kg")
        if kg is None or not is_weight_of_machine(kg):
            return None
    return sized(category, told.value, None, "spec", STATED if told.direct else DERIVED, weight_kg, told.text)


def from_model(category: Category, make: str | None, model: str | None, weight_kg: float | None) -> Size | None:
    """The size that the model number tells."""
    found = size_from_model(category.slug, make, model) if model else None
    if found is None:
        return None
    return sized(category, found.value, found.size_class, found.method, found.confidence, weight_kg, found.detail)


def from_text(category: Category, page: Said, weight_kg: float | None) -> Size | None:
    """The size that the title or the description states."""
    found = stated_size(category, page.title, page.description)
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

"""What corrections make of a listing. Pure: its columns as the source has them in, those that become otherwise out.

A corrected value wins in the end. What is inferred from it is inferred again from the corrected facts: the base model
from maker and model, the category from the model, the size from category, maker and model, a pack from its weights,
the price of a kilogram from price and weight. A size that is corrected itself, or is the corrected weight in other
words, has the method `correction` and the confidence 1. What does not fit the listing (a category of the other
vertical, a size class that its category does not have) is left out; `unfit` says why.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final, cast

from inventory.listing import Listing, Vertical
from inventory.store.matching import CORRECTION
from inventory.store.merge import DETAIL_FIELDS, STORED_FIELDS
from inventory.taxonomy.categories import CATEGORIES
from inventory.taxonomy.models import normal_model
from inventory.taxonomy.size_classes import SizeClass, classes_of, size_class
from pipelines.corrections.fields import SIZE_CLASS, NotAValue, read_value
from pipelines.inference.breeds import sizes_between
from pipelines.inference.category import classify
from pipelines.inference.infer import infer_size
from pipelines.inference.machine_size import converted
from pipelines.inference.pack_weight import PackWeight
from pipelines.inference.unit_price import unit_price
from pipelines.listing_lines import in_shape
from pipelines.parsing.identifiers import normal_serial

logger = logging.getLogger(__name__)

WIDE: Final = ("attributes", "provenance", "breed_sizes")
"""Columns of `listing_details` that a correction may change."""
OF_PACK: Final = ("net_weight_g", "pack_count", "unit_weight_g")
OF_DOG: Final = ("dog_weight_min_kg", "dog_weight_max_kg")
BY_WEIGHT_OF_DOG: Final = "rule: the sizes of dogs"
"""How the provenance of breed sizes starts that follow from a dog's weight."""


def corrected(dealer: str, values: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, Any]:
    """The columns of both tables (and `serial_key`) as corrections make them, with `provenance`.

    `fields` are the corrections as they are written; one that can no longer be read is left out.
    """
    listing = _listing(dealer, values)
    said = _readable(fields)
    if "category" in said and _misfit("category", said["category"], listing):
        del said["category"]
    serial_key = normal_serial(said["serial_number"]) if "serial_number" in said else values["serial_key"]
    _put(listing, said)
    try:
        _infer(listing, said)
    except Exception:  # a bug of ours, or JSON of another shape: what was said itself is still put right
        logger.exception(
            "%s: what follows from corrections of %s cannot be inferred", dealer, values.get("external_id")
        )
    if SIZE_CLASS in said and _misfit(SIZE_CLASS, said[SIZE_CLASS], listing):  # of the category that it has now
        del said[SIZE_CLASS]
    _put(listing, said)
    _follow(listing, said)
    for name in said:
        listing.provenance["size_value" if name == SIZE_CLASS else name] = CORRECTION
    found = {name: getattr(listing, name) for name in (*STORED_FIELDS, *WIDE)} | {"serial_key": serial_key}
    return {name: value for name, value in found.items() if _known(value) != _known(values[name])}


def unfit(dealer: str, values: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, str]:
    """Field → why its correction cannot be had of this listing, which has these columns and all these corrections."""
    said = _readable(fields)
    after = _listing(dealer, {**values, **corrected(dealer, values, fields)})
    return {name: why for name, value in said.items() if (why := _misfit(name, value, after))}


def _readable(fields: Mapping[str, str]) -> dict[str, Any]:
    found = {}
    for name, text in fields.items():
        try:
            found[name] = read_value(name, text)
        except (NotAValue, KeyError):  # of a program with other tables; `scrapy correct --check` tells of it
            continue
    return found


def _misfit(name: str, value: Any, listing: Listing) -> str | None:
    if name == "category" and value is not None and CATEGORIES[value].vertical != listing.vertical:
        return (
            f"{value} is a category of the vertical {CATEGORIES[value].vertical}, the listing is of {listing.vertical}"
        )
    if name == SIZE_CLASS and value is not None:
        classes = classes_of(listing.category) if listing.category in CATEGORIES else ()
        if not any((one.lower, one.upper) == (value.lower, value.upper) for one in classes):
            known = ", ".join(_edges(one) for one in classes) or "none"
            return f"{_edges(value)} is no size class of {listing.category or 'no category'}; it has {known}"
    return None


def _edges(one: SizeClass) -> str:
    return f"over {one.lower:g}" if one.upper is None else f"{one.lower:g}-{one.upper:g}"


def _listing(dealer: str, values: Mapping[str, Any]) -> Listing:
    listing = Listing(dealer=dealer, vertical=cast(Vertical, values["vertical"]))
    for name in (*STORED_FIELDS, *DETAIL_FIELDS):
        if name in values:
            setattr(listing, name, values[name])
    listing.raw = in_shape(dict(values["raw"] or {}))
    listing.provenance = dict(values["provenance"] or {})
    listing.attributes = dict(values["attributes"] or {})
    return listing


def _put(listing: Listing, said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        if name != SIZE_CLASS:
            setattr(listing, name, value)
            listing.provenance[name] = CORRECTION


def _infer(listing: Listing, said: Mapping[str, Any]) -> None:
    """What rules make of the corrected facts: base model, category, size."""
    if "base_model" not in said and ("make" in said or "model" in said):
        listing.base_model = normal_model(listing.make, listing.model).base_model if listing.model else None
        listing.provenance.pop("base_model", None)
    if "category" in said:
        listing.category_confidence = None if listing.category is None else 1.0
    elif "model" in said or "make" in said:
        found = classify(listing)
        listing.category, listing.category_confidence = found.category, found.confidence
        listing.provenance["category"] = found.method
    if not {"category", "make", "model"}.isdisjoint(said):
        infer_size(listing)


def _follow(listing: Listing, said: Mapping[str, Any]) -> None:
    """What is a corrected value in other words."""
    category = CATEGORIES.get(listing.category or "")
    basis, unit = (category.size_basis, category.size_unit) if category else (None, None)
    if not set(OF_PACK).isdisjoint(said):
        _follow_pack(listing, said)
    if "size_value" in said:
        _sized(listing, said["size_value"])
        if basis == "operating weight" and "operating_weight_kg" not in said and listing.size_value is not None:
            listing.operating_weight_kg = converted(listing.size_value, unit or "", "kg")
        if basis == "net weight" and "net_weight_g" not in said:
            listing.net_weight_g = listing.size_value
            _follow_pack(listing, said)
    elif SIZE_CLASS in said:
        _classed(listing, said[SIZE_CLASS])
    elif basis == "operating weight" and "operating_weight_kg" in said:
        kg = said["operating_weight_kg"]
        _sized(listing, None if kg is None else converted(kg, "kg", unit or ""))
    elif basis == "net weight" and not set(OF_PACK).isdisjoint(said):
        _sized(listing, listing.net_weight_g)
    named = listing.breed_sizes and not listing.provenance.get("breed_sizes", "").startswith(BY_WEIGHT_OF_DOG)
    if not set(OF_DOG).isdisjoint(said) and "breed_sizes" not in said and not named:
        ends = (listing.dog_weight_min_kg, listing.dog_weight_max_kg)
        listing.breed_sizes = None if ends == (None, None) else list(sizes_between(*ends))
    if listing.vertical == "dog" and not {"price", "size_value", *OF_PACK}.isdisjoint(said):
        grams = listing.net_weight_g
        listing.unit_price_per_kg = unit_price(listing.price, PackWeight(grams, 1, grams) if grams else None)


def _follow_pack(listing: Listing, said: Mapping[str, Any]) -> None:
    """Grams in all are packs times grams in one: what was not said follows from what was."""
    count = listing.pack_count or 1
    if "net_weight_g" not in said and "size_value" not in said and "unit_weight_g" in said and "pack_count" in said:
        one = listing.unit_weight_g
        listing.net_weight_g = None if one is None else round(one * count, 1)
    elif "unit_weight_g" not in said:
        listing.unit_weight_g = None if listing.net_weight_g is None else round(listing.net_weight_g / count, 1)


def _sized(listing: Listing, value: float | None) -> None:
    """The size, its class, and what it is measured by."""
    category = CATEGORIES.get(listing.category or "")
    listing.size_value = value
    if category is not None and category.size_unit is not None:
        listing.size_basis, listing.size_unit = category.size_basis, category.size_unit
    found = size_class(category.slug, value) if category is not None and value is not None else None
    listing.size_min, listing.size_max = (found.lower, found.upper) if found else (None, None)
    _by_correction(listing, known=value is not None)


def _classed(listing: Listing, known: SizeClass | None) -> None:
    """The class; a figure that is not in it goes."""
    category = CATEGORIES.get(listing.category or "")
    if category is not None:
        listing.size_basis, listing.size_unit = category.size_basis, category.size_unit
    if known is None or listing.size_value is None or listing.size_value not in known:
        listing.size_value = None
    listing.size_min, listing.size_max = (known.lower, known.upper) if known else (None, None)
    _by_correction(listing, known=known is not None)


def _by_correction(listing: Listing, *, known: bool) -> None:
    listing.size_method, listing.size_confidence = CORRECTION, 1.0 if known else 0.0
    listing.provenance["size_value"] = CORRECTION


def _known(value: Any) -> Any:
    """Empty is unknown, in whatever form it is stored; 0 is not."""
    return None if value in ("", [], {}) else value

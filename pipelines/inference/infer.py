"""Filling a listing's category, make, model and size from what its source said. The pipeline's two inference steps."""

from __future__ import annotations

from inventory.listing import FROM_MODEL, Listing
from inventory.taxonomy.makes import canonical_make
from inventory.taxonomy.models import normal_model
from pipelines.inference.category import classify
from pipelines.inference.dog_fill import fill_dog_size
from pipelines.inference.machine_facts import fill_from_description, fill_from_specs
from pipelines.inference.machine_size import machine_size
from pipelines.inference.make_of_model import make_of_model
from pipelines.inference.title import read_title


def infer_category_and_model(listing: Listing) -> None:
    """Fill category and its confidence always; make, model, year, hours and serial number where still unknown.

    A make that the source gave is turned to the maker's own name. `raw["category"]` and `section` may hold a slug.
    """
    if listing.vertical == "equipment":
        fill_from_specs(listing)
    if listing.vertical == "equipment" and listing.title:
        parts = read_title(listing.title, make=listing.make, model=listing.model)
        for name in ("make", "model", "base_model", "year", "hours", "serial_number"):
            if getattr(listing, name) is None and (value := getattr(parts, name)) is not None:
                setattr(listing, name, value)
                listing.provenance[name] = "title"
    if listing.vertical == "equipment":
        fill_from_description(listing)
        if listing.make is None and listing.model and (make := make_of_model(listing.model)):
            listing.make, listing.provenance["make"] = make, FROM_MODEL
        listing.make = canonical_make(listing.make)
        if listing.base_model is None and listing.model:
            listing.base_model = normal_model(listing.make, listing.model).base_model
    found = classify(listing)
    listing.category, listing.category_confidence = found.category, found.confidence
    listing.provenance["category"] = found.method


def infer_size(listing: Listing) -> None:
    """Fill the size fields, always from the start, for the category that `infer_category_and_model` found."""
    if listing.vertical == "equipment":
        size = machine_size(listing)
        listing.size_value, listing.size_basis, listing.size_unit = size.value, size.basis, size.unit
        listing.size_min, listing.size_max = size.min, size.max
        listing.size_method, listing.size_confidence = size.method, size.confidence
        listing.operating_weight_kg = size.operating_weight_kg
        listing.provenance.pop("size_value", None)
        if size.detail:
            listing.provenance["size_value"] = size.detail
        return
    fill_dog_size(listing)

"""A dog product's sizes into its listing, with the words behind each."""

from __future__ import annotations

from typing import Final

from inventory.listing import Listing
from inventory.taxonomy.categories import lineage
from pipelines.inference.dog_size import EATEN, DogSize, dog_size
from pipelines.parsing.condition import spoken_condition
from pipelines.parsing.ratings import rating_in_text

OWN_ATTRIBUTES: Final = frozenset(
    f"{part}_{end}_cm" for part in ("neck", "chest", "back") for end in ("min", "max")
) | {
    "length_cm", "width_cm", "height_cm", "diameter_cm", "volume_ml", "piece_count", "supply_months", "age_min_months",
    "age_max_months", "ingredients", "analysis", "crate_sizes",
}  # fmt: skip
"""Attributes that inference writes, and takes away when a rule no longer finds them."""
EXPLAINED: Final = (
    "net_weight_g", "breed_sizes", "life_stage", "food_form", "size_label", "dog_weight_min_kg", "dog_weight_max_kg",
    "size_value",
)  # fmt: skip
"""Fields whose provenance says which text they were read from."""


def fill_dog_size(listing: Listing) -> None:
    """Fill the size fields of a dog product, always from the start."""
    size = dog_size(listing)
    pack = size.net.pack if size.net else None
    listing.net_weight_g = pack.net_weight_g if pack else None
    listing.pack_count = size.pack_count
    listing.unit_weight_g = pack.unit_weight_g if pack else None
    listing.dog_weight_min_kg, listing.dog_weight_max_kg = size.dog_weight_min_kg, size.dog_weight_max_kg
    listing.breed_sizes = list(size.breed_sizes) or None
    listing.size_label, listing.size_value = size.size_label, size.size_value
    listing.size_unit, listing.size_basis = size.size_unit, size.size_basis
    listing.size_method, listing.size_confidence = size.size_method, size.size_confidence
    listing.life_stage, listing.food_form = size.life_stage, size.food_form
    listing.unit_price_per_kg = size.unit_price_per_kg
    before = OWN_ATTRIBUTES & listing.attributes.keys()
    if before:
        said = {str(pair[0]) for pair in listing.raw.get("specs") or [] if isinstance(pair, list | tuple) and pair}
        for name in before - said - listing.raw.keys():
            del listing.attributes[name]
    listing.attributes.update(size.attributes)
    explain(listing, size)
    fill_rating(listing)
    fill_condition(listing)


def fill_rating(listing: Listing) -> None:
    """Rating and its count out of the description, where no field of the page has them."""
    if (listing.provenance.get("rating") or "description") != "description" or "rating" in listing.raw:
        return
    known = listing.provenance.get("rating") is not None
    if listing.rating is not None and not known:
        return
    rating, count = rating_in_text(listing.description)
    listing.rating, listing.rating_count = rating, count if rating is not None else listing.rating_count
    if rating is None:
        listing.provenance.pop("rating", None)
    else:
        listing.provenance["rating"] = "description"


def fill_condition(listing: Listing) -> None:
    """The condition out of title and description, where no field of the page has it."""
    if "condition" in listing.raw or listing.provenance.get("condition", "title") not in {"title", "description"}:
        return
    eaten = listing.category is not None and lineage(listing.category)[-1] in EATEN
    found = None if eaten else spoken_condition(listing.title, listing.description)
    if found is not None:
        listing.condition, listing.provenance["condition"] = found
    elif listing.provenance.pop("condition", None) is not None:
        listing.condition = None


def explain(listing: Listing, size: DogSize) -> None:
    """Say of each field that has a value which words it came from."""
    for name in EXPLAINED:
        listing.provenance.pop(name, None)
        if getattr(listing, name) is not None and size.sources.get(name):
            listing.provenance[name] = size.sources[name]

"""How big a dog product is, and for how big a dog."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from inventory.listing import Listing
from inventory.taxonomy.categories import lineage
from inventory.taxonomy.phrases import words
from pipelines.inference.breeds import BREED_SIZES, sizes_between
from pipelines.inference.dog_measures import dog_weight, measures, size_label
from pipelines.inference.dog_words import breed_sizes, food_form, life_stage
from pipelines.inference.pack_weight import PackWeight, pack_weight

WEIGHED: Final = frozenset({"dog-food", "dog-treats", "dog-grooming", "not-dog"})
EATEN: Final = frozenset({"dog-food", "dog-treats"})
WORN: Final = frozenset(
    {"dog-beds", "dog-crates", "dog-collars", "dog-harnesses", "dog-leashes", "dog-apparel", "dog-toys"}
)
FORMS: Final = {"dry-dog-food": "dry", "wet-dog-food": "wet", "fresh-dog-food": "fresh"}
VARIANT: Final = ("variant", "size", "size_label", "option")
"""Raw fields in which platforms put the variant that is sold ("2 kg", "M / Red")."""


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
    breed_sizes_from: str = "title"


def dog_size(listing: Listing) -> DogSize:
    """The sizes that title and variant state. What a weight means depends on the category: "30 lb" is the bag in
    food and the dog in flea medicine."""
    title = listing.title or str(listing.raw.get("title") or "")
    variant = variant_text(listing.raw)
    kind = lineage(listing.category)[-1] if listing.category else None
    found = words(title)
    pack = contents(title, variant, kind)
    low, high = dog_weight(f"{variant} | {title}") if kind not in EATEN or "dogs" in title.lower() else (None, None)
    if kind in EATEN and pack is not None and high is not None and close(high * 1000, pack.net_weight_g):
        low, high = None, None
    sizes, source = meant_for(found, kind, low, high)
    label = size_label(variant) or (size_label(title) if kind in WORN else None)
    lengths = measures(f"{variant} | {title}") if kind in WORN else {}
    value, unit = main_size(pack, kind, lengths)
    return DogSize(
        net_weight_g=pack.net_weight_g if pack else None,
        pack_count=pack.pack_count if pack else None,
        unit_weight_g=pack.unit_weight_g if pack else None,
        dog_weight_min_kg=low,
        dog_weight_max_kg=high,
        breed_sizes=sizes,
        size_label=label,
        size_value=value,
        size_unit=unit,
        life_stage=life_stage(found),
        food_form=(food_form(found) or FORMS.get(listing.category or "")) if kind == "dog-food" else None,
        measures=lengths,
        unit_price_per_kg=unit_price(listing.price, pack),
        breed_sizes_from=source,
    )


def variant_text(raw: dict[str, Any]) -> str:
    """The words of the variant that is sold, from whichever raw field holds them."""
    return " ".join(str(raw[name]) for name in VARIANT if raw.get(name) and raw[name] != "Default Title")


def contents(title: str, variant: str, kind: str | None) -> PackWeight | None:
    """What the pack holds. The variant says it better; a mere "Pack of 4" there multiplies the title's weight."""
    if kind is not None and kind not in WEIGHED:
        return None
    pieces = kind == "dog-treats"
    by_variant = pack_weight(variant, pieces_in_bag=pieces) if variant else None
    if by_variant is not None:
        return by_variant
    return pack_weight(f"{title}, {variant}" if variant else title, pieces_in_bag=pieces)


def meant_for(
    found: list[Any], kind: str | None, low_kg: float | None, high_kg: float | None
) -> tuple[tuple[str, ...], str]:
    """The breed sizes a product is for and where that comes from. Food that names none is for all breeds."""
    named = breed_sizes(found)
    if named:
        return named, "title"
    if low_kg is not None or high_kg is not None:
        return sizes_between(low_kg, high_kg), "dog weight"
    if kind in EATEN:
        return BREED_SIZES, "rule: food that names no breed size is for all"
    return (), ""


def main_size(pack: PackWeight | None, kind: str | None, lengths: dict[str, float]) -> tuple[float | None, str | None]:
    """The one size to sort by: grams of what is eaten, centimetres of what has a length."""
    if pack is not None:
        return pack.net_weight_g, "g"
    if kind in WORN and "length_cm" in lengths:
        return lengths["length_cm"], "cm"
    return None, None


def unit_price(price: Decimal | None, pack: PackWeight | None) -> Decimal | None:
    """Price for a kilogram to the cent, where price and net weight are known."""
    if price is None or pack is None or pack.net_weight_g <= 0:
        return None
    per_kg = price * 1000 / Decimal(str(pack.net_weight_g))
    return per_kg.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def close(first: float, second: float) -> bool:
    """Whether two weights are the same within 3 %."""
    return abs(first - second) <= 0.03 * max(first, second)

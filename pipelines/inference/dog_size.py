"""How big a dog product is, and for how big a dog: what title, variant, specification, feed and description say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from inventory.listing import Listing, SizeMethod
from pipelines.inference.breeds import BREED_SIZES, sizes_between
from pipelines.inference.crate_sizes import crate_readings
from pipelines.inference.dog_age import age_months, piece_count, stage_of_age, supply_months
from pipelines.inference.dog_chart import row_measures, sold_row
from pipelines.inference.dog_described import described_dogs
from pipelines.inference.dog_form import form_of_food
from pipelines.inference.dog_label import MAX_CHARS, label_texts
from pipelines.inference.dog_measures import measures, named_measures
from pipelines.inference.dog_packs import COUNTED, stated_packs
from pipelines.inference.dog_specs import Said
from pipelines.inference.dog_texts import Texts, said_on_label, texts_of
from pipelines.inference.dog_weight import dog_weight, names_dogs, weights_in
from pipelines.inference.dog_words import (
    breed_sizes,
    breed_sizes_value,
    life_stage,
)
from pipelines.inference.net_weight import NetWeight, close, net_weight
from pipelines.inference.size_label import letter_size, size_label
from pipelines.inference.unit_price import stated_unit_price, unit_price
from pipelines.inference.volume import volume_ml

WEIGHED: Final = frozenset({"dog-food", "dog-treats", "dog-health", "dog-grooming", "not-dog"})
EATEN: Final = frozenset({"dog-food", "dog-treats"})
LABELLED: Final = EATEN | {"dog-health", "dog-grooming", "not-dog"}
"""Things whose label lists what is in them; a bed's "composition" is its cover."""
WORN: Final = frozenset(
    {"dog-beds", "dog-crates", "dog-collars", "dog-harnesses", "dog-leashes", "dog-apparel", "dog-toys"}
)
SIZED: Final = WORN | {"dog-grooming", "dog-bowls"}
"""Things that come in sizes, whose title may name one."""
MEASURED: Final = WORN | {"dog-treats", "dog-health"}
HEAVIEST_MEDICINE_G: Final = 5000.0
"""A heavier weight in the name of a medicine is a dog's."""
MAIN: Final = (
    ("dog-collars", "neck_max_cm", "neck girth"),
    ("dog-harnesses", "chest_max_cm", "chest girth"),
    ("dog-apparel", "back_max_cm", "back length"),
    ("dog-apparel", "chest_max_cm", "chest girth"),
    ("dog-beds", "diameter_cm", "diameter"),
)
"""Category, measure, basis: what gear is sorted by where it is not its length."""


@dataclass(slots=True)
class DogSize:
    """Sizes of a dog product; None means unknown. `attributes` are what has no column of its own (docs/sizes.md)."""

    net: NetWeight | None = None
    pack_count: int | None = None
    dog_weight_min_kg: float | None = None
    dog_weight_max_kg: float | None = None
    breed_sizes: tuple[str, ...] = ()
    size_label: str | None = None
    size_value: float | None = None
    size_unit: str | None = None
    size_basis: str | None = None
    size_method: SizeMethod = "unknown"
    size_confidence: float = 0.0
    life_stage: str | None = None
    food_form: str | None = None
    unit_price_per_kg: Decimal | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    """Field → the words it was read from."""


def dog_size(listing: Listing) -> DogSize:
    """The sizes that a listing states. What a weight means depends on the category: "30 lb" is the bag in food and
    the dog in flea medicine."""
    texts = texts_of(listing)
    size = DogSize()
    if texts.kind is None or texts.kind in WEIGHED:
        size.net = net_weight(
            texts.title, texts.variant, texts.specs, listing.description, pieces_in_bag=texts.kind in COUNTED
        )
    if size.net is not None and texts.kind == "dog-health" and size.net.pack.net_weight_g > HEAVIEST_MEDICINE_G:
        size.net = None
    count_packs(size, texts)
    fill_dog(size, texts)
    fill_stage_and_form(size, texts, listing)
    fill_gear(size, texts)
    fill_attributes(size, texts, listing)
    fill_main(size, texts.kind)
    pack = size.net.pack if size.net and size.net.confidence >= 0.5 else None
    size.unit_price_per_kg = unit_price(listing.price, pack) or stated_unit_price(texts.specs.get("unit_price"))
    return size


def fill_dog(size: DogSize, texts: Texts) -> None:
    """For how heavy a dog, and for which breed sizes. Food that names none is for all."""
    low, high, source = weight_of_dog(size, texts)
    size.dog_weight_min_kg, size.dog_weight_max_kg = low, high
    for name in ("dog_weight_min_kg", "dog_weight_max_kg"):
        size.sources[name] = source
    meant, source = meant_for(texts, low, high)
    size.breed_sizes, size.sources["breed_sizes"] = meant, source


def count_packs(size: DogSize, texts: Texts) -> None:
    """How many packs, and of what is given one by one (chews, tablets, pipettes) how many pieces."""
    one = size.net is None or size.net.pack.pack_count == 1
    pieces = stated_packs(texts) if one else None
    if size.net is not None and pieces and texts.kind in COUNTED:
        pack = size.net.pack
        by_piece = replace(pack, pack_count=pieces, unit_weight_g=round(pack.net_weight_g / pieces, 1))
        size.net = replace(size.net, pack=by_piece)
    size.pack_count = size.net.pack.pack_count if size.net else pieces


def weight_of_dog(size: DogSize, texts: Texts) -> tuple[float | None, float | None, str]:
    """The dog's weight from a row that is about it, else from title and variant where a weight can be a dog's."""
    for name in ("dog_weight", "suitable_for"):
        said = texts.specs.get(name)
        low, high = dog_weight(said.text) if said else (None, None)
        if said and (low is not None or high is not None):
            return low, high, f"{said.where}: {said.text[:60]}"
    bag_and_dog = size.net is not None and weights_in(texts.both) > 1
    if texts.kind in EATEN and not bag_and_dog and not names_dogs(texts.both):
        return described_dog(texts)
    for where, text in (("variant", texts.variant), ("title", texts.title)):
        low, high = dog_weight(text)
        bag = size.net.pack.net_weight_g if size.net else None
        if bag is not None and any(end is not None and close(end * 1000, bag) for end in (low, high)):
            continue  # "up to 12 kg" of food
        if low is not None or high is not None:
            return low, high, f"{where}: {text[:60]}"
    return described_dog(texts)


def described_dog(texts: Texts) -> tuple[float | None, float | None, str]:
    """The dog's weight from a description: of food only from what its label states, of gear from its size's row."""
    said = list(said_on_label(texts.description)) if texts.kind == "dog-food" else []
    if texts.kind in SIZED:
        row = sold_row(texts.description, label_of(texts)[0])
        said = [Said(row.text, "description")] if row else []
    elif texts.kind not in EATEN and texts.kind not in {None, "not-dog"} and texts.description:
        said = [Said(texts.description, "description")]
    for text, where in said:
        low, high = described_dogs(text)
        if low is not None or high is not None:
            return low, high, f"{where}: {text[:60]}"
    return None, None, ""


def meant_for(texts: Texts, low_kg: float | None, high_kg: float | None) -> tuple[tuple[str, ...], str]:
    """The breed sizes a product is for and where that comes from.

    Descriptions are left out: they name the sizes of a feeding table, and sister products (they mislead more).
    """
    if texts.kind == "not-dog":
        return (), ""
    if (said := texts.specs.get("breed_size")) and (named := breed_sizes_value(said.text)):
        return named, f"{said.where}: {said.text[:60]}"
    food = texts.kind == "dog-food"
    if named := breed_sizes(texts.title, food=food, brand=texts.brand):
        return named, f"title: {texts.title[:60]}"
    if texts.variant and (named := breed_sizes(texts.variant)):
        return named, f"variant: {texts.variant[:60]}"
    if (said := texts.specs.get("suitable_for")) and (named := breed_sizes(said.text)):
        return named, f"{said.where}: {said.text[:60]}"
    if texts.kind == "dog-food":
        for text, where in said_on_label(texts.description):
            if named := breed_sizes(text):
                return named, f"{where}: {text[:60]}"
    if low_kg is not None or high_kg is not None:
        return sizes_between(low_kg, high_kg), "rule: the sizes of dogs of that weight"
    if texts.kind in EATEN:
        return BREED_SIZES, "rule: food that names no breed size is for all"
    return (), ""


def said_of_age(texts: Texts) -> Iterator[Said]:
    """The texts that may name a life stage, the surest first."""
    if said := texts.specs.get("life_stage"):
        yield said
    yield Said(texts.title, "title")
    if texts.variant and texts.variant not in texts.title:
        yield Said(texts.variant, "variant")
    if said := texts.specs.get("suitable_for"):
        yield said
    if texts.kind in EATEN:
        yield Said(texts.breadcrumbs, "breadcrumbs")
        yield from said_on_label(texts.description)


def fill_stage_and_form(size: DogSize, texts: Texts, listing: Listing) -> None:
    """Life stage and kind of food: a row about it, the title, an age, then breadcrumbs and description.

    A shop's tags are left out: they name every collection that a product is shown in.
    """
    for said in said_of_age(texts) if texts.kind != "not-dog" else ():
        if stage := life_stage(said.text, label=said.where == "description") or stage_of_age(*age_months(said.text)):
            size.life_stage, size.sources["life_stage"] = stage, f"{said.where}: {said.text[:60]}"
            break
    if texts.kind in EATEN:
        form, source = form_of_food(texts, listing.category or "", size.net.pack if size.net else None)
        size.food_form, size.sources["food_form"] = form, source


def fill_gear(size: DogSize, texts: Texts) -> None:
    """The size on the label, and what is worn or lain in in centimetres."""
    label, source = label_of(texts)
    if label:
        size.size_label, size.sources["size_label"] = label, source
    if texts.kind in MEASURED:
        fill_measures(size, texts)


def label_of(texts: Texts) -> tuple[str | None, str]:
    """The size on the label and where it stands: a variant or a row that is a size, else the title of gear."""
    said = texts.specs.get("size_label")
    option = texts.variant or (said.text if said and "," not in said.text else "")
    if label := size_label(option, is_size=True):
        return label, f"{'variant' if texts.variant or not said else said.where}: {option[:60]}"
    label = size_label(texts.title) if texts.kind in SIZED else None
    if texts.kind == "dog-treats":
        label = letter_size(texts.title)
    return label, f"title: {texts.title[:60]}"


def fill_measures(size: DogSize, texts: Texts) -> None:
    """Girths and lengths: of the variant, the title, the rows that are measures or name one, else the size's own row
    of the description."""
    read = [("variant", texts.variant, measures(texts.variant, texts.kind))]
    read += [("title", texts.title, measures(texts.title, texts.kind))]
    stated = [said for name in ("size_label", "dimensions") if (said := texts.specs.get(name))]
    read += [(said.where, said.text, measures(said.text, texts.kind)) for said in stated]
    read += [(said.where, said.text, named_measures(said.text)) for said in texts.others]
    if texts.kind in SIZED and not any(found for _, _, found in read):
        row = sold_row(texts.description, size.size_label)
        read += [("description", row.text, row_measures(row, texts.kind))] if row else []
    for where, text, found in read:
        for name, value in found.items():
            if name not in size.attributes:
                size.attributes[name], size.sources[name] = value, f"{where}: {text[:60]}"


def fill_attributes(size: DogSize, texts: Texts, listing: Listing) -> None:
    """What has no column: volume, pieces, ages, how long a pack lasts, ingredients, analysis, crate tables."""
    found = size.attributes
    bowl = texts.kind == "dog-bowls"
    stated = texts.specs.get("volume") or texts.specs.get("net_weight")
    if size.net is None or texts.kind not in EATEN:
        by_row = volume_ml(stated.text, bowl=bowl) if stated else None
        found["volume_ml"] = volume_ml(texts.both, bowl=bowl) or by_row
    if texts.kind in {"dog-treats", "dog-health"}:
        found["piece_count"] = piece_count(texts.both)
    found["supply_months"] = supply_months(texts.both)
    stage = texts.specs.get("life_stage")
    found["age_min_months"], found["age_max_months"] = age_months(
        f"{texts.both} | {stage.text}" if stage else texts.both
    )
    if texts.kind in LABELLED:
        found |= label_texts(listing.description)
        found |= {
            name: texts.specs[name].text[:MAX_CHARS] for name in ("ingredients", "analysis") if name in texts.specs
        }
    if texts.kind == "dog-crates" and "length_cm" in found:
        found["crate_sizes"] = crate_readings(found["length_cm"]) or None
    size.attributes = {name: value for name, value in found.items() if value is not None}


def fill_main(size: DogSize, kind: str | None) -> None:
    """The one size to sort by: grams of what is eaten, centimetres of what is worn, millilitres of what holds."""
    if size.net is not None:
        size.size_value, size.size_unit, size.size_basis = size.net.pack.net_weight_g, "g", "net weight"
        size.size_method, size.size_confidence = size.net.method, size.net.confidence
        size.sources["net_weight_g"] = size.sources["size_value"] = size.net.source
        return
    found = size.attributes
    options = [(name, basis) for slug, name, basis in MAIN if slug == kind] + [("length_cm", "length")] * (kind in WORN)
    options += [("volume_ml", "volume")] * (kind in {"dog-bowls", "dog-grooming", "dog-food", "dog-treats"})
    for name, basis in options:
        if name in found:
            size.size_value, size.size_unit, size.size_basis = found[name], name.rsplit("_", 1)[-1], basis
            source = size.sources.get(name, "title")
            size.size_method, size.size_confidence = (
                ("spec", 0.9) if source.startswith(("spec", "field")) else ("text", 0.85)
            )
            size.sources["size_value"] = source
            return
    if size.size_label is not None:
        size.size_method, size.size_confidence = "text", 0.85

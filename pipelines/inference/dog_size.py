"""How big a dog product is, and for how big a dog: what title, variant, specification, feed and description say."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from inventory.listing import Listing, SizeMethod
from inventory.taxonomy.categories import lineage
from inventory.taxonomy.phrases import Word, words
from pipelines.inference.breeds import BREED_SIZES, sizes_between
from pipelines.inference.crate_sizes import crate_readings
from pipelines.inference.dog_age import age_months, piece_count, stage_of_age, supply_months
from pipelines.inference.dog_label import MAX_CHARS, label_texts
from pipelines.inference.dog_measures import measures, named_measures
from pipelines.inference.dog_specs import Said, read_dog_specs, tags
from pipelines.inference.dog_weight import dog_weight, names_dogs
from pipelines.inference.dog_words import (
    breed_sizes,
    breed_sizes_value,
    food_form,
    food_form_value,
    life_stage,
)
from pipelines.inference.net_weight import NetWeight, close, net_weight
from pipelines.inference.size_label import size_label
from pipelines.inference.unit_price import stated_unit_price, unit_price
from pipelines.inference.volume import volume_ml

WEIGHED: Final = frozenset({"dog-food", "dog-treats", "dog-grooming", "not-dog"})
EATEN: Final = frozenset({"dog-food", "dog-treats"})
LABELLED: Final = EATEN | {"dog-health", "dog-grooming", "not-dog"}
"""Things whose label lists what is in them; a bed's "composition" is its cover."""
WORN: Final = frozenset(
    {"dog-beds", "dog-crates", "dog-collars", "dog-harnesses", "dog-leashes", "dog-apparel", "dog-toys"}
)
FORMS: Final = {"dry-dog-food": "dry", "wet-dog-food": "wet"}
VARIANT: Final = ("variant", "size", "size_label", "option")
"""Raw fields in which platforms put the variant that is sold ("2 kg", "M / Red")."""
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


@dataclass(frozen=True, slots=True)
class Texts:
    """A listing's texts as the rules below need them."""

    title: str
    variant: str
    both: str
    found: list[Word]
    specs: dict[str, Said]
    others: list[Said]
    aside: str
    """Tags and breadcrumbs: said of the product, but of its neighbours too."""
    kind: str | None
    brand: str | None


def dog_size(listing: Listing) -> DogSize:
    """The sizes that a listing states. What a weight means depends on the category: "30 lb" is the bag in food and
    the dog in flea medicine."""
    texts = texts_of(listing)
    size = DogSize()
    if texts.kind is None or texts.kind in WEIGHED:
        size.net = net_weight(
            texts.title, texts.variant, texts.specs, listing.description, pieces_in_bag=texts.kind == "dog-treats"
        )
    fill_dog(size, texts)
    fill_stage_and_form(size, texts, listing)
    fill_gear(size, texts)
    fill_attributes(size, texts, listing)
    fill_main(size, texts.kind)
    pack = size.net.pack if size.net and size.net.confidence >= 0.5 else None
    size.unit_price_per_kg = unit_price(listing.price, pack) or stated_unit_price(texts.specs.get("unit_price"))
    return size


def texts_of(listing: Listing) -> Texts:
    """A listing's texts, its specification read by what it is about."""
    raw = listing.raw
    title = listing.title or str(raw.get("title") or "")
    variant = variant_text(raw)
    specs, others = read_dog_specs(raw)
    aside = " | ".join([*tags(raw), *(str(crumb) for crumb in raw.get("breadcrumbs") or [])])
    kind = lineage(listing.category)[-1] if listing.category else None
    both = title if not variant or variant in title else f"{title} | {variant}"
    return Texts(title, variant, both, words(title), specs, others, aside, kind, listing.brand)


def variant_text(raw: dict[str, Any]) -> str:
    """The words of the variant that is sold, from whichever raw field holds them."""
    return " ".join(str(raw[name]) for name in VARIANT if raw.get(name) and raw[name] != "Default Title")


def fill_dog(size: DogSize, texts: Texts) -> None:
    """For how heavy a dog, and for which breed sizes. Food that names none is for all."""
    low, high, source = weight_of_dog(size, texts)
    size.dog_weight_min_kg, size.dog_weight_max_kg = low, high
    for name in ("dog_weight_min_kg", "dog_weight_max_kg"):
        size.sources[name] = source
    meant, source = meant_for(texts, low, high)
    size.breed_sizes, size.sources["breed_sizes"] = meant, source


def weight_of_dog(size: DogSize, texts: Texts) -> tuple[float | None, float | None, str]:
    """The dog's weight from a row that is about it, else from title and variant where a weight can be a dog's."""
    for name in ("dog_weight", "suitable_for"):
        said = texts.specs.get(name)
        low, high = dog_weight(said.text) if said else (None, None)
        if said and (low is not None or high is not None):
            return low, high, f"{said.where}: {said.text[:60]}"
    if texts.kind in EATEN and not names_dogs(texts.both):
        return None, None, ""
    for where, text in (("variant", texts.variant), ("title", texts.title)):
        low, high = dog_weight(text)
        bag = size.net.pack.net_weight_g if size.net else None
        if bag is not None and any(end is not None and close(end * 1000, bag) for end in (low, high)):
            continue  # "up to 12 kg" of food
        if low is not None or high is not None:
            return low, high, f"{where}: {text[:60]}"
    return None, None, ""


def meant_for(texts: Texts, low_kg: float | None, high_kg: float | None) -> tuple[tuple[str, ...], str]:
    """The breed sizes a product is for and where that comes from."""
    if (said := texts.specs.get("breed_size")) and (named := breed_sizes_value(said.text)):
        return named, f"{said.where}: {said.text[:60]}"
    food = texts.kind == "dog-food"
    if named := breed_sizes(texts.found, food=food, brand=texts.brand):
        return named, f"title: {texts.title[:60]}"
    if texts.variant and (named := breed_sizes(words(texts.variant))):
        return named, f"variant: {texts.variant[:60]}"
    if (said := texts.specs.get("suitable_for")) and (named := breed_sizes(words(said.text))):
        return named, f"{said.where}: {said.text[:60]}"
    if low_kg is not None or high_kg is not None:
        return sizes_between(low_kg, high_kg), "dog weight"
    if texts.kind in EATEN:
        return BREED_SIZES, "rule: food that names no breed size is for all"
    return (), ""


def fill_stage_and_form(size: DogSize, texts: Texts, listing: Listing) -> None:
    """Life stage and kind of food: a row about it, the title, an age, then tags and breadcrumbs."""
    stages = [(said, life_stage(words(said.text)) or stage_of_age(*age_months(said.text)))
              for said in [texts.specs.get("life_stage")] if said]  # fmt: skip
    stages += [(Said(texts.title, "title"), life_stage(texts.found) or stage_of_age(*age_months(texts.title)))]
    stages += [(Said(texts.variant, "variant"), life_stage(words(texts.variant)))] if texts.variant else []
    stages += [(said, life_stage(words(said.text))) for said in [texts.specs.get("suitable_for")] if said]
    stages += [(Said(texts.aside, "tags and breadcrumbs"), life_stage(words(texts.aside)))] if texts.aside else []
    for said, stage in stages:
        if stage is not None:
            size.life_stage, size.sources["life_stage"] = stage, f"{said.where}: {said.text[:60]}"
            break
    if texts.kind not in EATEN:
        return
    stated = texts.specs.get("food_form")
    form = food_form_value(stated.text) if stated else None
    if stated and form:
        size.food_form, size.sources["food_form"] = form, f"{stated.where}: {stated.text[:60]}"
    elif texts.kind == "dog-food":
        form = food_form(texts.found) or food_form(words(texts.variant))
        size.food_form = form or FORMS.get(listing.category or "") or food_form(words(texts.aside))
        size.sources["food_form"] = f"title: {texts.title[:60]}" if form else "category"


def fill_gear(size: DogSize, texts: Texts) -> None:
    """The size on the label, and what is worn or lain in in centimetres."""
    said = texts.specs.get("size_label")
    option = texts.variant or (said.text if said and "," not in said.text else "")
    if label := size_label(option, is_size=True):
        where = "variant" if texts.variant or not said else said.where
        size.size_label, size.sources["size_label"] = label, f"{where}: {option[:60]}"
    elif texts.kind in WORN and (label := size_label(texts.title)):
        size.size_label, size.sources["size_label"] = label, f"title: {texts.title[:60]}"
    if texts.kind in WORN:
        fill_measures(size, texts)


def fill_measures(size: DogSize, texts: Texts) -> None:
    """Girths and lengths: of the variant, the title, the rows that are measures, and rows that name one."""
    read = [("variant", texts.variant, measures(texts.variant, texts.kind))]
    read += [("title", texts.title, measures(texts.title, texts.kind))]
    stated = [said for name in ("size_label", "dimensions") if (said := texts.specs.get(name))]
    read += [(said.where, said.text, measures(said.text, texts.kind)) for said in stated]
    read += [(said.where, said.text, named_measures(said.text)) for said in texts.others]
    for where, text, found in read:
        for name, value in found.items():
            if name not in size.attributes:
                size.attributes[name], size.sources[name] = value, f"{where}: {text[:60]}"


def fill_attributes(size: DogSize, texts: Texts, listing: Listing) -> None:
    """What has no column: volume, pieces, ages, how long a pack lasts, ingredients, analysis, crate tables."""
    found = size.attributes
    bowl = texts.kind == "dog-bowls"
    stated = texts.specs.get("volume") or texts.specs.get("net_weight")
    found["volume_ml"] = volume_ml(texts.both, bowl=bowl) or (volume_ml(stated.text, bowl=bowl) if stated else None)
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

"""Words on labels for breed size, life stage, kind of food and size, in several languages (data/dog_words.csv)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from inventory.taxonomy.phrases import Found, Words, words
from inventory.taxonomy.tables import TaxonomyError, read_rows
from pipelines.inference.breeds import BREED_SIZES, BREEDS, DATA, SPOKEN
from pipelines.inference.phrase_fields import NONE, Hits, PhraseFields, stems_of

COLUMNS: Final = ("field", "value", "phrase", "source")
FIELDS: Final = (
    "breed_size",  # in a title: "large breed"
    "breed_size_value",  # in a field that is a breed size: "large"
    "size_line",  # in the title of a food, where no other thing is meant: "Maxi"
    "brand_size",  # a brand that makes for one size only
    "life_stage",
    "life_stage_label",  # in a label's statement that a food is complete: "maintenance"
    "food_form",
    "food_form_value",
    "food_vessel",  # what only one kind of food is sold in: a tray is wet food, unless something else is said
    "size_label",
    "size_option",
    "sized_thing",  # what a size line's word may describe instead of a dog: "mini nibs"
    "sized_dog",  # what makes a size word one of dogs: "large breed"
    "measure",  # what a length is the length of
)
OF_BREEDS: Final = frozenset({"breed_size", "breed_size_value", "size_line", "brand_size"})
FORMS: Final = (
    "freeze-dried", "air-dried", "dehydrated", "frozen", "semi-moist", "wet", "fresh", "dry", "raw", "treat",
)  # fmt: skip
"""Kinds of food, the most particular first: "freeze-dried raw coated kibble" is freeze-dried."""


TOYS: Final = frozenset({"toy", "toys"})
PLURALS: Final = frozenset({"giants", "minis", "smalls", "mediums", "larges", "maxis"})
"""A size in front of its noun has no plural: "Gentle Giants Dog Food" is a brand's."""


def load(path: Path) -> PhraseFields:
    """Phrases by field. Raises TaxonomyError for an unknown field or value, or a phrase that means two things."""
    phrases: dict[str, dict[str, str]] = {field: {} for field in FIELDS}
    meant: dict[tuple[str, tuple[str, ...]], str] = {}
    for line, row in read_rows(path, COLUMNS):
        field, value, phrase = row["field"], row["value"], row["phrase"]
        if field not in phrases:
            raise TaxonomyError(path, line, f"unknown field {field!r}")
        if field in OF_BREEDS and not set(value.split()) <= set(BREED_SIZES):
            raise TaxonomyError(path, line, f"{value!r} names a size that is none of {BREED_SIZES}")
        if field.startswith("food_") and value not in FORMS:
            raise TaxonomyError(path, line, f"{value!r} is none of {FORMS}")
        if phrase in phrases[field]:
            raise TaxonomyError(path, line, f"the phrase {phrase!r} stands twice")
        key = field, stems_of(phrase)
        if meant.setdefault(key, value) != value:
            raise TaxonomyError(path, line, f"the phrase {phrase!r} already means {meant[key]!r}")
        phrases[field][phrase] = value
    return PhraseFields(phrases | {"breed": SPOKEN})


DOG_WORDS: Final = load(DATA / "dog_words.csv")


def breed_sizes(text: str, *, food: bool = False, brand: str | None = None) -> tuple[str, ...]:
    """The breed sizes a title is meant for, in order of size; () where it names none.

    "Large breed" is meant, "large bed" is not. A breed's name ("Dachshund") stands for the size it is filed under.
    `food`: a size line's bare word counts too ("Maxi Joint Care"). Words that are only the `brand` do not ("Big Dog").
    """
    hits = DOG_WORDS.read(text)
    named: set[str] = set()
    of_brand = {word.text for word in words(brand)} if brand and "breed_size" in hits else set()
    for hit in hits.get("breed_size", NONE):
        parts = [word.text for word in words(text[hit.start : hit.end])]
        if not food and parts[0] in TOYS and len(parts) == 1:
            continue  # "Tough rubber chew toy"
        if parts[0] not in PLURALS and (not of_brand or not of_brand.issuperset(parts)):
            named.update(hit.label.split())
    breeds = {hit.label for hit in hits.get("breed", NONE)}
    if not named and len(breeds) == 1:
        named = {BREEDS[breeds.pop()].size}
    if not named and food:
        named = {hit.label for hit in hits.get("size_line", NONE) if _of_dogs(text, hits, hit)}
        named = named or {size for hit in hits.get("brand_size", NONE) for size in hit.label.split()}
    return ordered(named)


def breed_sizes_value(text: str) -> tuple[str, ...]:
    """The breed sizes in a field that holds nothing else: "Small, Medium", "Maxi (26-44 kg)", "alle Rassen"."""
    hits = DOG_WORDS.read(text)
    named = {size for hit in hits.get("breed_size_value", NONE) for size in hit.label.split()}
    return ordered(named) or breed_sizes(text)


def ordered(named: set[str]) -> tuple[str, ...]:
    """Breed sizes from the smallest."""
    return tuple(size for size in BREED_SIZES if size in named)


def life_stage(text: str, *, label: bool = False) -> str | None:
    """puppy, adult, senior or all; the youngest or oldest named wins over "adult".

    `label`: the text is a label's statement, where "maintenance" is adult.
    """
    hits = DOG_WORDS.read(text)
    named = {hit.label for hit in hits.get("life_stage", NONE)}
    if label:
        named |= {hit.label for hit in hits.get("life_stage_label", NONE)}
    if "all" in named or {"puppy", "senior"} <= named or {"puppy", "adult"} <= named:
        return "all"
    return next((stage for stage in ("puppy", "senior", "adult") if stage in named), None)


def food_form(text: str | Words) -> str | None:
    """How a food is kept: dry, wet, freeze-dried, air-dried, dehydrated, frozen, fresh, raw …; the most particular."""
    hits = DOG_WORDS.read(text) if isinstance(text, str) else DOG_WORDS.find(text)
    named = {hit.label for hit in hits.get("food_form", NONE)}
    return next((form for form in FORMS if form in named), None) if named else None


def food_form_value(text: str) -> str | None:
    """The kind of food in a field that holds nothing else ("treat" among them)."""
    return food_form(text) or next((hit.label for hit in DOG_WORDS.read(text).get("food_form_value", NONE)), None)


def food_vessel(text: str) -> str | None:
    """The kind of food that comes in what a text names: "tray" and "Dose" are wet."""
    return next((hit.label for hit in DOG_WORDS.read(text).get("food_vessel", NONE)), None)


def forms_named(text: str) -> set[str]:
    """All kinds of food that a text names."""
    return {hit.label for hit in DOG_WORDS.read(text).get("food_form", NONE)}


def _of_dogs(text: str, hits: Hits, hit: Found) -> bool:
    """Whether a size line's word is a size of dogs: not for the word behind it, and not in the plural (a brand's)."""
    return not text[hit.start : hit.end].lower().endswith("s") and not followed_by("sized_thing", hits, hit)


def followed_by(field: str, hits: Hits, hit: Found) -> bool:
    """Whether the word behind a hit is one of a field's."""
    return any(other.first == hit.last + 1 for other in hits.get(field, NONE))

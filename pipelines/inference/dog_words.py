"""Words on labels for breed size, life stage, kind of food and size, in several languages (data/dog_words.csv)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from inventory.taxonomy.phrases import Found, PhraseIndex, Word, singular, words
from inventory.taxonomy.tables import TaxonomyError, read_rows
from pipelines.inference.breeds import BREED_SIZES, DATA, find_breed

COLUMNS: Final = ("field", "value", "phrase", "source")
FIELDS: Final = (
    "breed_size",  # in a title: "large breed"
    "breed_size_value",  # in a field that is a breed size: "large"
    "size_line",  # in the title of a food, where no other thing is meant: "Maxi"
    "brand_size",  # a brand that makes for one size only
    "life_stage",
    "food_form",
    "food_form_value",
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


def load(path: Path) -> Mapping[str, PhraseIndex]:
    """Phrases by field. Raises TaxonomyError for an unknown field or value, or a phrase that means two things."""
    phrases: dict[str, dict[str, str]] = {field: {} for field in FIELDS}
    meant: dict[tuple[str, tuple[str, ...]], str] = {}
    for line, row in read_rows(path, COLUMNS):
        field, value, phrase = row["field"], row["value"], row["phrase"]
        if field not in phrases:
            raise TaxonomyError(path, line, f"unknown field {field!r}")
        if field in OF_BREEDS and not set(value.split()) <= set(BREED_SIZES):
            raise TaxonomyError(path, line, f"{value!r} names a size that is none of {BREED_SIZES}")
        if field.startswith("food_form") and value not in FORMS:
            raise TaxonomyError(path, line, f"{value!r} is none of {FORMS}")
        if phrase in phrases[field]:
            raise TaxonomyError(path, line, f"the phrase {phrase!r} stands twice")
        key = field, tuple(singular(word.text) for word in words(phrase))
        if meant.setdefault(key, value) != value:
            raise TaxonomyError(path, line, f"the phrase {phrase!r} already means {meant[key]!r}")
        phrases[field][phrase] = value
    return MappingProxyType({field: PhraseIndex(known.items(), plurals=True) for field, known in phrases.items()})


DOG_WORDS: Final = load(DATA / "dog_words.csv")


def breed_sizes(found: Sequence[Word], *, food: bool = False, brand: str | None = None) -> tuple[str, ...]:
    """The breed sizes a title is meant for, in order of size; () where it names none.

    "Large breed" is meant, "large bed" is not. A breed's name ("Dachshund") stands for the size it is filed under.
    `food`: a size line's bare word counts too ("Maxi Joint Care"). Words that are only the `brand` do not ("Big Dog").
    """
    of_brand = {word.text for word in words(brand or "")}
    named: set[str] = set()
    for hit in DOG_WORDS["breed_size"].find(found):
        if not of_brand or not {word.text for word in found[hit.first : hit.last + 1]} <= of_brand:
            named.update(hit.label.split())
    if not named and (breed := find_breed(list(found))) is not None:
        named = {breed.size}
    if not named and food:
        named = {hit.label for hit in DOG_WORDS["size_line"].find(found) if _of_dogs(found, hit)}
        named = named or {size for hit in DOG_WORDS["brand_size"].find(found) for size in hit.label.split()}
    return ordered(named)


def breed_sizes_value(text: str) -> tuple[str, ...]:
    """The breed sizes in a field that holds nothing else: "Small, Medium", "Maxi (26-44 kg)", "alle Rassen"."""
    found = words(text)
    named = {size for hit in DOG_WORDS["breed_size_value"].find(found) for size in hit.label.split()}
    return ordered(named) or breed_sizes(found)


def ordered(named: set[str]) -> tuple[str, ...]:
    """Breed sizes from the smallest."""
    return tuple(size for size in BREED_SIZES if size in named)


def life_stage(found: Sequence[Word]) -> str | None:
    """puppy, adult, senior or all; the youngest or oldest named wins over "adult"."""
    named = {hit.label for hit in DOG_WORDS["life_stage"].find(found)}
    if "all" in named or {"puppy", "senior"} <= named or {"puppy", "adult"} <= named:
        return "all"
    return next((stage for stage in ("puppy", "senior", "adult") if stage in named), None)


def food_form(found: Sequence[Word]) -> str | None:
    """How a food is kept: dry, wet, freeze-dried, air-dried, dehydrated, frozen, fresh, raw …; the most particular."""
    named = {hit.label for hit in DOG_WORDS["food_form"].find(found)}
    return next((form for form in FORMS if form in named), None)


def food_form_value(text: str) -> str | None:
    """The kind of food in a field that holds nothing else ("treat" among them)."""
    found = words(text)
    return food_form(found) or next((hit.label for hit in DOG_WORDS["food_form_value"].find(found)), None)


def _of_dogs(found: Sequence[Word], hit: Found) -> bool:
    """Whether a size line's word is a size of dogs: not for the word behind it, and not in the plural (a brand's)."""
    if found[hit.last].text.endswith("s"):
        return False
    return not followed_by("sized_thing", found, hit)


def followed_by(field: str, found: Sequence[Word], hit: Found) -> bool:
    """Whether the word behind a hit is one of a field's."""
    return next(DOG_WORDS[field].find(found[hit.last + 1 : hit.last + 2]), None) is not None

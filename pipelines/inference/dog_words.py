"""Words on labels for breed size, life stage and kind of food, in several languages (data/dog_words.csv)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from inventory.taxonomy.phrases import PhraseIndex, Word
from inventory.taxonomy.tables import TaxonomyError, read_rows
from pipelines.inference.breeds import BREED_SIZES, DATA, find_breed

COLUMNS: Final = ("field", "value", "phrase", "source")
FIELDS: Final = ("breed_size", "life_stage", "food_form")


def load(path: Path) -> Mapping[str, PhraseIndex]:
    """Phrases by field. Raises TaxonomyError for an unknown field or breed size, or a phrase given twice."""
    phrases: dict[str, dict[str, str]] = {field: {} for field in FIELDS}
    for line, row in read_rows(path, COLUMNS):
        field, value, phrase = row["field"], row["value"], row["phrase"]
        if field not in phrases:
            raise TaxonomyError(path, line, f"unknown field {field!r}")
        if field == "breed_size" and not set(value.split()) <= set(BREED_SIZES):
            raise TaxonomyError(path, line, f"{value!r} names a size that is none of {BREED_SIZES}")
        if phrase in phrases[field]:
            raise TaxonomyError(path, line, f"the phrase {phrase!r} stands twice")
        phrases[field][phrase] = value
    return MappingProxyType({field: PhraseIndex(known.items(), plurals=True) for field, known in phrases.items()})


DOG_WORDS: Final = load(DATA / "dog_words.csv")


def breed_sizes(found: Sequence[Word]) -> tuple[str, ...]:
    """The breed sizes a title is meant for, in order of size; () where it names none.

    "Large breed" is meant, "large bed" is not. A breed's name ("Dachshund") stands for its sizes.
    """
    named = {size for hit in DOG_WORDS["breed_size"].find(found) for size in hit.label.split()}
    if not named:
        breed = find_breed(list(found))
        named = set(breed.sizes) if breed is not None else set()
    return tuple(size for size in BREED_SIZES if size in named)


def life_stage(found: Sequence[Word]) -> str | None:
    """puppy, adult, senior or all; the youngest or oldest named wins over "adult"."""
    named = {hit.label for hit in DOG_WORDS["life_stage"].find(found)}
    if "all" in named or {"puppy", "senior"} <= named or {"puppy", "adult"} <= named:
        return "all"
    return next((stage for stage in ("puppy", "senior", "adult") if stage in named), None)


def food_form(found: Sequence[Word]) -> str | None:
    """How a food is kept: dry, wet, freeze-dried, air-dried, dehydrated, frozen or fresh; the most particular wins."""
    named = {hit.label for hit in DOG_WORDS["food_form"].find(found)}
    order = ("freeze-dried", "air-dried", "dehydrated", "frozen", "wet", "fresh", "dry")
    return next((form for form in order if form in named), None)

"""What a label that names no product says of food: a flavour, an age of dogs and the weight of a bag, as in "Fenwick
Adult Duck & Rice 12 kg"; and what a pack's weight says of the form."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from inventory.taxonomy.phrases import PhraseIndex, Words
from inventory.taxonomy.tables import TaxonomyError, read_rows
from pipelines.inference.dog_words import DOG_WORDS, food_form
from pipelines.inference.pack_weight import PackWeight, pack_weight
from pipelines.parsing.numbers import has_digit

DATA: Final = Path(__file__).parent / "data"
COLUMNS: Final = ("sign", "phrase", "language", "source")
SIGNS: Final = ("flavour", "label", "sample", "fresh")
"""What is in it; words of food labels; a small bag of dry food; kept cool, where nothing else is said."""
NAMED_FORMS: Final = {"dry": "dry-dog-food", "wet": "wet-dog-food"} | dict.fromkeys(
    ("freeze-dried", "air-dried", "dehydrated", "frozen", "fresh", "raw"), "fresh-dog-food"
)
LEAST_BAG_G: Final = 1000.0
"""Kibble is sold in bags from about a kilogram, tins and pouches hold less (FEDIAF's and shops' usual sizes)."""
TIN_G: Final = (40.0, 1300.0)


def load(path: Path) -> PhraseIndex:
    """The signs of food. Raises TaxonomyError for an unknown sign or a phrase with two."""
    known: dict[str, str] = {}
    for line, row in read_rows(path, COLUMNS):
        if row["sign"] not in SIGNS:
            raise TaxonomyError(path, line, f"unknown sign {row['sign']!r}")
        if known.setdefault(row["phrase"], row["sign"]) != row["sign"]:
            raise TaxonomyError(path, line, f"{row['phrase']!r} is already a {known[row['phrase']]}")
    return PhraseIndex(known, plurals=True)


FOOD_SIGNS: Final = load(DATA / "food_signs.csv")


def implied_food(text: str, found: Words, *, food: bool) -> str | None:
    """The kind of food a text speaks of, None where nothing says that it is food or of which kind.

    Where no product is named (`food` is False), a pack's weight beside a flavour, an age or a breed's size says it.
    """
    if not has_digit(text):
        return None
    signs = {hit.label for hit in FOOD_SIGNS.find(found)}
    if not food and not signs:
        hits = DOG_WORDS.find(found)
        if "life_stage" not in hits and "breed_size" not in hits:
            return None
    pack = pack_weight(text)
    if pack is None:
        return None
    if named := NAMED_FORMS.get(food_form(found) or ""):
        return named
    if "fresh" in signs:
        return "fresh-dog-food"
    return "dry-dog-food" if "sample" in signs else form_by_weight(pack)


def form_in(texts: Iterable[str | None]) -> str | None:
    """The first kind of food that one of a listing's texts names, or its pack's weight tells; None where none does."""
    known = [text for text in texts if text]
    for text in known:
        if form := NAMED_FORMS.get(food_form(text) or ""):
            return form
    for text in known:
        pack = pack_weight(text)
        if pack is not None and (form := form_by_weight(pack)) != "dog-food":
            return form
    return None


def form_by_weight(pack: PackWeight) -> str:
    """Dry from a kilogram a bag, wet where several small ones are sold together, else not known."""
    if pack.pack_count > 1 and TIN_G[0] <= pack.unit_weight_g <= TIN_G[1]:
        return "wet-dog-food"
    return "dry-dog-food" if pack.unit_weight_g >= LEAST_BAG_G else "dog-food"

"""Which category a listing belongs to, from its section, breadcrumbs, title, model and description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from inventory.listing import Listing
from inventory.taxonomy.categories import CATEGORIES, lineage
from inventory.taxonomy.phrases import words
from pipelines.inference.category_model import category_of_model
from pipelines.inference.category_words import CATEGORY_WORDS
from pipelines.inference.dog_words import food_form

OUT_OF_SCOPE: Final = frozenset({"attachments", "not-dog"})
REFINABLE: Final = frozenset({"rollers", "cranes"})
"""Categories whose name dealers use for any of their children; an excavator stays what the dealer calls it."""
REFINE: Final = 0.6
DOG_STEMS: Final = ("dog", "pupp", "hund", "chien", "perr", "cane", "honden", "canine")
FOOD_FORMS: Final = {"dry": "dry-dog-food", "wet": "wet-dog-food"} | dict.fromkeys(
    ("freeze-dried", "air-dried", "dehydrated", "frozen", "fresh"), "fresh-dog-food"
)
LEAST: Final = 0.25
"""A model's category less likely than this is not given."""
DESCRIPTION: Final = 300
"""How many characters of a description may name the category; further down it speaks of other things."""


@dataclass(frozen=True, slots=True)
class Classified:
    """A category's slug (None: unknown), how sure that is (0 to 1), and what it was read from."""

    category: str | None
    confidence: float
    method: str


def classify(listing: Listing) -> Classified:
    """The listing's category: what the title calls it, what the dealer's section says, what its model number means.

    A word in the title decides where it does not contradict the section; a model number makes a general word
    ("excavator") more exact. Nothing known is None with confidence 0.
    """
    given = given_category(listing)
    title = listing.title or str(listing.raw.get("title") or "")
    named = category_named(title, listing)
    if named is not None and (given is None or given in lineage(named) or named in OUT_OF_SCOPE):
        return refined(named, listing, Classified(named, 0.97, "title"))
    if given is not None:
        return refined(given, listing, Classified(given, 0.95, "section"))
    for crumb in reversed(listing.raw.get("breadcrumbs") or []):
        found = category_named(str(crumb), listing)
        if found is not None:
            return refined(found, listing, Classified(found, 0.9, "breadcrumbs"))
    meant = (
        category_of_model(listing.make, listing.model) if listing.vertical == "equipment" and listing.model else None
    )
    if meant is not None and meant[1] >= LEAST:
        return Classified(meant[0], round(meant[1], 3), "model table")
    found = category_named((listing.description or "")[:DESCRIPTION], listing)
    if found is not None:
        return Classified(found, 0.6, "description")
    return Classified(None, 0.0, "unknown")


def refined(category: str, listing: Listing, otherwise: Classified) -> Classified:
    """The child of a category that the model number surely tells: a "roller" BW213 is a vibratory one."""
    if listing.vertical != "equipment" or not listing.model or category not in REFINABLE:
        return otherwise
    meant = category_of_model(listing.make, listing.model)
    if meant is not None and meant[0] != category and category in lineage(meant[0]) and meant[1] >= REFINE:
        return Classified(meant[0], round(otherwise.confidence * meant[1], 3), f"{otherwise.method}, model table")
    return otherwise


def given_category(listing: Listing) -> str | None:
    """The category that the dealer's file or the source states: a slug, or words for one."""
    for text in (listing.raw.get("category"), listing.section):
        if text in CATEGORIES and CATEGORIES[str(text)].vertical == listing.vertical:
            return str(text)
        if text and text != "all":
            found = category_named(str(text), listing)
            if found is not None:
                return found
    return None


def category_named(text: str, listing: Listing) -> str | None:
    """The category that the last category word of a text names: in "excavator bucket" the bucket is sold.

    Among dog products a word for another animal counts only where no dog is named ("for dogs & cats" is for dogs).
    """
    found = words(text)
    labels = [hit.label for hit in CATEGORY_WORDS[listing.vertical].find(found)]
    if listing.vertical == "dog":
        if "not-dog" in labels:
            if not any(word.text.startswith(DOG_STEMS) for word in found):
                return "not-dog"
            labels = [label for label in labels if label != "not-dog"]
        if labels and labels[-1] == "dog-food":
            return FOOD_FORMS.get(food_form(found) or "", "dog-food")
    return labels[-1] if labels else None

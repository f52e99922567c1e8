"""Which category a listing belongs to, from its section, breadcrumbs, title, model and description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from inventory.listing import Listing
from inventory.taxonomy.categories import CATEGORIES, lineage
from inventory.taxonomy.phrases import words
from pipelines.inference.category_words import CATEGORY_WORDS

FALLBACK: Final = {"equipment": "other-equipment", "dog": "other-dog"}


@dataclass(frozen=True, slots=True)
class Classified:
    """A category's slug (None: unknown), how sure that is (0 to 1), and what it was read from."""

    category: str | None
    confidence: float
    method: str


def classify(listing: Listing) -> Classified:
    """The listing's category. A slug the dealer's file gives counts most, then title, breadcrumbs, description."""
    given = given_category(listing)
    named = category_named(listing.title or str(listing.raw.get("title") or ""), listing)
    if named is not None and (given is None or given in lineage(named) or named in ("attachments", "not-dog")):
        return Classified(named, 0.97, "title")
    if given is not None:
        return Classified(given, 0.95, "section")
    for crumb in reversed(listing.raw.get("breadcrumbs") or []):
        found = category_named(str(crumb), listing)
        if found is not None:
            return Classified(found, 0.9, "breadcrumbs")
    found = category_named((listing.description or "")[:300], listing)
    if found is not None:
        return Classified(found, 0.6, "description")
    return Classified(None, 0.0, "unknown")


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
    """The category that the last category word of a text names: in "excavator bucket" the bucket is sold."""
    found = list(CATEGORY_WORDS[listing.vertical].find(words(text)))
    if not found:
        return None
    labels = [hit.label for hit in found]
    if listing.vertical == "dog" and "not-dog" in labels and not any(w.text.startswith("dog") for w in words(text)):
        return "not-dog"
    labels = [label for label in labels if label != "not-dog"] or ["not-dog"]
    return labels[-1]

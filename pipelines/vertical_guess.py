"""Which vertical a record is of, where nobody says it: what its fields and words mean in one and not in the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from inventory.listing import Listing, Vertical
from inventory.taxonomy.categories import CATEGORIES
from pipelines.inference.category import classify
from pipelines.inference.infer import infer_category_and_model

_OF_DOGS: Final = ("breed_sizes", "dog_weight_min_kg", "dog_weight_max_kg", "food_form", "life_stage", "net_weight_g")
_OF_MACHINES: Final = ("hours", "serial_number", "operating_weight_kg")
_ELSEWHERE: Final = frozenset({"not-dog", "attachments", "other-equipment"})
"""Categories that say what a thing is not."""

MAX_TEXT: Final = 20_000
"""Characters that are read of a text: a guess costs no more where somebody writes a book into a title."""

LEAST: Final = 0.5
AHEAD: Final = 0.2
"""How much surer one reading must be than the other."""


def guessed_vertical(said: Mapping[str, Any]) -> Vertical | None:
    """The vertical of a record, or None where its words leave it open. A category's slug decides."""
    category = said.get("category")
    if isinstance(category, str) and category in CATEGORIES:
        vertical: Vertical = "dog" if CATEGORIES[category].vertical == "dog" else "equipment"
        return vertical
    dog, machine = any(name in said for name in _OF_DOGS), any(name in said for name in _OF_MACHINES)
    if dog != machine:
        return "dog" if dog else "equipment"
    as_dog, as_machine = _sure(said, "dog"), _sure(said, "equipment")
    if max(as_dog, as_machine) < LEAST or abs(as_dog - as_machine) < AHEAD:
        return None
    return "dog" if as_dog > as_machine else "equipment"


def _sure(said: Mapping[str, Any], vertical: Vertical) -> float:
    """How sure the record's category is, read as one of a vertical (0 to 1)."""
    texts = {
        name: said[name][:MAX_TEXT]
        for name in ("title", "description", "make", "model", "section")
        if _is_text(said, name)
    }
    crumbs = said.get("breadcrumbs")
    raw = {"breadcrumbs": [text for text in crumbs if isinstance(text, str)]} if isinstance(crumbs, list) else {}
    listing = Listing(dealer="", vertical=vertical, raw=raw, **texts)
    if vertical == "equipment":
        infer_category_and_model(listing)
        category, confidence = listing.category, listing.category_confidence or 0.0
    else:
        found = classify(listing)
        category, confidence = found.category, found.confidence
    return 0.0 if category is None or category in _ELSEWHERE else confidence


def _is_text(said: Mapping[str, Any], name: str) -> bool:
    return isinstance(said.get(name), str)

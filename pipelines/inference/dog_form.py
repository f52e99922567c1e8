"""How a dog food is kept: dry, wet, frozen … as it says itself, else by the category and the habits of the trade."""

from __future__ import annotations

import re
from typing import Final

from pipelines.inference.dog_texts import Texts
from pipelines.inference.dog_words import food_form, food_form_value, food_vessel, forms_named
from pipelines.inference.pack_weight import PackWeight

PRESERVED: Final = frozenset({"freeze-dried", "air-dried", "dehydrated", "frozen"})
COLD: Final = frozenset({"raw", "fresh"})
NEVER: Final = re.compile(r"\b(?:never|not|nicht|nie|jamais|nunca|mai|nooit) \w+", re.IGNORECASE)
OPENING: Final = 400
"""Characters of a description that speak of the product itself."""
BAG_G: Final = 1400.0
"""The biggest can of the trade holds 1,240 g, the smallest bag of the common kind 1.5 kg."""
CAN_G: Final = (40.0, 1300.0)
FORMS: Final = {"dry-dog-food": "dry", "wet-dog-food": "wet"}


def form_of_food(texts: Texts, category: str, pack: PackWeight | None) -> tuple[str | None, str]:
    """How a food is kept, and which words say so: a row, the title, the category, else the habits of the trade."""
    stated = texts.specs.get("food_form")
    if stated and (form := food_form_value(stated.text)):
        return form, f"{stated.where}: {stated.text[:60]}"
    form = food_form(texts.title) or food_form(texts.variant)
    if texts.kind == "dog-treats":
        return (form, f"title: {texts.title[:60]}") if form in PRESERVED else (None, "")
    opening = (texts.description or "")[:OPENING]
    if form in COLD and (kept := forms_named(opening) & PRESERVED) and not NEVER.search(opening):
        return sorted(kept)[-1], "description"
    if form:
        return form, f"title: {texts.title[:60]}"
    if category in FORMS or (form := food_form(texts.breadcrumbs)):
        return FORMS.get(category) or form, "category"
    if form := food_vessel(texts.both):
        return form, f"title: {texts.title[:60]}"
    if len(named := forms_named(opening)) == 1:
        return named.pop(), f"description: {opening[:60]}"
    return habitual_form(pack) if category == "dog-food" else None, "rule: what the trade sells in such packs"


def habitual_form(pack: PackWeight | None) -> str | None:
    """Several small packs are cans or pouches, a big one is a bag of dry food."""
    if pack is None:
        return None
    if pack.unit_weight_g >= BAG_G:
        return "dry"
    return "wet" if pack.pack_count > 1 and CAN_G[0] <= pack.unit_weight_g <= CAN_G[1] else None

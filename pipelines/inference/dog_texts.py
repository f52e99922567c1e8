"""The texts of a dog product's listing, sorted by what they are good for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from inventory.listing import Listing
from inventory.taxonomy.categories import lineage
from pipelines.inference.dog_specs import Said, read_dog_specs

VARIANT: Final = ("variant", "size", "size_label", "option")
"""Raw fields in which platforms put the variant that is sold ("2 kg", "M / Red")."""
STATEMENTS: Final = (
    "aafco", "complete feed", "complete pet f", "complete dog f", "alleinfutter", "aliment complet",
    "alimento completo", "pienso completo", "mangime completo", "volledig", "complete food", "complete and balanced",
    "compleet", "karma pełnoporcjowa", "kompletní krmivo", "полнорационн", "tam ve dengeli", "helfoder", "fullfoder",
    "fuldfoder", "fullfôr", "ração completa", "総合栄養食",
)  # fmt: skip
LABEL_CHARS: Final = 6000
STATEMENT_CHARS: Final = 160
"""The sentence on a label that says for whom a food is complete (AAFCO; Regulation (EC) 767/2009, art. 15)."""


@dataclass(frozen=True, slots=True)
class Texts:
    """A listing's texts as the rules below need them."""

    title: str
    variant: str
    both: str
    specs: dict[str, Said]
    others: list[Said]
    breadcrumbs: str
    description: str | None
    kind: str | None
    brand: str | None


def texts_of(listing: Listing) -> Texts:
    """A listing's texts, its specification read by what it is about."""
    raw = listing.raw
    title = listing.title or str(raw.get("title") or "")
    variant = variant_text(raw)
    specs, others = read_dog_specs(raw)
    breadcrumbs = " | ".join(str(crumb) for crumb in raw.get("breadcrumbs") or [])
    kind = lineage(listing.category)[-1] if listing.category else None
    both = title if not variant or variant in title else f"{title} | {variant}"
    return Texts(title, variant, both, specs, others, breadcrumbs, listing.description, kind, listing.brand)


def variant_text(raw: dict[str, Any]) -> str:
    """The words of the variant that is sold, from whichever raw field holds them."""
    return " ".join(str(raw[name]) for name in VARIANT if raw.get(name) and raw[name] != "Default Title")


STEMS: Final = tuple(
    (stem, tuple(opening for opening in STATEMENTS if opening.startswith(stem)))
    for stem in sorted({opening[:6] for opening in STATEMENTS})
)
"""Openings by their first signs: a dozen looks at a text instead of two dozen."""


def said_on_label(description: str | None) -> tuple[Said, ...]:
    """A description's statements for whom the food is complete: "complete feed for adult dogs"."""
    return _statements(description[:LABEL_CHARS]) if description else ()


@lru_cache(maxsize=64)
def _statements(text: str) -> tuple[Said, ...]:
    lowered = text.lower()
    places = {lowered.find(opening) for stem, openings in STEMS if stem in lowered for opening in openings}
    found, behind = [], 0
    for start in sorted(places - {-1}):
        if start >= behind:  # "complete and balanced … AAFCO" is one statement
            sentence = lowered[start : start + STATEMENT_CHARS].partition("\n")[0].partition(". ")[0]
            found.append(Said(sentence, "description"))
            behind = start + len(sentence)
    return tuple(found)

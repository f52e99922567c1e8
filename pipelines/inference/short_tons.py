"""American tons: what a dealer of trucks or cranes in America calls a ton is 2,000 lb."""

from __future__ import annotations

import re
from typing import Final

from inventory.listing import Listing
from inventory.taxonomy.categories import Category, lineage

IN_SHORT_TONS: Final = frozenset({"cranes", "articulated-trucks", "rigid-trucks"})
"""Families that American makers and dealers rate in short tons (2,000 lb)."""
TONS: Final = re.compile(r"(?<!short )(?<!metric )(?<!us )(?<!long )(?<![\w])tons?\b", re.IGNORECASE)
AMERICAN: Final = re.compile(
    r"\d ?(?:lbs?|ft|miles|mi)\b|\b(?:Peterbilt|Kenworth|Freightliner|Mack|Sterling|Western Star|boom truck|carry ?deck"
    r"|Link-?Belt|National Crane|Manitex|Altec|Broderson|Shuttlelift|Elliott|short tons?)\b",
    re.IGNORECASE,
)
"""Pounds, feet and miles; chassis, kinds and makes of cranes that are sold in America before all."""
METRIC: Final = re.compile(r"\d ?(?:kg|mm|cm|km|m|kW)\b")


def counts_in_short_tons(listing: Listing, category: Category | None) -> bool:
    """Whether "50 tons" of this listing are short tons."""
    if category is None or IN_SHORT_TONS.isdisjoint(lineage(category.slug)):
        return False
    if listing.country is not None:
        return listing.country == "US"
    said = f"{listing.title} {listing.make} {listing.description} {listing.raw.get('specs')}"
    return AMERICAN.search(said) is not None and METRIC.search(said) is None


def in_short_tons(text: str) -> str:
    """The text with each plain ton called a short one."""
    return TONS.sub("short tons", text)

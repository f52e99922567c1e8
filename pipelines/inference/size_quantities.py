"""Which quantities tell a machine's size: for each basis the named quantities, best first, and how they become it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from inventory.taxonomy.categories import Category


class Way(NamedTuple):
    """A quantity (data/spec_names.csv) that tells a size: size = value × factor + offset, in the category's unit."""

    quantity: str
    factor: float = 1.0
    offset: float = 0.0

    @property
    def direct(self) -> bool:
        """Whether it is the size itself, not reckoned from something else."""
        return self.factor == 1.0 and self.offset == 0.0


UNDER_WORKING_HEIGHT_FT: Final = -6.5617
"""A person on the platform reaches 2 m above it; makers print both heights that far apart (6 ft in America)."""
WEIGHTS: Final = (Way("operating_weight"), Way("weight"), Way("gross_weight"), Way("shipping_weight"))
LADEN: Final = frozenset({"payload"})
"""Bases of machines whose gross weight is with their load, and says nothing of the machine's own."""
WAYS: Final[Mapping[str, tuple[Way, ...]]] = MappingProxyType(
    {
        "operating weight": WEIGHTS,
        "net power": (Way("net_power"), Way("power"), Way("gross_power", 0.95)),
        "rated operating capacity": (
            Way("rated_operating_capacity_50"),
            Way("rated_operating_capacity"),
            Way("capacity"),
            Way("lift_capacity"),
            Way("tipping_load", 0.5),
            Way("rated_operating_capacity_35", 50 / 35),
        ),
        "digging depth": (Way("digging_depth"),),
        "payload": (Way("payload"), Way("capacity"), Way("lift_capacity")),
        "lift capacity": (Way("lift_capacity"), Way("capacity"), Way("payload"), Way("rated_operating_capacity")),
        "platform height": (Way("platform_height"), Way("working_height", offset=UNDER_WORKING_HEIGHT_FT)),
        "rated output": (
            Way("prime_output"),
            Way("rated_output"),
            Way("standby_output", 0.91),
            Way("power"),
            Way("capacity"),
        ),
        "free air delivery": (Way("free_air_delivery"), Way("capacity")),
        "mast height": (Way("mast_height"),),
        "bowl capacity": (Way("bowl_capacity"), Way("capacity")),
    }
)
TRACK_LOADERS: Final = (
    Way("rated_operating_capacity_35"),
    Way("rated_operating_capacity"),
    Way("capacity"),
    Way("lift_capacity"),
    Way("tipping_load", 0.35),
    Way("rated_operating_capacity_50", 0.7),
)
"""ISO 14397-1: loaders on tracks are rated at 35 % of the tipping load, those on wheels at half of it."""


def ways(category: Category) -> tuple[Way, ...]:
    """The quantities that tell the size of a machine of the category, best first; () where it has no size."""
    if category.slug == "compact-track-loaders":
        return TRACK_LOADERS
    return WAYS.get(category.size_basis or "", ())


def weight_ways(category: Category | None) -> tuple[Way, ...]:
    """The quantities that tell its operating weight."""
    if category is not None and category.size_basis in LADEN:
        return tuple(way for way in WEIGHTS if way.quantity != "gross_weight")
    return WEIGHTS

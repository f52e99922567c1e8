"""A dealer file in the making: what was found, why, and what is left to a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from inventory.listing import Vertical


@dataclass(slots=True)
class SectionFound:
    """A list of stock. `category`: a slug or `all`; `count`: how many things it has, where known; `why`: evidence."""

    url: str
    category: str
    why: str
    count: int | None = None
    name: str = ""


@dataclass(slots=True)
class Draft:
    """`evidence`: why this platform. `listings`: how many a crawl should find at the least; None where unknown."""

    platform: str
    evidence: str
    sections: list[SectionFound] = field(default_factory=list)
    vertical: Vertical | None = None
    walk: dict[str, Any] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)
    map: dict[str, str] = field(default_factory=dict)
    hosts: list[str] = field(default_factory=list)
    currency: str | None = None
    render: Literal["never", "auto"] = "never"
    listings: int | None = None
    words: list[str] = field(default_factory=list)
    """Names of sections and things, by which the vertical is told."""
    notes: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)


class Undecided(Exception):
    """No dealer file can be written; the message says why and what to do next."""

"""A price that stands on a page, and what the elements around it say it is by usual class names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lxml import etree

from crawler.extraction.texts import Node
from crawler.extraction.visible import Visible, ancestors, names_say
from pipelines.parsing.lexicon import fold
from pipelines.parsing.money import Money, parse_money

_NAMING: Final = ("class", "id", "itemprop", "data-testid")
_LONGEST_LABEL: Final = 40
MARK_LEVELS: Final = 4
"""Elements around a price whose class names are about it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A price on the page."""

    text: str
    money: Money
    node: Node
    score: float
    shape: str
    why: str
    aside: bool = False
    """In a part of the page about something else."""
    listed: bool = False
    """In one of several boxes alike that lead to other pages."""
    marked: bool = False
    """Marked as a price by a usual class name, or by a label."""
    former: int | None = None
    """How far up it is marked as the price before, 0 by words in front of it; `None` if it is not."""
    other: bool = False
    """Marked as no price of the thing: shipping, a saving, a deposit."""

    @property
    def is_rate(self) -> bool:
        """Whether the amount is for a time."""
        return self.money.price_period not in (None, "once")


def mark_level(element: etree._Element, zone: str, levels: int = MARK_LEVELS) -> int | None:
    """How far up the nearest element with a usual name of the zone is: 0 is the element itself, `None` says none is."""
    for level, around in enumerate(ancestors(element, levels)):
        for attribute in _NAMING:
            names = around.get(attribute)
            if names and names_say(names, zone):
                return level
    return None


def label_of(visible: Visible, node: Node) -> str:
    """The short text without an amount right before, folded; "" without one."""
    before = visible.nodes[node.index - 1].text if node.index else ""
    return "" if len(before) > _LONGEST_LABEL or any(map(str.isdigit, before)) else fold(before)


def stands_badly(text: str, candidates: Iterable[Candidate], enough: float = 0.0) -> bool:
    """Whether a price stands nowhere well enough where it is seen: among related things, struck out, in a list."""
    amount = parse_money(text).amount
    places = [c.score for c in candidates if c.money.amount == amount]
    return bool(places) and max(places) < enough

"""The regular price beside the price: struck out, in an element of a usual class name, or behind its words.

"Was £49.99", "UVP 129,00 €", `<del>`, `class="old-price"`. Only an amount above the price is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Final

from crawler.extraction.main_price import SIGN, joined_price
from crawler.extraction.price_candidate import MARK_LEVELS, label_of, mark_level
from crawler.extraction.reading import Reading
from crawler.extraction.texts import Node
from crawler.extraction.visible import Visible, ancestors
from pipelines.parsing.lexicon import fold
from pipelines.parsing.money import Amount, find_amounts, parse_money, says_former, says_other

_BESIDE: Final = 5
"""Texts before and behind the price among which the regular one stands."""
_BEFORE: Final = 40
_FAR: Final = 600
"""Texts behind the heading among which the price is looked for, where nobody has found it yet."""
_PLACES: Final = 3
_LONGEST: Final = 60
_HIGHEST: Final = 10
"""So many times the price is no regular price any more."""
_NO_DIGITS: Final = str.maketrans("", "", "., '’\xa0\u202f")


def read_regular_price(visible: Visible, found: Reading, node: Node | None) -> None:
    """Note `regular_price`, unless it is known. `node`: where the price stands, if it was looked for."""
    price = parse_money(found.raw.get("price")).amount
    if "regular_price" in found.raw or not price or found.raw.get("offer_type") == "rent":
        return
    for at in [node] if node is not None else _places(visible, price):
        for other in _around(visible, at):
            regular = _former(visible, other, at)
            if regular is not None and price < regular <= price * _HIGHEST:
                found.put("regular_price", str(regular), f"text “{other.text}” beside the price")
                return


def _places(visible: Visible, price: Decimal) -> Iterator[Node]:
    """Where the page's data gives the price: the first texts around the main heading that say it."""
    digits, start, count = str(int(price)), visible.heading_at or 0, 0
    for node in visible.nodes[max(0, start - _BEFORE) : min(start + _FAR, visible.main_end)]:
        text = node.text
        if (
            len(text) > _LONGEST
            or digits[0] not in text
            or digits not in text.translate(_NO_DIGITS)
            or visible.is_aside(node.element)
        ):
            continue
        shown = parse_money(text).amount
        if price in (shown, parse_money(joined_price(node)).amount if shown == int(price) else None):
            yield node
            count += 1
        if count >= _PLACES:
            return


def _around(visible: Visible, at: Node) -> list[Node]:
    """The texts beside the price, the nearest first, itself included ("Was $99 Now $79")."""
    beside = visible.nodes[max(0, at.index - _BESIDE) : at.index + _BESIDE + 1]
    return sorted(beside, key=lambda other: abs(other.index - at.index))


def _former(visible: Visible, other: Node, at: Node) -> Decimal | None:
    """The amount of a text beside the price if something says that it is the one before."""
    text = other.text
    if len(text) > _LONGEST or not any(map(str.isdigit, text)):
        return None
    zone = visible.zone(other.element)
    if zone.hidden:
        return None
    mark = mark_level(other.element, "before_price")
    if zone.elsewhere and mark is None:  # "compare-at-price" is named like a comparison of products
        return None
    shown = text if SIGN.search(text) else joined_price(other) or text
    folded = fold(shown)
    label = label_of(visible, other)
    for amount in _amounts(folded):
        before = folded[: amount.start]
        if says_other(before) or (not before.strip() and says_other(label)):
            continue
        if says_former(before) or (not before.strip() and says_former(label)):
            return amount.value
        if amount.token and other is not at and (zone.struck or _is_marked_apart(other, mark, at)):
            return amount.value
    return None


@lru_cache(maxsize=4096)
def _amounts(folded: str) -> tuple[Amount, ...]:
    return tuple(find_amounts(folded))


def _is_marked_apart(other: Node, mark: int | None, price: Node) -> bool:
    """Whether the mark "the price before" is on an element that holds this text and not the price."""
    if mark is None:
        return False
    marked = ancestors(other.element, mark + 1)[mark]
    return marked is not price.element and marked not in ancestors(price.element, MARK_LEVELS + 2)

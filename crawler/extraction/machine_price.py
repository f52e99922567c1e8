"""A machine's price where nothing marks it: the best amount by itself between the heading and what is related.

Asked only of pages about one machine. Rates, old prices, deposits and what stands among words are left out.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crawler.extraction.price_candidate import Candidate
from crawler.extraction.reading import Reading
from crawler.extraction.visible import Visible
from pipelines.inference.title import read_title
from pipelines.parsing.money import status_without_amount

_LONGEST: Final = 60
_LEAST: Final = Decimal(30)
"""Less is no machine's price, nor its rent for a day."""
_FAR: Final = 60


def machine_price(visible: Visible, candidates: list[Candidate], found: Reading) -> Candidate | None:
    """The candidate of the highest score among those that stand by themselves; None where the page names no machine."""
    if visible.heading_at is None or not _names_a_machine(visible, found):
        return None
    start, end = visible.heading_at, visible.main_end
    if _says_there_is_none(visible, start, min(end, start + _FAR)):
        return None
    own = [c for c in candidates if start < c.node.index < min(end, start + _FAR) and _stands_alone(visible, c)]
    return max(own, key=lambda c: (c.score, -c.node.index), default=None)


def _stands_alone(visible: Visible, candidate: Candidate) -> bool:
    amount = candidate.money.amount
    return (
        candidate.score > 0
        and len(candidate.text) <= _LONGEST
        and sum(map(str.isalpha, candidate.text)) <= _LONGEST // 2
        and not (candidate.aside or candidate.listed or candidate.other or candidate.is_rate)
        and candidate.former is None
        and not visible.zone(candidate.node.element).struck
        and amount is not None
        and amount >= _LEAST
    )


def _says_there_is_none(visible: Visible, start: int, end: int) -> bool:
    """Whether a short text says that the machine is sold or its price to be asked for."""
    return any(
        len(node.text) <= _LONGEST and not visible.is_aside(node.element) and status_without_amount(node.text)
        for node in visible.nodes[start:end]
    )


def _names_a_machine(visible: Visible, found: Reading) -> bool:
    if not found.lacks("make", "model"):
        return True
    title = read_title(visible.heading_said)
    return title.make is not None and title.model is not None

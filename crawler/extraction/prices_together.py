"""Prices that stand together: which of them is the price, and which the one before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from crawler.extraction.price_candidate import Candidate
from crawler.extraction.visible import Visible

OTHER_PRICE: Final = 3.0
"""What a mark "another price" costs a candidate."""
_TOGETHER: Final = 6
"""Texts between two prices that are seen as one."""
_MOST: Final = 3
"""More different amounts than these are no price and its former ones, but a list."""


def settle_together(visible: Visible, candidates: list[Candidate]) -> list[Candidate]:
    """Candidates in reading order, the mark "the price before" lifted where no price beside it is without one.

    "regular-price" and "discount" are said of the price itself as well as of the one before. Where all that stand
    together are marked, the price is the one whose mark is farthest out, else the lowest.
    """
    lifted: dict[int, Candidate] = {}
    for group in _groups(visible, candidates):
        if any(c.former is None for c in group) or len({c.money.amount for c in group}) > _MOST:
            continue
        best = max(group, key=lambda c: (c.former or 0, -(c.money.amount or 0)))
        why = f"{best.why}, no other price here {OTHER_PRICE:+.1f}"
        lifted[best.node.index] = replace(best, score=best.score + OTHER_PRICE, why=why)
    return [lifted.get(candidate.node.index, candidate) for candidate in candidates]


def _groups(visible: Visible, candidates: list[Candidate]) -> Iterator[list[Candidate]]:
    """The prices of the page's own thing that are not struck out, those of a few texts' distance together."""
    group: list[Candidate] = []
    for candidate in candidates:
        if candidate.aside or candidate.listed or candidate.other or candidate.is_rate:
            continue
        if visible.zone(candidate.node.element).struck:
            continue
        if group and candidate.node.index - group[-1].node.index > _TOGETHER:
            yield group
            group = []
        group.append(candidate)
    if group:
        yield group

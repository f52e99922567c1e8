"""In which sections of a healthy crawl a listing that was not seen counts as missing. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Final

from crawler.tracking.dealer_crawl import SectionWalk

SHRUNK_BELOW: Final = 0.6
"""Below this share of the median of the last healthy crawls, a missing listing proves nothing."""

NAMED: Final = 3
"""Sections that a reason names; of more it says only how many."""


def comparable_sections(
    sections: Mapping[str, SectionWalk], before: Mapping[str, tuple[int, ...]]
) -> tuple[frozenset[str], str]:
    """The sections that may be compared with what was known, and why not the others, for a person.

    `before` says how many listings the last healthy crawls saw in a section when it was walked to its end.
    """
    against = {name: _against(walk, before.get(name, ())) for name, walk in sections.items()}
    told = [f"{name}: {why}" for name, why in against.items() if why]
    reason = "; ".join(told[:NAMED]) + (f"; {len(told) - NAMED} more sections" if len(told) > NAMED else "")
    comparable = frozenset(name for name, why in against.items() if not why)
    return comparable, f"what is missing is not taken as gone in {reason}" if reason else ""


def _against(walk: SectionWalk, before: tuple[int, ...]) -> str:
    """What speaks against comparing a section; nothing where nothing does."""
    if not walk.complete:
        return "not walked to its end"
    if walk.unread:
        return f"{walk.unread} that could not be read"
    if not before:
        return "first walk"
    usual = median(before)
    return f"{walk.listings} listings, usually {usual:.0f}" if walk.listings < SHRUNK_BELOW * usual else ""

"""A crawl that was paused, as it is written down."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PausedCrawl:
    """A crawl that goes on: what was counted, and which requests are queued (their tokens)."""

    crawl_id: int
    sections: list[str]
    seconds: float
    counted: dict[str, int]
    open: list[str]
    begun: bool
    """Whether all first pages of its sections were queued."""

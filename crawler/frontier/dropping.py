"""Letting go of what is queued of a crawl that was cut short."""

from __future__ import annotations

from typing import Final, Protocol, runtime_checkable

LOCAL_SCHEDULER: Final = "crawler.frontier.local.LocalScheduler"
"""SCHEDULER of a process that crawls alone."""

MOST_LET_GO: Final = 10_000
"""Requests of one crawl that are written down: of a dealer whose pages all fail, more would say nothing new
(`crawls.errors` counts)."""


@runtime_checkable
class Dropping(Protocol):
    """A scheduler that can do so at once; else each request is refused when its turn comes."""

    def drop(self, dealer: str) -> None:
        """Let go of all requests of a dealer."""

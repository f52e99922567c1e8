"""Crawls that several processes share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from scrapy import Request

from crawler.frontier.wire import Failed
from crawler.spiders.plan import Planned


@runtime_checkable
class Together(Protocol):
    """A crawl book that can."""

    def waits(self, dealer: str, token: str) -> None:
        """A request is not done before one thing more is settled."""

    def put_off(self, request: Request, token: str | None, failed: Failed, wait_s: float, most: int) -> bool:
        """Ask for a request so long after all else of its crawl; False where that cannot be, and it has failed."""

    async def crawl_together(
        self, planned: Sequence[Planned], *, limit: int | None, fresh: bool, due: bool = False
    ) -> None:
        """Queue these dealers, and work at them until they are done."""

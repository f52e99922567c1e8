"""What rendering may cost: credits of the hosted API by day, drawn pages by crawl.

Counted in the database where several processes share it, or in this process.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy.exc import OperationalError

from crawler.tracking.dealer_crawl import DealerCrawl
from inventory.engine import said, writer_engine
from inventory.settings import Settings
from inventory.store import render_credits

logger = logging.getLogger(__name__)


class Credits(Protocol):
    """A day's budget."""

    async def reserve(self, credits: int) -> str | None:
        """Set credits aside; of which day (ISO 8601), or None where there are none left."""

    async def settle(self, day: str, reserved: int, used: int) -> None:
        """What they became."""

    def dispose(self) -> None:
        """Give connections back."""


class DatabaseCredits:
    """Shared by all processes at one database."""

    def __init__(self, settings: Settings) -> None:
        self._engine = writer_engine(settings)
        self._budget = settings.render_budget_credits

    async def reserve(self, credits: int) -> str | None:
        day = _today()
        there = await asyncio.to_thread(render_credits.reserve, self._engine, day, credits, self._budget)
        return day if there else None

    async def settle(self, day: str, reserved: int, used: int) -> None:
        await asyncio.to_thread(render_credits.settle, self._engine, day, reserved, used)

    def dispose(self) -> None:
        self._engine.dispose()


class DryCredits:
    """Of this process alone: a dry run writes nowhere."""

    def __init__(self, budget: int) -> None:
        self._left = budget

    async def reserve(self, credits: int) -> str | None:
        if self._left < credits:
            return None
        self._left -= credits
        return _today()

    async def settle(self, day: str, reserved: int, used: int) -> None:
        self._left += reserved - used

    def dispose(self) -> None:
        return None


class DrawnPages:
    """Pages that a browser draws for a crawl: counted in the crawl's row where several workers share it (`shared`)."""

    def __init__(self, settings: Settings, *, shared: bool) -> None:
        self.budget = settings.render_budget_pages
        self._engine = writer_engine(settings) if shared else None

    async def take(self, crawl: DealerCrawl) -> bool:
        """Count one more; False where the crawl's budget does not have it."""
        if crawl.pages_rendered >= self.budget:
            return False
        crawl.pages_rendered += 1
        if self._engine is None or not crawl.crawl_id:
            return True
        try:
            there = await asyncio.to_thread(render_credits.draw, self._engine, crawl.crawl_id, self.budget)
        except OperationalError as error:  # while it is away, each worker has its own count
            logger.warning("%s: a drawn page is not counted for all workers: %s", crawl.dealer.name, said(error))
            return True
        crawl.pages_rendered -= not there
        return there

    def dispose(self) -> None:
        """Give connections back."""
        if self._engine is not None:
            self._engine.dispose()


def _today() -> str:
    return datetime.now(UTC).date().isoformat()

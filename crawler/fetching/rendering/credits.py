"""What the hosted rendering API may cost a day: counted in the database, or in this process for a dry run."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Protocol

from inventory.engine import writer_engine
from inventory.settings import Settings
from inventory.store import render_credits


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


def _today() -> str:
    return datetime.now(UTC).date().isoformat()

"""When a page that draws itself is done: nothing is on its way any more, for a moment, and something is there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from playwright.async_api import Page, Request

from crawler.fetching.rendering.page_gate import PageGate

STILL_S: Final = 0.25
"""So long nothing may have been asked for; longer than an application needs to draw what it got."""

SLOWEST_S: Final = 8.0
"""Then what is there is taken: some pages never rest."""


class Stillness:
    """Follows the requests of a page from before it is opened."""

    def __init__(self, page: Page, gate: PageGate) -> None:
        self._gate = gate
        self._pending: set[Request] = set()
        self._since = time.monotonic()
        page.on("request", self._asked)
        page.on("requestfinished", self._answered)
        page.on("requestfailed", self._answered)

    def _asked(self, request: Request) -> None:
        self._pending.add(request)
        self._since = time.monotonic()

    def _answered(self, request: Request) -> None:
        self._pending.discard(request)
        self._since = time.monotonic()

    @property
    def still(self) -> bool:
        """Whether nothing has been on its way for a moment."""
        since = max(self._since, self._gate.quiet_since)  # what waits at the gate Playwright has not heard of
        return not self._pending and time.monotonic() - since >= STILL_S

    async def wait(self, is_there: Callable[[], Awaitable[bool]], at_most_s: float = SLOWEST_S) -> None:
        """Until the page is still and `is_there` says so, or the time is up."""
        until = time.monotonic() + at_most_s
        while time.monotonic() < until:
            if self.still and await is_there():
                return
            await asyncio.sleep(STILL_S / 5)

"""A few requests at a time, first come, first served; who takes long gives his place to the next.

Python runs one thread at a time, and of many that are under way at once whoever is unlucky waits longest. What waits
for the database is no burden, so a place is held for a moment only.
"""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

PLACES: Final = 4
MOMENT_S: Final = 0.05
PREFIX: Final = "/v1/"


class InTurn:
    """Requests below `/v1/`: `places` at a time, each for `moment_s` at most."""

    def __init__(self, app: ASGIApp, places: int = PLACES, moment_s: float = MOMENT_S) -> None:
        self.app = app
        self._places = asyncio.Semaphore(places)
        self._moment_s = moment_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
            return
        await self._places.acquire()
        place = _Place(self._places)
        timer = asyncio.get_running_loop().call_later(self._moment_s, place.give)
        try:
            await self.app(scope, receive, send)
        finally:
            timer.cancel()
            place.give()


class _Place:
    """One of the places: given back once, by whoever is first."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places: asyncio.Semaphore | None = places

    def give(self) -> None:
        """The next may have it."""
        places, self._places = self._places, None
        if places is not None:
            places.release()

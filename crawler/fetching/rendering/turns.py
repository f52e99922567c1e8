"""How fast the pages of a dealer that are being drawn may ask it for what they draw."""

from __future__ import annotations

import asyncio
from typing import Final

from crawler.dealers.declaration import Dealer

ANSWER_WITHIN_S: Final = 5.0
"""A request that is not answered until then gives its turn to the next, though it is still under way.

Chromium's gate does not say that a page has given a request up, and some are answered late on purpose (long polls): one
of them would keep all else of a dealer that is asked one at a time from being drawn.
"""

GAP_S: Final = 0.1
"""Between two of them, where a dealer is asked with a delay at all."""


ON_THIS_MACHINE: Final = 8
"""At a time where the dealer stands on this very machine, as the demo does."""


class Turns:
    """Of one dealer, for all of its open pages together."""

    def __init__(self, at_once: int, gap_s: float) -> None:
        """`at_once` requests that wait for an answer, `ANSWER_WITHIN_S` each; `gap_s` between the beginnings of two."""
        self._room = asyncio.Semaphore(at_once)
        self._gap_s = gap_s
        self._next = 0.0

    async def take(self) -> None:
        """Wait for a turn. Whoever took it gives it back."""
        await self._room.acquire()
        now = asyncio.get_running_loop().time()
        begins = max(now, self._next)
        self._next = begins + self._gap_s
        try:
            await asyncio.sleep(begins - now)
        except asyncio.CancelledError:
            self._room.release()
            raise

    def give_back(self) -> None:
        """Its request is answered."""
        self._room.release()


def turns_of(dealer: Dealer) -> Turns:
    """As many at a time as its file allows (`concurrency`), and none in a hurry but on this very machine."""
    if dealer.on_loopback:
        return Turns(max(dealer.concurrency, ON_THIS_MACHINE), 0.0)
    return Turns(dealer.concurrency, 0.0 if dealer.delay_s == 0 else GAP_S)

"""Which of a dealer's browser contexts a page opens in. A context is short-lived: what pages leak goes with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError

from crawler.dealers.declaration import Dealer
from crawler.fetching.rendering.kept_scripts import KeptScripts
from crawler.fetching.rendering.page_policy import PagePolicy
from crawler.fetching.rendering.processes import ANSWER_S
from crawler.fetching.rendering.way_out import WayOut

PAGES_A_CONTEXT: Final = 25


@dataclass(slots=True)
class OwnContext:
    """A context of one dealer, with its own way out and rules."""

    name: str
    way_out: WayOut
    proxy: str
    policy: PagePolicy
    opened: int = 0
    open: int = 0
    context: BrowserContext | None = None
    scripts: KeptScripts = field(default_factory=KeptScripts)

    async def close(self) -> bool:
        """No page of it is open any more. False where the browser does not answer."""
        try:
            if self.context is not None:
                await asyncio.wait_for(self.context.close(), ANSWER_S)
        except TimeoutError:
            return False
        except PlaywrightError:
            pass  # the browser has gone before
        finally:
            await self.way_out.close()
        return True


class Contexts:
    """The contexts of a run: one a dealer, renewed after `PAGES_A_CONTEXT` pages."""

    def __init__(
        self, way_out: Callable[[Dealer], WayOut], policy: Callable[[Dealer], PagePolicy], kill: Callable[[], None]
    ) -> None:
        """`kill` ends a browser that does not answer."""
        self._kill = kill
        self._way_out = way_out
        self._policy = policy
        self._current: dict[str, OwnContext] = {}
        self._number = 0

    async def take(self, dealer: Dealer) -> OwnContext:
        """The context in which the next page of a dealer opens; `give_back` it."""
        found = self._current.get(dealer.name)
        if found is None:
            self._number += 1
            way_out = self._way_out(dealer)
            found = OwnContext(f"{dealer.name}/{self._number}", way_out, "", self._policy(dealer))
            self._current[dealer.name] = found
            found.proxy = await way_out.open()
        found.opened += 1
        found.open += 1
        if found.opened >= PAGES_A_CONTEXT:
            del self._current[dealer.name]
        return found

    async def give_back(self, dealer: Dealer, used: OwnContext) -> None:
        """A page is closed; its context too, if it was the last of one that has had its pages."""
        used.open -= 1
        if not used.open and self._current.get(dealer.name) is not used:
            await self._close(used)

    async def close_all(self) -> None:
        """While no page is open."""
        current, self._current = self._current, {}
        for entry in current.values():
            await self._close(entry)

    async def _close(self, entry: OwnContext) -> None:
        if not await entry.close():
            self._kill()

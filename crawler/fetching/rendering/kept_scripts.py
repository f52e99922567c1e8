"""Scripts and styles of a dealer's pages, asked for once a context: Playwright turns the browser's own cache off."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Final

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Request, Response, Route

KINDS: Final = ("script", "stylesheet")
LARGEST: Final = 4_000_000
MOST: Final = 24_000_000
"""Bytes of one file, and of all that a context keeps."""

_OF_THE_TRANSFER: Final = ("content-encoding", "content-length", "transfer-encoding", "set-cookie")


@dataclass  # no slots: Playwright leaves marks on objects whose methods it calls
class KeptScripts:
    """Of one context. `watch` a page before it is opened."""

    _kept: dict[str, tuple[dict[str, str], bytes]] = field(default_factory=dict)
    _bytes: int = 0

    def has(self, url: str, kind: str) -> bool:
        """Whether it is asked of nobody any more."""
        return kind in KINDS and url in self._kept

    async def watch(self, page: Page) -> None:
        """Keep what the page loads, and give it what others have loaded; all else takes its way."""
        page.on("response", self._keep)
        await page.route("**/*", self._give)

    async def _give(self, route: Route, request: Request) -> None:
        kept = self._kept.get(request.url) if request.method == "GET" and request.resource_type in KINDS else None
        if kept is None:
            await route.fallback()
        else:
            with contextlib.suppress(PlaywrightError):  # the page was closed meanwhile
                await route.fulfill(status=200, headers=kept[0], body=kept[1])

    async def _keep(self, response: Response) -> None:
        asked = response.request
        if asked.resource_type not in KINDS or asked.method != "GET" or response.status != 200:
            return
        if asked.url in self._kept or "no-store" in response.headers.get("cache-control", ""):
            return
        with contextlib.suppress(PlaywrightError):
            body = await response.body()
            if len(body) <= LARGEST and self._bytes + len(body) <= MOST and asked.url not in self._kept:
                headers = {name: value for name, value in response.headers.items() if name not in _OF_THE_TRANSFER}
                self._kept[asked.url] = headers, body
                self._bytes += len(body)

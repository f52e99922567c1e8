"""The browser of a run: nothing of it is started before the first page is to be drawn."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
from collections.abc import Awaitable, Mapping
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Playwright
from playwright.async_api import Error as PlaywrightError
from scrapy_playwright.provider import PlaywrightBrowserProvider

from crawler.fetching.rendering.processes import ANSWER_S, Processes, processes_of
from crawler.tracking.error_class import Refused

logger = logging.getLogger(__name__)

NO_WAY: Final = {"server": "http://127.0.0.1:9"}
"""Nothing listens there: what belongs to no context leaves the machine by no way."""

LIMITS: Final = (
    "--js-flags=--max-old-space-size=512",  # a page that fills the memory ends itself, not the machine
    "--disable-site-isolation-trials",  # frames (the dealer's own only) pass the gate of their page
    "--disable-gpu",
    "--mute-audio",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # else a way past the proxy
)
NEXT_STEP: Final = (
    "install Chromium (apt-get install chromium), name one in PLAYWRIGHT_CHROMIUM_EXECUTABLE, "
    "or run `playwright install chromium`"
)


def launch_options(named: Path | None, *, sandbox: bool, environment: Mapping[str, str]) -> dict[str, Any]:
    """Playwright's options for the browser: the one that is named, else a `chromium` on PATH, else Playwright's own.

    Chromium's sandbox is off where the process is root's (it cannot be on then) or `sandbox` says so.
    """
    found = str(named) if named else shutil.which("chromium", path=environment.get("PATH"))
    options: dict[str, Any] = {
        "headless": True,
        "args": list(LIMITS),
        "chromium_sandbox": sandbox and os.geteuid() != 0,
        "proxy": dict(NO_WAY),
        "handle_sigint": False,  # Scrapy ends the run in order, and the browser with it
        "handle_sigterm": False,
        "handle_sighup": False,
    }
    return options | ({"executable_path": found} if found else {})


def why_no_browser(text: str) -> str:
    """What a person does about a browser that did not start, from what Playwright says of it."""
    first = text.strip().splitlines()[0][:200] if text.strip() else "no word from it"
    forbidden = "sandbox" in text.lower() and "--no-sandbox" not in text.partition("<launching>")[2].partition("\n")[0]
    step = "set RENDER_SANDBOX=false where a container forbids Chromium its own sandbox" if forbidden else NEXT_STEP
    return f"no browser could be started ({first}): {step}"


class LazyBrowser(PlaywrightBrowserProvider):  # type: ignore[misc]  # scrapy-playwright has no types
    """Starts Playwright's driver together with the browser, and ends both when they rest."""

    browser: Browser | None = None
    processes: Processes | None = None

    async def start(self) -> None:
        """Nothing yet: most runs draw no page."""

    async def launch_browser(self) -> Browser:
        """The driver, and the browser. Raises `Refused` (`no_browser`), which says what to do."""
        try:
            if self.playwright is None:
                await super().start()
            self.browser = await super().launch_browser()
            self.processes = await processes_of(self.browser)
        except asyncio.CancelledError:
            await self.close()
            raise
        except Exception as error:  # Playwright raises bare ones where its driver does not start
            await self.close()
            raise Refused("no_browser", why_no_browser(str(error) or type(error).__name__)) from error
        return self.browser

    async def rest(self) -> None:
        """End the browser and the driver; the next page starts them again."""
        if self.browser is not None:
            with contextlib.suppress(PlaywrightError):  # it may have gone before
                await self._or_killed(self.browser.close())
        await self.close()

    def kill(self) -> None:
        """End a browser that does not answer; the next page starts another."""
        if self.processes is not None:
            logger.warning("the browser does not answer any more: it is ended, and another one started when needed")
            self.processes.kill_browser()

    async def close(self) -> None:
        """End the driver, and what was left of the browser."""
        playwright: Playwright | None = self.playwright  # type: ignore[has-type]
        processes = self.processes
        self.browser = self.processes = self.playwright = self.playwright_context_manager = self.browser_type = None
        if playwright is None:
            return
        try:
            await asyncio.wait_for(playwright.stop(), ANSWER_S)
        except TimeoutError:
            logger.warning("the browser's driver does not answer any more: it is ended")
            if processes is not None:
                processes.kill_browser()
                processes.kill_driver()

    async def _or_killed(self, closing: Awaitable[None]) -> None:
        try:
            await asyncio.wait_for(closing, ANSWER_S)
        except TimeoutError:
            self.kill()

"""The gate of a page that is being drawn: what it asks for passes here before it leaves, each step of a redirect too.

Playwright's routes show no request that a redirect makes; Chromium's own Fetch domain does. Here the page's rules are
applied, the headers of a dealer's file are put to what its own hosts are asked (and to no other host's request), and
what goes to the dealer takes its turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urljoin

from playwright.async_api import CDPSession, Page
from playwright.async_api import Error as PlaywrightError
from scrapy.http import Response

from crawler.dealers.declaration import origin_of
from crawler.fetching.rendering.page_policy import PagePolicy
from crawler.fetching.rendering.turns import ANSWER_WITHIN_S, Turns
from crawler.tracking.error_class import Refused

logger = logging.getLogger(__name__)

MOST_REDIRECTS: Final = 5
REDIRECTS: Final = (301, 302, 303, 307, 308)

MOST_OF_THE_DEALER: Final = 100
"""Requests of one page to its dealer's hosts; what scripts were kept of other pages asks for nothing."""

MOST_OF_OTHERS: Final = 200
"""To all other hosts together: libraries and services that shops build on, and what they bring along."""

MOST_PAGES: Final = 5
"""How often a page may lead to another one by itself."""

_EVERYTHING: Final = [{"urlPattern": "*"}, {"urlPattern": "*", "requestStage": "Response"}]
_CLASSES: Final = {"robots.txt": "robots", "another host": "offsite", "too many pages": "redirects"}
"""Why a page may not lead on → class of error."""


class PageGate:
    """Of one page. `open` it before the page is."""

    def __init__(
        self,
        page: Page,
        policy: PagePolicy,
        turns: Turns,
        headers: Mapping[str, str],
        kept: Callable[[str, str], bool] = lambda url, kind: False,
    ) -> None:
        """`headers` are those of the dealer's file; `kept(url, kind)`: whether that is here already."""
        self.policy = policy
        self._page = page
        self._turns = turns
        self._headers = {name.lower(): value for name, value in headers.items()}
        self._kept = kept
        self._session: CDPSession | None = None
        self._main = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: dict[str, asyncio.TimerHandle] = {}
        self._documents = 0
        self._arrived = False
        self._waiting = 0
        self._moved = time.monotonic()
        self.led: Response | None = None
        """The redirect that the page was answered with: Scrapy follows it, as it does those of plain requests."""

        self.kept_back: Refused | None = None
        """Why the page could not lead to where it wanted to."""

        self.asked = 0
        self.others = 0
        self.cut = 0
        """Requests to the dealer's hosts, to others, and those that were too many."""

    async def open(self) -> None:
        """Nothing leaves the page from now on but by this gate."""
        self._session = session = await self._page.context.new_cdp_session(self._page)
        self._main = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        session.on("Fetch.requestPaused", self._paused)
        self._page.on("domcontentloaded", self._has_arrived)
        await session.send("Fetch.enable", {"patterns": _EVERYTHING})

    def close(self) -> None:
        """The page is closed: nothing of it waits any more."""
        for task in self._tasks:
            task.cancel()
        for network in list(self._held):
            self._give_back(network)

    @property
    def quiet_since(self) -> float:
        """When something passed last (`time.monotonic`); infinite while something waits for its turn."""
        return float("inf") if self._waiting else self._moved

    def _has_arrived(self, page: Page) -> None:
        self._arrived = True

    def _paused(self, event: dict[str, Any]) -> None:
        task = asyncio.ensure_future(self._pass(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pass(self, event: dict[str, Any]) -> None:
        with contextlib.suppress(PlaywrightError):  # the page was closed meanwhile
            try:
                answered = "responseStatusCode" in event or "responseErrorReason" in event
                await (self._answered(event) if answered else self._asked(event))
            except PlaywrightError:
                raise
            except Exception:
                logger.exception("a bug of ours: %s is not asked for", event["request"]["url"])
                await self._refuse(event, "Failed")

    async def _asked(self, event: dict[str, Any]) -> None:
        url, kind = event["request"]["url"], _kind(event)
        leads = self._leads(event)
        why = await self.policy.decide(url, kind, navigates=kind == "document")
        if why is None and not self._kept(url, kind) and not _is_preflight(event):
            why = await self._counted(event, url, leads)
        if why is None:
            await self._send("Fetch.continueRequest", event, self._with_headers(event, url))
            return
        if leads:
            self.kept_back = Refused(_CLASSES.get(why, "render_failed"), f"the page leads to {url[:200]}: {why}")
        self._give_back(_network(event))
        await self._refuse(event, self._stopped() if leads else "BlockedByClient")

    async def _counted(self, event: dict[str, Any], url: str, leads: bool) -> str | None:
        """Why this is too many, or None when its turn has come."""
        if origin_of(url) not in self.policy.origins:
            self._give_back(_network(event))
            self.others += 1
            return self._cut("too many requests") if self.others > MOST_OF_OTHERS else None
        self._documents += leads
        if self._documents > MOST_PAGES:
            return "too many pages"
        if self.asked >= MOST_OF_THE_DEALER:
            return self._cut("too many requests")
        self.asked += 1
        network = _network(event)
        if network not in self._held and not (leads and self._documents == 1):  # that one had its turn from Scrapy
            await self._turn(network)
        return None

    def _cut(self, why: str) -> str:
        self.cut += 1
        return why

    async def _turn(self, network: str) -> None:
        self._waiting += 1
        try:
            await self._turns.take()
        finally:
            self._waiting -= 1
            self._moved = time.monotonic()
        self._held[network] = asyncio.get_running_loop().call_later(ANSWER_WITHIN_S, self._give_back, network)

    def _give_back(self, network: str) -> None:
        timer = self._held.pop(network, None)
        if timer is not None:
            timer.cancel()
            self._turns.give_back()

    async def _answered(self, event: dict[str, Any]) -> None:
        url, status = event["request"]["url"], event.get("responseStatusCode", 0)
        led = urljoin(url, _location(event)) if status in REDIRECTS else None
        if led is None:
            self._give_back(_network(event))
        if not self._leads(event):
            await self._send("Fetch.continueRequest", event)
        elif led is not None and led.partition("#")[0] != url.partition("#")[0]:  # else: it sets a cookie first
            self._give_back(_network(event))
            self.led = Response(url, status=status, headers={"Location": led})
            await self._refuse(event, self._stopped())
        else:
            await self._send("Fetch.continueRequest", event)

    def _leads(self, event: dict[str, Any]) -> bool:
        return bool(_kind(event) == "document" and event["frameId"] == self._main)

    def _stopped(self) -> str:
        """How a page is kept from leading on: what can be read already stays; else there is nothing to wait for."""
        return "Aborted" if self._arrived else "Failed"

    def _with_headers(self, event: dict[str, Any], url: str) -> dict[str, Any]:
        """Chromium takes what is put to one request into none that a redirect makes of it."""
        if not self._headers or origin_of(url) not in self.policy.origins:
            return {}
        said = {name: value for name, value in event["request"]["headers"].items() if name.lower() not in self._headers}
        return {"headers": [{"name": name, "value": value} for name, value in (said | self._headers).items()]}

    async def _refuse(self, event: dict[str, Any], reason: str) -> None:
        await self._send("Fetch.failRequest", event, {"errorReason": reason})

    async def _send(self, method: str, event: dict[str, Any], more: Mapping[str, Any] | None = None) -> None:
        assert self._session is not None
        self._moved = time.monotonic()
        await self._session.send(method, {"requestId": event["requestId"], **(more or {})})


def _kind(event: dict[str, Any]) -> str:
    """Playwright's word for it. An event stream and the icon of a page are told by what they ask."""
    request = event["request"]
    kind = str(event["resourceType"]).lower()
    if request["headers"].get("Accept") == "text/event-stream":
        return "eventsource"
    return "image" if kind == "other" and request["url"].endswith("/favicon.ico") else kind


def _is_preflight(event: dict[str, Any]) -> bool:
    """Whether a page only asks whether it may ask: Playwright answers that."""
    return event["request"]["method"] == "OPTIONS" and "Access-Control-Request-Method" in event["request"]["headers"]


def _network(event: dict[str, Any]) -> str:
    """The same for all steps of a redirect."""
    return str(event.get("networkId", event["requestId"]))


def _location(event: dict[str, Any]) -> str:
    headers = event.get("responseHeaders") or []
    return next((str(header["value"]) for header in headers if header["name"].lower() == "location"), "")

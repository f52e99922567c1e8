"""Headers of a dealer's file in the browser: each request to its hosts carries them, and none to another host does.

Chromium takes headers that were set along into redirects, and Playwright shows no request that a redirect makes. So
what carries them is asked for here, one step at a time, and the browser gets the answer.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin

from playwright.async_api import APIResponse, Page, Request, Route
from playwright.async_api import Error as PlaywrightError
from scrapy.http import Response

from crawler.dealers.declaration import origin_of
from crawler.fetching.rendering.page_policy import PagePolicy

MOST_REDIRECTS: Final = 5
REDIRECTS: Final = (301, 302, 303, 307, 308)


@dataclass  # no slots: Playwright leaves marks on objects whose methods it calls
class OwnHeaders:
    """Of one page. `watch` it before it is opened."""

    headers: Mapping[str, str]
    policy: Callable[[], PagePolicy | None]
    led: Response | None = field(default=None, init=False)
    """The redirect that the page itself was answered with: Scrapy follows it, as it does those of plain requests."""

    async def watch(self, page: Page) -> None:
        """Put the headers to what the page asks of its dealer; all else takes its way."""
        if self.headers:
            await page.route("**/*", self._ask)

    async def _ask(self, route: Route, request: Request) -> None:
        policy = self.policy()
        if policy is None or origin_of(request.url) not in policy.origins:
            await route.fallback()
            return
        navigates = request.is_navigation_request()
        if await policy.decide(request.url, request.resource_type, navigates=navigates) is not None:
            await route.fallback()  # which refuses it
            return
        with contextlib.suppress(PlaywrightError):  # the page was closed meanwhile
            try:
                answer = await self._answer(route, request, policy)
            except PlaywrightError:
                await route.abort("connectionfailed")
                return
            if navigates and request.frame.parent_frame is None and answer.status in REDIRECTS:
                self.led = Response(request.url, status=answer.status, headers=_location(answer))
                await route.abort()
            else:
                await route.fulfill(response=answer)

    async def _answer(self, route: Route, request: Request, policy: PagePolicy) -> APIResponse:
        """The host's answer; redirects of what a script asks for are followed while they stay with the dealer."""
        said = {
            name: value for name, value in request.headers.items() if name != "cookie"
        }  # the context's own are sent
        said |= {name.lower(): value for name, value in self.headers.items()}
        url = request.url
        for _ in range(MOST_REDIRECTS):
            answer = await route.fetch(url=url, headers=said, max_redirects=0)
            if answer.status not in REDIRECTS or request.method != "GET" or request.is_navigation_request():
                return answer
            url = urljoin(url, answer.headers.get("location", ""))
            if origin_of(url) not in policy.origins or await policy.decide(url, request.resource_type, navigates=False):
                return answer  # the browser goes there without them
        return answer


def _location(answer: APIResponse) -> dict[str, str]:
    return {"Location": answer.headers.get("location", "")}

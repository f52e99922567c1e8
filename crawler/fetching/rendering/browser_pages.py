"""scrapy-playwright's handler, held to this project's rules: what a page may ask for, when it is done, what is kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page as BrowserPage
from playwright.async_api import Request as BrowserRequest
from playwright.async_api import TimeoutError as PlaywrightTimeout
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
)
from scrapy.http import HtmlResponse, Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from crawler.dealers.declaration import Dealer, origin_of
from crawler.extraction.page import NotAPage, Page
from crawler.extraction.shell import stays_empty
from crawler.fetching.rendering.contexts import OwnContext
from crawler.fetching.rendering.errors import NothingToDraw, RenderFailed
from crawler.fetching.rendering.page_gate import PageGate
from crawler.fetching.rendering.past_the_gate import close_other_ways
from crawler.fetching.rendering.processes import ANSWER_S
from crawler.fetching.rendering.turns import Turns, turns_of
from crawler.fetching.rendering.waiting import Stillness
from crawler.fetching.rendering.way_out import FAILED_HEADER
from crawler.tracking.error_class import Refused

_LEFT_OUT: Final = (
    b"Content-Encoding", b"Content-Length", b"Content-Type", b"Transfer-Encoding", b"Set-Cookie",
    b"ETag", b"Last-Modified",  # they are the shell's, which stays the same while the stock changes
)  # fmt: skip

_FAILURES: Final[tuple[tuple[str, type[Exception]], ...]] = (
    ("ERR_NAME_NOT_RESOLVED", CannotResolveHostError),
    ("ERR_CONNECTION_REFUSED", DownloadConnectionRefusedError),
    ("ERR_TIMED_OUT", DownloadTimeoutError),
    ("ERR_CONNECTION_TIMED_OUT", DownloadTimeoutError),
)

_OF_THE_WAY: Final[Mapping[str, type[Exception]]] = {
    "dns": CannotResolveHostError,
    "refused": DownloadConnectionRefusedError,
    "timeout": DownloadTimeoutError,
}


logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A page while it is drawn."""

    page: BrowserPage
    gate: PageGate
    still: Stillness


class BrowserPages(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # scrapy-playwright has no types
    """Opens pages in contexts, lets them settle and gives their content. A page without rules asks for nothing."""

    def __init__(self, crawler: Crawler) -> None:
        logging.getLogger("scrapy-playwright").setLevel(
            logging.ERROR
        )  # the crawl book tells what failed, with its class
        super().__init__(crawler)
        self.abort_request = self._is_refused
        self.process_request_headers = None  # the browser's own; `PageGate` adds the dealer's
        self._gates: dict[BrowserPage, PageGate] = {}
        self._turns: dict[str, Turns] = {}
        self._said: set[str] = set()
        self._max_bytes = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    async def draw(self, request: Request, dealer: Dealer, used: OwnContext, user_agent: str) -> Response:
        """A page in one of its dealer's contexts, drawn; the page is closed again whatever happens."""
        opened: list[OpenPage] = []
        inner = Request(
            request.url,
            meta={
                "playwright": True,
                "playwright_include_page": True,
                "playwright_context": used.name,
                "playwright_context_kwargs": {
                    "user_agent": user_agent,
                    "proxy": {"server": used.proxy},
                    "service_workers": "block",
                    "accept_downloads": False,
                },
                "playwright_page_init_callback": partial(self._prepare, dealer, used, opened),
                "playwright_page_goto_kwargs": {"wait_until": "domcontentloaded"},
            },
        )
        try:
            first = await self.download_request(inner)
            return await self._settled(request, dealer, first, opened[-1])
        except PlaywrightTimeout as error:
            raise DownloadTimeoutError(_first_line(error)) from None
        except PlaywrightError as error:
            gate = opened[-1].gate if opened else None
            if gate is not None and gate.led is not None:
                return gate.led.replace(request=request)
            if gate is not None and gate.kept_back is not None:
                raise gate.kept_back from None
            raise _failure(error, used.way_out.failures.get(origin_of(request.url))) from None
        finally:
            for there in opened:  # also one that was not yet given to us when the time was up
                self._gates.pop(there.page, None)
                there.gate.close()
                self._count(dealer, there.gate)
                await self._closed(there.page)

    async def rest(self) -> None:
        """End the browser until it is needed again."""
        await self.browser_provider.rest()

    def kill(self) -> None:
        """End a browser that does not answer; the next page starts another."""
        self.browser_provider.kill()

    async def _closed(self, page: BrowserPage) -> None:
        try:
            await asyncio.wait_for(page.close(), ANSWER_S)
        except TimeoutError:
            self.kill()
        except PlaywrightError:
            pass  # the browser has gone before

    def _count(self, dealer: Dealer, gate: PageGate) -> None:
        """What pages asked their dealers for besides themselves, and what was too much of it."""
        self.stats.inc_value("rendering/requests_of_pages", gate.asked)
        if gate.cut:
            self.stats.inc_value("rendering/requests_of_pages_cut", gate.cut)
            level = logging.DEBUG if dealer.name in self._said else logging.WARNING
            self._said.add(dealer.name)
            logger.log(level, "%s: a page asked for too much: %s requests of it were not sent", dealer.name, gate.cut)

    async def _prepare(
        self, dealer: Dealer, used: OwnContext, opened: list[OpenPage], page: BrowserPage, request: Request
    ) -> None:
        turns = self._turns.setdefault(dealer.name, turns_of(dealer))
        gate = PageGate(page, used.policy, turns, dealer.headers, used.scripts.has)
        opened.append(OpenPage(page, gate, Stillness(page, gate)))
        if used.context is not page.context:
            used.context = page.context
            await close_other_ways(page.context)
        page.on("popup", _close)
        await gate.open()
        await used.scripts.watch(page)
        self._gates[page] = gate  # the last: a page that could not be made ready asks for nothing

    async def _settled(self, request: Request, dealer: Dealer, first: Response, there: OpenPage) -> Response:
        """What stands on the page once it is still; of an error page, what stood there at once."""
        page, gate = there.page, there.gate
        if why := first.headers.get(FAILED_HEADER):
            raise _of_the_way(why.decode("latin-1"))
        kind = (first.headers.get("Content-Type") or b"text/html").decode("latin-1")
        if "html" not in kind.lower():
            raise NothingToDraw(kind)
        if first.status == 200:
            await there.still.wait(partial(_is_done, there))
        if gate.led is not None:
            return gate.led.replace(request=request)
        if origin_of(page.url) not in dealer.origins:
            raise Refused("offsite", f"its page leads to {origin_of(page.url)[0]}, which is not {dealer.name}'s")
        body = (await page.content()).encode("utf-8", "replace")
        if len(body) > self._max_bytes:
            raise DownloadCancelledError(f"the drawn page has {len(body):,} bytes: more than {self._max_bytes:,}")
        if first.status == 200 and (reason := _shell(page.url, body)):
            raise gate.kept_back or Refused("render_failed", f"the page stays empty in a browser too: {reason}")
        headers = first.headers.copy()
        for name in _LEFT_OUT:
            headers.pop(name, None)
        headers[b"Content-Type"] = b"text/html; charset=utf-8"
        return HtmlResponse(
            page.url,
            status=first.status,
            headers=headers,
            body=body,
            encoding="utf-8",
            request=request,
            flags=["playwright"],
        )

    async def _is_refused(self, asked: BrowserRequest) -> bool:
        try:
            gate = self._gates.get(asked.frame.page)
        except PlaywrightError:  # of no page
            gate = None
        if gate is None:
            return True
        navigates = asked.is_navigation_request()
        return await gate.policy.decide(asked.url, asked.resource_type, navigates=navigates) is not None


async def _close(page: BrowserPage) -> None:
    await page.close()


async def _is_done(there: OpenPage) -> bool:
    page = there.page
    return there.gate.led is not None or _shell(page.url, (await page.content()).encode("utf-8", "replace")) is None


def _shell(url: str, body: bytes) -> str | None:
    try:
        return stays_empty(Page(url, body, encoding="utf-8"))
    except NotAPage:
        return None


def _failure(error: PlaywrightError, way: str | None) -> Exception:
    text = _first_line(error)
    if way is not None and ("ERR_TUNNEL_CONNECTION_FAILED" in text or "ERR_CONNECTION_FAILED" in text):
        return _of_the_way(way)
    return next((kind(text) for sign, kind in _FAILURES if sign in text), RenderFailed(text))


def _of_the_way(why: str) -> Exception:
    if why == "private":
        return Refused("private_address", "its name leads to an address of this machine's own network")
    return _OF_THE_WAY[why](f"the browser's way out: {why}")


def _first_line(error: PlaywrightError) -> str:
    return (error.message.strip().splitlines() or [type(error).__name__])[0][:300]

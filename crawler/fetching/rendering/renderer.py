"""The one browser of a run: draws pages for the handlers of http and https. A Scrapy extension."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final, Self
from urllib.request import getproxies, proxy_bypass

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadTimeoutError, NotConfigured
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

from crawler.dealers.declaration import Dealer, origin_of
from crawler.fetching.asking_dealers import AskingDealers
from crawler.fetching.breakers import breakers_of
from crawler.fetching.politeness import delay_for
from crawler.fetching.rendering.browser_pages import BrowserPages
from crawler.fetching.rendering.contexts import Contexts
from crawler.fetching.rendering.credits import DrawnPages
from crawler.fetching.rendering.errors import RenderFailed
from crawler.fetching.rendering.hosted import BLOCKED, Manners, hosted_api
from crawler.fetching.rendering.page_policy import PAGES_A_CONTEXT_AT_ONCE, PagePolicy
from crawler.fetching.rendering.robots_of_pages import RobotsOfPages
from crawler.fetching.rendering.way_out import WayOut, upstreams
from crawler.tracking.crawl_book import crawl_book_of, dealer_of
from crawler.tracking.crawl_signals import crawl_began
from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.error_class import Refused, error_class
from inventory.settings import load_settings

logger = logging.getLogger(__name__)

PAGES_A_BROWSER: Final = 300
"""Then it is started anew: what it leaks goes with it."""

IDLE_S: Final = 60.0
"""A browser that nobody needed for so long is ended."""

NO_BROWSER_S: Final = 60.0
"""Where none could be started, it is not tried again for so long."""

FOR_THE_HOSTED: Final = ("no_browser", "render_failed", "timeout")
"""Classes of what our own browser could not do and another may; not what the dealer or this network is to blame for."""

PlainDownload = Callable[[Request], Awaitable[Response]]


class Renderer:
    """Draws pages, `RENDER_CONCURRENCY` at a time, and keeps the browser in bounds. Nothing starts before `render`."""

    def __init__(self, crawler: Crawler) -> None:
        settings = load_settings()
        self._user_agent = crawler.settings["USER_AGENT"]
        self._pages = BrowserPages(crawler)
        self._contexts = Contexts(self._way_out, self._policy, self._pages.kill)
        self._timeout_s = settings.render_timeout_s
        self._default_delay_s = settings.download_delay_s
        self._crawler = crawler
        dry = crawler.settings.getbool("DRY_RUN")
        self._drawn = DrawnPages(settings, shared=settings.distributed and not dry)
        self._hosted = hosted_api(settings, dry=dry)
        self._at_once = asyncio.Semaphore(settings.render_concurrency)
        self._of_dealers: dict[str, asyncio.Semaphore] = {}
        self._proxies = upstreams(getproxies())
        self._looks: dict[str, DealerCrawl] = {}
        """Accounts where some pages of a dealer are looked at (`scrapy check`), which is no crawl."""

        self._obeys = crawler.settings.getbool("ROBOTSTXT_OBEY")
        self._robots_of_pages = RobotsOfPages(crawler, lambda asked: self._pages.download_request(asked))
        self._robots: dict[tuple[str, int], RobotParser] = {}
        self._changed = asyncio.Condition()
        self._open = 0
        self._since_start = 0
        self._idle: asyncio.TimerHandle | None = None
        self._missing: tuple[float, Refused] | None = None
        self._resting: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Only for runs in which a dealer may be rendered (`rendering_settings`)."""
        if not crawler.settings.getbool("RENDERING"):
            raise NotConfigured
        renderer = cls(crawler)
        crawler.signals.connect(renderer.spider_opened, signals.spider_opened)
        crawler.signals.connect(renderer.crawl_began, crawl_began)
        crawler.signals.connect(renderer.robots_parsed, signals.robots_parsed)
        crawler.signals.connect(renderer.engine_stopped, signals.engine_stopped)
        return renderer

    def spider_opened(self, spider: Spider) -> None:
        """Open accounts for what is no crawl."""
        if isinstance(spider, AskingDealers):
            self._looks = {name: DealerCrawl(dealer, None, {}, 0.0) for name, dealer in spider.dealers.items()}

    def crawl_began(self, crawl: DealerCrawl) -> None:
        """What the dealer's hosts allow is read anew with each crawl."""
        for origin in crawl.dealer.origins:
            self._robots.pop(origin, None)
        self._robots_of_pages.forget(crawl.dealer.origins)

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """A robots.txt was read: it holds for what pages of that host ask for as well."""
        self._robots[origin_of(request.url)] = robotparser

    async def engine_stopped(self) -> None:
        """End the browser."""
        if self._idle is not None:
            self._idle.cancel()
        if self._since_start:
            await self._rest()  # which does not wait for a browser that does not answer
        await self._pages.close()
        self._drawn.dispose()
        if self._hosted is not None:
            self._hosted.dispose()

    async def render(self, request: Request, plainly: PlainDownload) -> Response:
        """The page as a browser draws it.

        Where there is none, or it fails, the hosted API draws it, if a key is set. Raises `Refused` (`no_browser`,
        `render_failed`, `render_budget`, `offsite`, …), `RenderFailed`, `NothingToDraw`, or what Scrapy raises for
        hosts that cannot be had.
        """
        name = dealer_of(request)
        crawl = crawl_book_of(self._crawler).crawls[name] if name else self._looks[request.meta["dealer"]]
        of_dealer = self._of_dealers.setdefault(crawl.dealer.name, asyncio.Semaphore(PAGES_A_CONTEXT_AT_ONCE))
        async with of_dealer, self._at_once:  # waiting is outside of the page's own time
            if not await self._drawn.take(crawl):
                raise Refused("render_budget", f"RENDER_BUDGET_PAGES are used up: {self._drawn.budget} a crawl")
            try:
                return await self._draw(request, crawl.dealer)
            except (Refused, RenderFailed, DownloadTimeoutError) as error:
                if self._hosted is None or error_class(error) not in FOR_THE_HOSTED:
                    raise
                return await self._hosted.render(request, crawl, plainly, self._manners(crawl.dealer) if name else None)

    def _manners(self, dealer: Dealer) -> Manners:
        book, name = crawl_book_of(self._crawler), dealer.name
        delay_s = delay_for(dealer, self._default_delay_s)
        return Manners(delay_s, lambda: book.check(name), lambda: breakers_of(self._crawler).failed(name, BLOCKED))

    async def _draw(self, request: Request, dealer: Dealer) -> Response:
        if self._missing and time.monotonic() < self._missing[0]:
            raise self._missing[1]
        await self._enter()
        try:
            used = await self._contexts.take(dealer)
            try:
                async with asyncio.timeout(self._timeout_s):
                    return await self._pages.draw(request, dealer, used, self._user_agent)
            except TimeoutError:
                raise DownloadTimeoutError(f"not drawn within {self._timeout_s:g} s") from None
            finally:
                await self._contexts.give_back(dealer, used)
        except Refused as error:
            if error.error_class == "no_browser":
                logger.error("%s", error)
                self._missing = time.monotonic() + NO_BROWSER_S, error
            raise
        finally:
            await self._leave()

    async def _enter(self) -> None:
        async with self._changed:
            if self._since_start >= PAGES_A_BROWSER:
                await self._changed.wait_for(lambda: self._open == 0)
                if self._since_start >= PAGES_A_BROWSER:
                    await self._rest()
            self._open += 1
            self._since_start += 1
            if self._idle is not None:
                self._idle.cancel()

    async def _leave(self) -> None:
        async with self._changed:
            self._open -= 1
            self._changed.notify_all()
            if self._open == 0:
                self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._rest_soon)

    def _rest_soon(self) -> None:
        self._resting = asyncio.ensure_future(self._rest_if_idle())

    async def _rest_if_idle(self) -> None:
        async with self._changed:
            if self._open == 0:
                await self._rest()

    async def _rest(self) -> None:
        self._since_start = 0
        await self._contexts.close_all()
        await self._pages.rest()

    def _way_out(self, dealer: Dealer) -> WayOut:
        return WayOut(dealer.origins, self._proxies, lambda host: bool(proxy_bypass(host)))

    def _policy(self, dealer: Dealer) -> PagePolicy:
        return PagePolicy(dealer.origins, self._allowed, self._learn)

    def _allowed(self, url: str) -> bool:
        robots = self._robots.get(origin_of(url)) or self._robots_of_pages.known(url)
        return robots.allowed(url, self._user_agent) if robots is not None else not self._obeys

    async def _learn(self, url: str) -> None:
        if self._obeys and origin_of(url) not in self._robots:
            await self._robots_of_pages.read(url)

"""A conversation with many dealers at a time: each in the download slot of its host, with its own delay and headers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any, Final, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.dealers.declaration import LOOPBACK, Dealer, origin_of
from crawler.extraction.page import NotAPage, Page
from crawler.extraction.shell import needs_browser
from crawler.fetching.asking import Answer, Ask, Asking
from crawler.fetching.image_gate import refuse_private_redirect
from crawler.fetching.politeness import delay_for
from crawler.fetching.rendering.configuring import enable_rendering
from crawler.fetching.rendering.page_policy import can_be_drawn
from crawler.tracking.error_class import Refused
from inventory.settings import load_settings

AT_A_TIME: Final = 16
"""Dealers that are talked with at the same time."""

Talk = Callable[[Dealer, Ask], Awaitable[None]]


class AskingDealers(Asking):
    """Runs `talk_with(dealer, ask)` for each dealer; other hosts than the dealer's own are refused as in a crawl.

    Dealers on one host share its slot, at the slower pace of them.

    Example::

        async def talk_with(dealer, ask):
            page = await ask(dealer.url)
        process.crawl(AskingDealers, talk_with=talk_with, dealers=dealers, default_delay_s=1.0)
    """

    name = "asking_dealers"
    custom_settings: dict[str, Any] | None = {  # noqa: RUF012 (Scrapy's own declaration)
        **(Asking.custom_settings or {}),
        "DOWNLOADER_MIDDLEWARES": {
            "crawler.fetching.asking_dealers.OwnHosts": 50,  # before robots.txt (100): nothing of another host is asked
            "crawler.fetching.robots_outage.RobotsOutage": 60,
        },
    }

    def __init__(self, talk_with: Talk, dealers: Iterable[Dealer], **kwargs: Any) -> None:
        super().__init__(talk=self._with_all, **kwargs)
        self._talk_with = talk_with
        self.dealers = {dealer.name: dealer for dealer in dealers}
        self._slots: dict[tuple[str, int], str] = {}
        for dealer in self.dealers.values():
            for origin in dealer.origins:
                self._slots.setdefault(origin, _home_slot(dealer))

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Reads `default_delay_s`: seconds between two requests where a dealer's file names none."""
        dealers, default_delay_s = list(kwargs["dealers"]), kwargs.pop("default_delay_s")
        slots: dict[str, dict[str, float]] = {}
        for dealer in dealers:
            slot = slots.setdefault(_home_slot(dealer), {"concurrency": 1, "delay": 0.0, "jitter": 0})
            slot["delay"] = max(slot["delay"], delay_for(dealer, default_delay_s))
        crawler.settings.set("DOWNLOAD_SLOTS", slots, priority="spider")
        enable_rendering(crawler.settings, dealers, load_settings())
        return super().from_crawler(crawler, *args, **kwargs | {"dealers": dealers})

    def slot_of(self, url: str) -> str:
        """The slot of the dealer whose address it is."""
        return self._slots.get(origin_of(url)) or super().slot_of(url)

    async def ask_dealer(self, dealer: Dealer, url: str) -> Answer:
        """Ask a dealer for one of its addresses, through a browser where its file says so.

        Raises `NotFetched`, for another host's as well (`offsite`).
        """
        meta = {"dealer": dealer.name, "download_slot": _home_slot(dealer)}
        drawn = meta | {"playwright": True}
        may_draw = dealer.render != "never" and can_be_drawn(url)
        answer = await self.send(url, dealer.headers, drawn if may_draw and dealer.render == "always" else meta)
        if may_draw and dealer.render == "auto" and _is_shell(answer):
            return await self.send(url, dealer.headers, drawn)
        return answer

    async def _with_all(self, _ask: Ask) -> None:
        room = asyncio.Semaphore(AT_A_TIME)

        async def one(dealer: Dealer) -> None:
            async with room:
                await self._talk_with(dealer, partial(self.ask_dealer, dealer))

        await asyncio.gather(*(one(dealer) for dealer in self.dealers.values()))


def _is_shell(answer: Answer) -> bool:
    try:
        return needs_browser(Page(answer.url, answer.body, answer.content_type, answer.encoding)) is not None
    except NotAPage:
        return False


class OwnHosts:
    """Refuses what a redirect leads to on another host (a dealer's headers may hold secrets).

    Scrapy's own requests for robots.txt go into the slot of their dealer.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> OwnHosts:
        """Scrapy's constructor."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Scrapy's call for each request. Raises `Refused`."""
        spider = self._crawler.spider
        assert isinstance(spider, AskingDealers)
        name = request.meta.get("dealer")
        if name is None:
            if not any(origin_of(request.url) in dealer.origins for dealer in spider.dealers.values()):
                await refuse_private_redirect(request)
            request.meta.setdefault("download_slot", spider.slot_of(request.url))
        elif origin_of(request.url) not in spider.dealers[name].origins:
            host, port = origin_of(request.url)
            raise Refused("offsite", f"{host}:{port} is not {name}'s; its file can name it in `hosts`")


def _home_slot(dealer: Dealer) -> str:
    """One slot a host; on this very machine one a port, where each is a server of its own."""
    parts = urlsplit(dealer.url)
    return parts.netloc if parts.hostname in LOOPBACK else parts.hostname or ""

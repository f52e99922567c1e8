"""Robots.txt of a dealer's hosts that the crawler itself asks for nothing: only what its pages ask goes there."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Iterable
from typing import Final
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.misc import build_from_crawler, load_object

from crawler.dealers.declaration import origin_of
from crawler.fetching.rendering.page_gate import MOST_REDIRECTS, REDIRECTS
from crawler.fetching.robots_outage import NOTHING, forbids_all

logger = logging.getLogger(__name__)

TIMEOUT_S: Final = 10

FAILED_FOR_S: Final = 60.0
"""A host that did not give its robots.txt is asked for it again by a page that wants something of it after so long."""


class RobotsOfPages:
    """Reads each once in a crawl. Not by Scrapy's middleware: a page waits for it while it holds its dealer's slot."""

    def __init__(self, crawler: Crawler, plainly: Callable[[Request], Awaitable[Response]]) -> None:
        """`plainly` asks by plain HTTP, past slots and middlewares."""
        self._crawler = crawler
        self._plainly = plainly
        self._reading: dict[tuple[str, int], asyncio.Task[tuple[RobotParser, float]]] = {}
        """Each with until when it holds, by the loop's clock."""

    def forget(self, origins: Iterable[tuple[str, int]]) -> None:
        """They are read anew when a page asks them for something."""
        for origin in origins:
            self._reading.pop(origin, None)

    async def read(self, url: str) -> RobotParser:
        """What holds at an address's host; one that does not give its robots.txt is asked for nothing."""
        task = self._reading.get(origin_of(url))
        if task is None or (task.done() and task.result()[1] <= asyncio.get_running_loop().time()):
            task = self._reading[origin_of(url)] = asyncio.ensure_future(self._read(url))
        parser, _ = await asyncio.shield(task)  # other pages wait for it too, when this one is given up
        return parser

    def known(self, url: str) -> RobotParser | None:
        """What was read for an address's host; None where nothing was, or it is being read."""
        task = self._reading.get(origin_of(url))
        return task.result()[0] if task is not None and task.done() else None

    async def _read(self, url: str) -> tuple[RobotParser, float]:
        parts = urlsplit(url)
        asked = f"{parts.scheme}://{parts.netloc}/robots.txt"
        try:
            answer = await self._answer(asked)
            failed = forbids_all(answer.status) or answer.status in REDIRECTS
            body = b"" if answer.status in range(400, 500) else answer.body
        except Exception as error:
            logger.info("%s is not to be had, so its host is asked for nothing: %s", asked, error)
            failed, body = True, b""
        parser: RobotParser = build_from_crawler(
            load_object(self._crawler.settings["ROBOTSTXT_PARSER"]), self._crawler, NOTHING if failed else body
        )
        return parser, asyncio.get_running_loop().time() + FAILED_FOR_S if failed else math.inf

    async def _answer(self, url: str) -> Response:
        """Redirects are followed on the same host only (to https, say)."""
        for _ in range(MOST_REDIRECTS):
            there = urlsplit(url)
            proxy = getproxies().get(there.scheme) if not proxy_bypass(there.hostname or "") else None
            meta = {"download_timeout": TIMEOUT_S} | ({"proxy": proxy} if proxy else {})
            agent = {"User-Agent": self._crawler.settings["USER_AGENT"]}
            answer = await self._plainly(Request(url, headers=agent, meta=meta))
            led = urljoin(url, (answer.headers.get("Location") or b"").decode("latin-1"))
            if answer.status not in REDIRECTS or urlsplit(led).hostname != there.hostname:
                break
            url = led
        return answer

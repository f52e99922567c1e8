"""The last step: a hosted API (ScrapingAnt's) draws a page that no browser of ours could. Only where a key is set.

The key goes in a header, never in an address, and no secret of a dealer's file goes there at all.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

from scrapy import Request
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError
from scrapy.http import HtmlResponse, Response

from crawler.dealers.declaration import Dealer
from crawler.fetching.rendering.credits import Credits, DatabaseCredits, DryCredits
from crawler.fetching.rendering.hosted_rules import COST, TIMEOUT, page_answer, step_after
from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.error_class import Refused
from inventory.hiding import hidden
from inventory.settings import Settings

logger = logging.getLogger(__name__)

PlainDownload = Callable[[Request], Awaitable[Response]]

LEFT_OUT: Final = ("image", "media", "font")
SHORTEST_S: Final = 5
LONGEST_S: Final = 60
"""Bounds of the API's own `timeout`."""

TRANSFER_S: Final = 15
"""Beyond that: until its answer is here."""


BLOCKED: Final = "blocked"


@dataclass(frozen=True, slots=True)
class Manners:
    """What holds towards a dealer whoever asks: its delay, `check` before each try (raises `Refused` where its crawl
    is over), and `blocked`, told of each answer that says so.
    """

    delay_s: float
    check: Callable[[], None]
    blocked: Callable[[], None]


class HostedApi:
    """Asks the API for pages, within the day's credits; after a 403 nothing more in this run."""

    def __init__(self, key: str, settings: Settings, credits: Credits) -> None:
        self._key = key
        self._url = settings.scrapingant_url
        self._timeout_s = round(min(max(settings.render_timeout_s, SHORTEST_S), LONGEST_S))
        self._credits = credits
        self._stopped: Refused | None = None

    def dispose(self) -> None:
        """Give connections back."""
        self._credits.dispose()

    async def render(
        self, request: Request, crawl: DealerCrawl, plainly: PlainDownload, manners: Manners | None = None
    ) -> Response:
        """The page; `manners` are those of a crawl.

        Raises `Refused`: `render_stopped`, `render_budget`, `render_failed`, `blocked`, `timeout`.
        """
        asked = self._asked(request.url, crawl.dealer)
        tries = 0
        while True:
            if self._stopped is not None:
                raise self._stopped
            if manners is not None:
                manners.check()
            tries += 1
            answer = await self._ask(asked, crawl, plainly)
            if isinstance(answer, Response):
                return _page(request, answer)
            failed, detail = answer
            step = step_after(failed, tries)
            if step.error_class == BLOCKED and manners is not None:
                manners.blocked()
            error = Refused(step.error_class, f"the hosted API answers {failed}: {detail}")
            if step.then == "stop":
                self._stopped = error
                logger.error("nothing more is asked of the hosted API: %s (SCRAPINGANT_API_KEY, or its credits)", error)
            if step.then != "again":
                raise error
            await asyncio.sleep(max(step.wait_s, manners.delay_s if manners is not None else 0.0))

    async def _ask(self, asked: Request, crawl: DealerCrawl, plainly: PlainDownload) -> Response | tuple[str, str]:
        """One request: its answer, or how it failed and what was said. Failed ones cost nothing."""
        day = await self._credits.reserve(COST)
        if day is None:
            raise Refused("render_budget", "RENDER_BUDGET_CREDITS of today are used up")
        used = 0
        try:
            answer = await plainly(asked.copy())
            if answer.status != 200:
                return str(answer.status), _detail(answer)
            used = page_answer(_headers(answer)).credits
            crawl.credits_used += used
            return answer
        except (DownloadTimeoutError, DownloadFailedError, OSError) as error:
            return TIMEOUT, f"{type(error).__name__}"
        finally:
            await self._credits.settle(day, COST, used)

    def _asked(self, url: str, dealer: Dealer) -> Request:
        if dealer.without_secrets(url) != url:
            raise Refused("render_failed", "its address holds a secret, which is not given to the hosted API")
        query = [("url", url), ("browser", "true"), ("timeout", str(self._timeout_s)), ("proxy_type", "datacenter")]
        query += [("block_resource", kind) for kind in LEFT_OUT]
        headers = {
            f"Ant-{name}": value for name, value in dealer.headers.items() if dealer.without_secrets(value) == value
        }
        there = urlsplit(self._url)
        proxy = getproxies().get(there.scheme) if not proxy_bypass(there.hostname or "") else None
        meta = {"download_timeout": self._timeout_s + TRANSFER_S} | ({"proxy": proxy} if proxy else {})
        return Request(f"{self._url}?{urlencode(query)}", headers={"x-api-key": self._key, **headers}, meta=meta)


def hosted_api(settings: Settings, *, dry: bool) -> HostedApi | None:
    """The API, where a key is set. A dry run counts its credits by itself."""
    if settings.scrapingant_api_key is None:
        return None
    key = settings.scrapingant_api_key.get_secret_value()
    hidden.add([key])
    return HostedApi(key, settings, DryCredits(settings.render_budget_credits) if dry else DatabaseCredits(settings))


def _page(request: Request, answer: Response) -> Response:
    """The page that an answer wraps, with the page's own status: 404 and 410 tell that it is gone."""
    return HtmlResponse(
        request.url,
        status=page_answer(_headers(answer)).page_status,
        headers={"Content-Type": "text/html; charset=utf-8"},
        body=answer.body,
        encoding="utf-8",
        request=request,
        flags=["hosted"],
    )


def _headers(answer: Response) -> dict[str, str]:
    return {str(name).lower(): value for name, value in answer.headers.to_unicode_dict().items()}


def _detail(answer: Response) -> str:
    try:
        said = json.loads(answer.body)
    except ValueError:
        return "nothing that can be read"
    return str(said.get("detail", ""))[:200] if isinstance(said, dict) else ""

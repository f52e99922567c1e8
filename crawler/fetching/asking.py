"""A spider for a conversation with one or a few sites: what to ask next depends on the last answer.

For commands that look at a site (extract, probe, check, record): no dealer, no store, as polite as a crawl.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response, TextResponse
from scrapy.robotstxt import RobotParser

from crawler.dealers.declaration import LOOPBACK
from crawler.fetching.politeness import TOO_MANY_REQUESTS_DELAY_S, slow_down
from crawler.fetching.robots_outage import UNBIDDEN
from crawler.tracking.error_class import Refused, error_class, error_text


class NotFetched(Exception):
    """A page is not to be had: `error_class` as in `crawls.errors` (`http_404`, `robots`, `dns`, …); `text`: why."""

    def __init__(self, url: str, error: BaseException) -> None:
        super().__init__(f"{url}: {error_class(error)}: {error_text(error)}")
        self.url = url
        self.error_class = error_class(error)
        self.text = error_text(error)


@dataclass(frozen=True, slots=True)
class Answer:
    """A page that was fetched. `url` is where redirects ended; `headers` has lower-case names."""

    url: str
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None

    @property
    def content_type(self) -> str | None:
        """The Content-Type header."""
        return self.headers.get("content-type")

    @property
    def response(self) -> TextResponse:
        """The same as the response that a platform reads."""
        return TextResponse(
            self.url, status=self.status, headers=dict(self.headers), body=self.body, encoding=self.encoding or "utf-8"
        )


Ask = Callable[[str], Awaitable[Answer]]
"""Asks for an address. Raises `NotFetched` for what robots.txt forbids, what fails, and any status but 200."""


class Asking(Spider):
    """Runs `talk(ask)`: one request at a time to each host, robots.txt and Crawl-delay obeyed, a 429 slows down.

    `talk` is a coroutine function, so that it can be tested with an `ask` that answers from a dictionary. An exception
    that it does not catch is a bug of ours: it is logged and kept in `problem`.

    Example::

        async def talk(ask):
            page = await ask("https://dealer.example/")
        process.crawl(Asking, talk=talk, delay_s=1.0)
    """

    name = "asking"
    custom_settings: dict[str, Any] | None = {  # noqa: RUF012 (Scrapy's own declaration)
        "EXTENSIONS": {  # none of a crawl's, nor those that it does without
            "scrapy.extensions.remote_control.RemoteControl": None,
            "scrapy.extensions.spiderstate.SpiderState": None,
        },
        "ITEM_PIPELINES": {},
        "SPIDER_MIDDLEWARES": {},
        "DOWNLOADER_MIDDLEWARES": {"crawler.fetching.robots_outage.RobotsOutage": 60},
        "SCHEDULER": "scrapy.core.scheduler.Scheduler",
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    }

    def __init__(self, talk: Callable[[Ask], Awaitable[None]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._talk = talk
        self.problem: Exception | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Reads `delay_s` (seconds between two requests) and hears what robots.txt says."""
        delay_s = kwargs.pop("delay_s", None)
        if delay_s is not None:
            crawler.settings.set("DOWNLOAD_DELAY", delay_s, priority="spider")
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._robots_parsed, signals.robots_parsed)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Nothing is scheduled: the conversation asks."""
        try:
            await self._talk(self.ask)
        except Exception as error:
            self.problem = error
            self.logger.exception("a bug of ours")
        nothing: tuple[Request, ...] = ()
        for request in nothing:
            yield request

    async def ask(self, url: str) -> Answer:
        """Ask for one address. Raises `NotFetched`."""
        return await self.send(url, {}, {})

    def slot_of(self, url: str) -> str:
        """The download slot of an address: what shares one is asked one after the other."""
        return urlsplit(url).hostname or ""

    async def send(self, url: str, headers: Mapping[str, str], meta: Mapping[str, Any]) -> Answer:
        """Ask for one address with these headers and `meta`. Raises `NotFetched`."""
        said: dict[str, Any] = {"download_slot": self.slot_of(url), **meta}
        if urlsplit(url).path == "/robots.txt":
            said |= {UNBIDDEN: True, "dont_obey_robotstxt": True}
        engine = self.crawler.engine
        assert engine is not None
        try:
            response = await engine.download_async(Request(url, headers=dict(headers), meta=said))
        except Exception as error:
            raise NotFetched(url, error) from error
        if response.status == 429:
            self._slow(url, TOO_MANY_REQUESTS_DELAY_S)
        if response.status != 200:
            raise NotFetched(url, Refused(f"http_{response.status}", f"the server answered {response.status}"))
        return answer_of(response)

    def _robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        delay_s = robotparser.crawl_delay(self.crawler.settings["USER_AGENT"])
        if delay_s:
            self._slow(request.url, float(delay_s))

    def _slow(self, url: str, delay_s: float) -> None:
        engine = self.crawler.engine
        if engine is not None:
            slow_down(engine.downloader, self.slot_of(url), delay_s)


def answer_of(response: Response) -> Answer:
    """A response as an `Answer`."""
    headers = {name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
               for name, values in response.headers.items()}  # fmt: skip
    encoding = response.encoding if isinstance(response, TextResponse) else None
    return Answer(response.url, response.status, response.body, headers, encoding)


def on_loopback(url: str) -> bool:
    """Whether an address is on this very machine."""
    return urlsplit(url).hostname in LOOPBACK


def out_of_our_reach(urls: Iterable[str], contact: str) -> str | None:
    """What to set before others' sites are asked, so that their owners can reach us; None where nothing is missing."""
    if contact or all(map(on_loopback, urls)):
        return None
    return "CONTACT is not set: an e-mail address or URL by which a dealer can reach you"


def delay_between_s(urls: list[str], default_delay_s: float) -> float:
    """Seconds between two requests: none where everything asked is on this very machine."""
    return 0.0 if all(map(on_loopback, urls)) else default_delay_s

"""What robots.txt says to somebody who adds a site: whether it may be crawled, how slowly, where its sitemaps are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

from protego import Protego

from crawler.checking.robots import ALLOWS_ALL
from crawler.fetching.asking import NotFetched
from crawler.probing.site import Site

MAX_BYTES: Final = 500_000
"""As much of the file as RFC 9309 asks a crawler to read."""


@dataclass(frozen=True, slots=True)
class Robots:
    """`forbids`: the home page is forbidden. `delay_s`: Crawl-delay. `failure`: why it could not be had."""

    sitemaps: tuple[str, ...] = ()
    delay_s: float | None = None
    forbids: bool = False
    failure: NotFetched | None = None


async def read_robots(site: Site, home: str, user_agent: str) -> Robots:
    """Ask for robots.txt. Where there is none for us (4xx, endless redirects) all is allowed, as in a crawl."""
    url = urljoin(home, "/robots.txt")
    answer = await site.get(url)
    if answer is None:
        failure = site.failure(url)
        missing = failure is None or failure.error_class in ALLOWS_ALL
        return Robots(failure=None if missing else failure)
    rules = Protego.parse(answer.body[:MAX_BYTES].decode("utf-8", "replace"))
    delay = rules.crawl_delay(user_agent)
    sitemaps = tuple(dict.fromkeys(urljoin(home, sitemap) for sitemap in rules.sitemaps))
    return Robots(sitemaps, float(delay) if delay else None, not rules.can_fetch(home, user_agent))

"""The addresses that a site's sitemaps name: a bounded number of files and of addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urljoin, urlsplit

from crawler.platforms.base import UnreadablePage
from crawler.platforms.sitemap import read_sitemap
from crawler.probing.site import Site

MAX_FILES: Final = 6
MAX_URLS: Final = 20_000
_GUESSES: Final = ("/sitemap.xml",)
_FIRST: Final = re.compile(r"product|item|stock|inventory|listing|categor|collection|machine|vehicle", re.IGNORECASE)
_LAST: Final = re.compile(r"post|blog|news|image|video|author|tag|user|page", re.IGNORECASE)


async def read_sitemaps(site: Site, home: str, named: Iterable[str]) -> dict[str, list[str]]:
    """Sitemap → the addresses of the site's own host that it names; sitemaps of products are read first."""
    waiting = list(named) or [urljoin(home, guess) for guess in _GUESSES]
    seen: set[str] = set()
    found: dict[str, list[str]] = {}
    while waiting and len(seen) < MAX_FILES and sum(map(len, found.values())) < MAX_URLS:
        waiting.sort(key=_rank)
        url = waiting.pop(0)
        if url in seen:
            continue
        seen.add(url)
        answer = await site.get(url)
        if answer is None:
            continue
        try:
            sitemap = read_sitemap(answer.body, answer.url)
        except UnreadablePage:
            continue
        own = [entry.url for entry in sitemap.entries if _host(entry.url) == _host(home)]
        if sitemap.kind == "index":
            waiting += own
        else:
            parts = own[: MAX_URLS - sum(map(len, found.values()))]
            found.setdefault(url, []).extend(parts)
    return found


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _rank(url: str) -> int:
    name = urlsplit(url).path
    return 0 if _FIRST.search(name) else 2 if _LAST.search(name) else 1

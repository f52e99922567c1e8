"""What a page that is being drawn may ask for. Pure, but for robots.txt, which is read first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from crawler.dealers.declaration import origin_of

NEEDLESS: Final = frozenset({"image", "imageset", "media", "font", "texttrack", "eventsource", "manifest", "ping"})
"""Kinds of requests (Playwright's `resource_type`) that show nothing that is read: pictures are stored as addresses."""

PAGES_A_CONTEXT_AT_ONCE: Final = 4
"""Pages of one dealer that are open at a time."""

FILES: Final = (".xml", ".gz", ".txt", ".csv", ".tsv", ".json", ".jsonl", ".pdf", ".zip", ".rss", ".atom")
"""Ends of addresses that are no pages."""


def can_be_drawn(url: str) -> bool:
    """Whether an address may be a page rather than a sitemap or another file."""
    return not urlsplit(url).path.lower().endswith(FILES)


@dataclass(frozen=True, slots=True)
class PagePolicy:
    """Of one dealer: its origins, and whether its robots.txt allows an address."""

    origins: Collection[tuple[str, int]]
    allowed: Callable[[str], bool]
    learn: Callable[[str], Awaitable[None]]
    """Reads the robots.txt of an address's host, where nobody has yet."""

    async def decide(self, url: str, kind: str, *, navigates: bool) -> str | None:
        """As `refuses`, once the robots.txt of a host of the dealer's is known."""
        if kind not in NEEDLESS and urlsplit(url).scheme in ("http", "https") and origin_of(url) in self.origins:
            await self.learn(url)
        return self.refuses(url, kind, navigates=navigates)

    def refuses(self, url: str, kind: str, *, navigates: bool) -> str | None:
        """Why a page may not ask for this, or None.

        It may load scripts, styles and data from anywhere public (WayOut sees to that), since shops build on libraries
        and search services of others; but it may neither lead elsewhere nor frame others' pages, and what the
        dealer's robots.txt forbids is not asked for behind its back.
        """
        parts = urlsplit(url)
        if parts.scheme in ("data", "blob"):
            return "nothing that is read" if kind in NEEDLESS else None
        if parts.scheme not in ("http", "https"):
            return f"{parts.scheme}: is no web address"
        if kind in NEEDLESS:
            return "nothing that is read"
        own = origin_of(url) in self.origins
        if navigates and not own:
            return "another host"
        if own and not self.allowed(url):
            return "robots.txt"
        return None

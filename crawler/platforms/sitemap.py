"""Sitemaps (sitemaps.org): the addresses they name with their `lastmod`, and the order in which to ask for them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal
from urllib.parse import urljoin

from lxml.etree import LxmlError
from scrapy.utils.gz import gunzip
from scrapy.utils.sitemap import Sitemap

from crawler.platforms.base import UnreadablePage
from crawler.revisits.lastmod import latest_change
from pipelines.parsing.urls import canonical_url

MAX_BYTES: Final = 50_000_000
MAX_ENTRIES: Final = 50_000
"""Both are the protocol's own bounds of one file, unpacked."""

_GZIP: Final = b"\x1f\x8b"
_ROOT: Final = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)[\s>]")
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """An address that a sitemap names, and when it says that its page changed last."""

    url: str
    lastmod: str | None = None


@dataclass(frozen=True, slots=True)
class SitemapFile:
    """`index`: the entries are sitemaps themselves, else pages. Each address once, at most `MAX_ENTRIES`."""

    kind: Literal["index", "pages"]
    entries: list[Entry]


def is_sitemap(body: bytes) -> bool:
    """Whether a body is a sitemap or an index of sitemaps, packed by gzip or not, whatever its name."""
    return body[:2] == _GZIP or _ROOT.search(body[:2000]) is not None


def read_sitemap(body: bytes, base: str) -> SitemapFile:
    """Read one file. Raises `UnreadablePage` for what is no sitemap, or is larger than one may be."""
    try:
        unpacked = gunzip(body, max_size=MAX_BYTES) if body[:2] == _GZIP else body
        sitemap = Sitemap(unpacked)
        if sitemap.type not in ("urlset", "sitemapindex"):
            raise UnreadablePage(f"is no sitemap: its root is <{sitemap.type}>")
        found: dict[str, Entry] = {}
        for said in sitemap:
            url = canonical_url(urljoin(base, str(said.get("loc") or "")))
            if said.get("loc"):
                found.setdefault(url, Entry(url, str(said.get("lastmod") or "")[:40] or None))
            if len(found) > MAX_ENTRIES:
                raise UnreadablePage(f"names more than {MAX_ENTRIES} addresses")
    except UnreadablePage:
        raise
    except (LxmlError, OSError, EOFError, StopIteration, TypeError, ValueError) as error:
        raise UnreadablePage(f"is no sitemap: {error}") from None
    return SitemapFile("index" if sitemap.type == "sitemapindex" else "pages", list(found.values()))


def newest_first(entries: Iterable[Entry]) -> list[Entry]:
    """By `lastmod`, those without one last; equal ones as they stand."""
    return sorted(entries, key=lambda entry: latest_change(entry.lastmod or "") or _LONG_AGO, reverse=True)

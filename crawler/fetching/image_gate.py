"""Which pictures may be asked for: a downloader middleware, there only with IMAGES_STORE.

Pictures mostly stand on hosts that are not the dealer's. They may be asked for (robots.txt of that host applies, in the
dealer's slot), but nothing else of them, no private address, and no port but the web's own; a redirect is looked at
anew. The dealer's own hosts are allowed as its file names them.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any, Final, cast
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred

from crawler.dealers.declaration import origin_of
from crawler.fetching.rendering.public_address import is_public
from crawler.fetching.resolver import PRIVATE, PrivateAddress, is_public_name
from crawler.frontier.holding import scheduler_of
from crawler.tracking.crawl_book import CrawlBook, crawl_book_of
from crawler.tracking.error_class import Refused
from pipelines.images import IMAGE_OF

PORTS: Final = frozenset({80, 443})


class ImageGate:
    """Refuses pictures of crawls that are over, of dealers that are left alone, and of private addresses."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ImageGate:
        """Scrapy's constructor."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Scrapy's call for each request. Raises `Refused`."""
        name = request.meta.get(IMAGE_OF)
        if name is None:
            return
        self._book.check(name)
        if scheduler_of(self._crawler).is_held(name):
            raise Refused("left_alone", f"{name} is to be left alone")
        if urlsplit(request.url).scheme not in ("http", "https"):
            raise Refused("bad_url", "is no web address")
        if origin_of(request.url) not in self._book.crawls[name].dealer.origins:
            await require_open_web(request.url)

    @property
    def _book(self) -> CrawlBook:
        return crawl_book_of(self._crawler)


async def refuse_private_redirect(request: Request) -> None:
    """A robots.txt may lead elsewhere (RFC 9309, 2.3.1.2), but not into a private network. Raises `Refused`."""
    if "redirect_urls" in request.meta:
        await require_open_web(request.url)


async def require_open_web(url: str) -> None:
    """Raise `Refused` unless an address is of the open internet, at a port that the web has."""
    host, port = origin_of(url)
    if port not in PORTS:
        raise Refused("offsite", f"{host}:{port} is no usual port of the web")
    await require_public(host)


async def require_public(host: str) -> None:
    """Raise `Refused` unless a host's address is one of the open internet.

    It is asked for by the reactor's own resolver, whose memory the request then uses: a name cannot lead elsewhere in
    between. Behind a proxy a name may be unknown here; the proxy decides then.
    """
    try:
        ip_address(host)
        address = host
    except ValueError:
        address = await _address_of(host)
    if address and not is_public(address):
        raise Refused(PRIVATE, f"{host} leads into a private network")


async def _address_of(host: str) -> str:
    from twisted.internet import reactor

    try:
        found: Deferred[str] = cast("Any", reactor).resolve(host)
        return await maybe_deferred_to_future(found)
    except Exception as error:
        if isinstance(error, PrivateAddress):
            raise Refused(PRIVATE, f"{host} leads into a private network") from error
        if is_public_name(host) and getproxies():
            return ""
        raise Refused("dns", f"{host} is not known") from error

"""Names are looked up here, and one of the open internet that leads into a private network is refused.

The address that was checked is the one that is connected to, so a name that says something else the next time (DNS
rebinding) gains nothing. A dealer on this machine or in one's own network is named in its file as what it is:
`http://127.0.0.1:8000`, `http://shop:8000`, `http://stock.internal`.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy import Request
from scrapy.exceptions import CannotResolveHostError
from scrapy.resolver import CachingThreadedResolver
from scrapy.utils.datatypes import LocalCache
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from crawler.fetching.rendering.public_address import is_public
from crawler.tracking.error_class import Refused

PRIVATE: Final = "private_address"
"""Class of what was refused."""

PRIVATE_ENDINGS: Final = frozenset(
    {"localhost", "local", "internal", "lan", "intranet", "corp", "home", "private", "test", "arpa"}
)
"""Ends of names that are of no public zone (RFC 6761, 6762, 8375; .internal: ICANN 2024), or of none that exists."""


def is_public_name(host: str) -> bool:
    """Whether a host is a name of the open internet: no address, with a top level, and not of one's own network."""
    name = host.rstrip(".").lower()
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return "." in name and name.rpartition(".")[2] not in PRIVATE_ENDINGS
    return False


class PrivateAddress(DNSLookupError):
    """A public name that leads to a private address."""


class PublicResolver(CachingThreadedResolver):
    """Scrapy's resolver, which believes no public name that leads into a private network.

    The operator's own proxies (HTTP_PROXY, HTTPS_PROXY) may stand anywhere.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._refused: LocalCache[str, bool] = LocalCache(10_000)
        self._proxies: Collection[str] = {urlsplit(url).hostname or "" for url in getproxies().values()}

    def getHostByName(self, name: str, timeout: Any = ()) -> Deferred[str]:
        """Twisted's call. The Deferred fails with `PrivateAddress`."""
        found = super().getHostByName(name, timeout)
        if is_public_name(name) and name not in self._proxies:
            found.addCallback(self._checked, name)
        return found

    def refused(self, name: str) -> bool:
        """Whether a name was looked up and led to a private address."""
        return name in self._refused

    def _checked(self, address: str, name: str) -> str:
        if not is_public(address):
            self._refused[name] = True
            raise PrivateAddress(f"{name} leads to a private address")
        return address


class PrivateAddresses:
    """A downloader middleware that gives what the resolver refused its own class, so that it is not asked again."""

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Scrapy's call. Raises `Refused`."""
        from twisted.internet import reactor  # an import installs a reactor, which Scrapy does itself

        resolver: Any = vars(reactor).get("resolver")
        host = urlsplit(request.url).hostname or ""
        failed = isinstance(exception, CannotResolveHostError)
        if failed and isinstance(resolver, PublicResolver) and resolver.refused(host):
            raise Refused(PRIVATE, f"{host} leads to a private address: is it in the dealer's file by mistake?")

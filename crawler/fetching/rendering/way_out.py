"""The only way out of a browser: a proxy on this machine that leads to public hosts and to the dealer's own.

What a page asks for can be told to the browser by its address alone; where a name leads, and where a redirect goes,
shows only when a connection is made. So it is checked there, and the connection goes to the address that was checked.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from crawler.fetching.rendering.public_address import is_public
from crawler.fetching.resolver import is_public_name

MAX_HEAD: Final = 64 * 1024
CONNECT_S: Final = 10.0
MAX_ANSWER: Final = 64 * 1024 * 1024
"""Bytes that one connection may bring."""

FAILED_HEADER: Final = "X-Way-Out"
"""In an answer of the proxy itself: why there is none of the host."""

Origin = tuple[str, int]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class NoWay(Exception):
    """A connection is not made; `why` is `private`, `dns`, `refused` or `timeout`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Upstream:
    """The operator's own proxy (HTTP_PROXY, HTTPS_PROXY)."""

    host: str
    port: int
    authorization: bytes = b""


def upstreams(proxies: Mapping[str, str]) -> dict[str, Upstream]:
    """Scheme → the operator's proxy, from what `urllib.request.getproxies()` says."""
    found = {}
    for scheme in ("http", "https"):
        parts = urlsplit(proxies.get(scheme, ""))
        if parts.hostname:
            user = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}".encode()
            line = b"Proxy-Authorization: Basic " + base64.b64encode(user) + b"\r\n" if parts.username else b""
            found[scheme] = Upstream(parts.hostname, parts.port or 80, line)
    return found


async def addresses_of(host: str, port: int) -> list[str]:
    """The IP addresses of a name. Raises `OSError`."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class WayOut:
    """A proxy for the pages of one dealer: to public hosts, and to those of its own network that its file names."""

    def __init__(
        self,
        origins: Collection[Origin],
        proxies: Mapping[str, Upstream],
        bypasses: Callable[[str], bool],
        resolve: Callable[[str, int], Awaitable[list[str]]] = addresses_of,
    ) -> None:
        self._origins = origins
        self._proxies = proxies
        self._bypasses = bypasses
        self._resolve = resolve
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.failures: dict[Origin, str] = {}
        """Why the last connection to a host was not made."""

    async def open(self) -> str:
        """Listen; the proxy's address."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=MAX_HEAD)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Hang up."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._open):
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            await self._answer(reader, writer)
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the browser hung up, or said what is no request
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        line, _, headers = head.partition(b"\r\n")
        method, target, _ = line.decode("latin-1").split(" ", 2)
        tunnel = method == "CONNECT"
        parts = urlsplit(f"//{target}" if tunnel else target)
        scheme = "https" if tunnel else "http"
        host, port = (parts.hostname or "").rstrip("."), parts.port or (443 if tunnel else 80)
        try:
            there, proxied = await self._connect(scheme, host, port)
        except NoWay as error:
            self.failures[host, port] = error.why
            writer.write(
                f"HTTP/1.1 502 Bad Gateway\r\n{FAILED_HEADER}: {error.why}\r\nContent-Length: 0\r\n\r\n".encode()
            )
            await writer.drain()
            return
        self._open.add(there[1])
        try:
            if tunnel and not proxied:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            elif tunnel:
                there[1].write(line + b"\r\n" + self._proxies[scheme].authorization + headers)
            else:
                path = target if proxied else (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                kept = [entry for entry in headers.split(b"\r\n") if entry and not _is_of_this_hop(entry)]
                said = self._proxies[scheme].authorization if proxied else b""
                there[1].write(
                    f"{method} {path} HTTP/1.1\r\n".encode("latin-1")
                    + said + b"\r\n".join([*kept, b"Connection: close"]) + b"\r\n\r\n"
                )  # fmt: skip
            await _both_ways((reader, writer), there)
        finally:
            self._open.discard(there[1])
            there[1].close()

    async def _connect(self, scheme: str, host: str, port: int) -> tuple[Streams, bool]:
        """A connection to the host, or to the operator's proxy that leads there. Raises `NoWay`."""
        proxy = self._proxies.get(scheme)
        proxied = proxy is not None and not self._bypasses(host)
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError):
            if not proxied:
                raise NoWay("dns") from None
            found = []  # only the proxy knows names
        named = (host, port) in self._origins and not is_public_name(host)
        if not named and not all(map(is_public, found)):
            raise NoWay("private")
        if proxied and proxy is not None:
            return await _dial(await self._resolve(proxy.host, proxy.port), proxy.port), True
        return await _dial(found, port), False


async def _dial(addresses: list[str], port: int) -> Streams:
    why = "refused"
    for address in addresses:
        try:
            return await asyncio.wait_for(asyncio.open_connection(address, port), CONNECT_S)
        except TimeoutError:
            why = "timeout"
        except OSError:
            why = "refused"
    raise NoWay(why)


async def _both_ways(browser: Streams, host: Streams) -> None:
    """Until either side has nothing more to say to an end, or the host said too much."""
    up = asyncio.ensure_future(_pipe(browser[0], host[1], None))
    down = asyncio.ensure_future(_pipe(host[0], browser[1], MAX_ANSWER))
    try:
        await down
    finally:
        up.cancel()
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await up


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, at_most: int | None) -> None:
    left = at_most
    while data := await reader.read(65_536):
        if left is not None:
            left -= len(data)
            if left < 0:
                return
        writer.write(data)
        await writer.drain()


def _is_of_this_hop(header: bytes) -> bool:
    return header.partition(b":")[0].strip().lower() in (b"connection", b"proxy-connection", b"proxy-authorization")

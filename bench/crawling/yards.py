"""Dealers whose pages lie ready in memory: what is measured is the crawler, not who serves it.

`python -m bench.crawling.yards MACHINES PORT…` serves a dealer at each port: lists of 50 links,
and a page of about 40 KB a machine: JSON-LD, menu, table, scripts and styles.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from demo.pages.filler import Ballast, mega_menu

HOST: Final = "127.0.0.1"
PER_LIST: Final = 50
MODELS: Final = (("Caterpillar", "320"), ("Komatsu", "PC210"), ("Volvo", "EC220"), ("Hitachi", "ZX210"))


def pages_of(dealer: int, machines: int) -> dict[bytes, bytes]:
    """Path → the whole answer, head and body."""
    pages = {b"/robots.txt": _answer(b"User-agent: *\nAllow: /\n", "text/plain")}
    last = -(-machines // PER_LIST)
    for number in range(1, last + 1):
        links = "".join(
            f'<li><a href="/machine/{place}">Machine {place}</a></li>'
            for place in range((number - 1) * PER_LIST, min(number * PER_LIST, machines))
        )
        onward = f'<a rel="next" href="/stock?page={number + 1}">Next</a>' if number < last else ""
        body = f"<html><body><h1>Stock</h1><ul>{links}</ul>{onward}</body></html>"
        pages[f"/stock?page={number}".encode()] = _answer(body.encode())
    for place in range(machines):
        pages[f"/machine/{place}".encode()] = _answer(_machine(dealer, place).encode())
    return pages


def dealer_file(port: int) -> str:
    """What a dealer's TOML file says."""
    return (
        f'title = "Yard {port}"\nvertical = "equipment"\nplatform = "schema_org"\nurl = "http://{HOST}:{port}"\n'
        'currency = "USD"\ncountry = "US"\ndelay_s = 0\nconcurrency = 8\n\n'
        '[sections]\nall = "/stock?page=1"\n\n'
        '[walk]\ndetail_links = "li a::attr(href)"\nnext_page = "a[rel=next]::attr(href)"\nmax_pages = 10000\n'
    )


def write_dealers(folder: Path, ports: list[int]) -> None:
    """A file for each port."""
    for port in ports:
        (folder / f"yard{port}.toml").write_text(dealer_file(port), encoding="utf-8")


def _machine(dealer: int, place: int) -> str:
    make, model = MODELS[place % len(MODELS)]
    year, hours = 2000 + place % 25, 100 + place * 7 % 12_000
    title = f"{year} {make} {model}"
    thing: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": title,
        "sku": f"{dealer}-{place}",
        "brand": {"@type": "Brand", "name": make},
        "model": model,
        "productionDate": str(year),
        "description": f"{title}, {hours} hours, one owner.",
        "image": f"/img/{place}.jpg",
        "offers": {
            "@type": "Offer",
            "price": 20_000 + place % 900 * 100,
            "priceCurrency": "USD",
            "availability": "https://schema.org/InStock",
            "itemCondition": "https://schema.org/UsedCondition",
        },
    }
    table = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in (
        ("Year", year), ("Hours", f"{hours:,}"), ("Stock number", f"{dealer}-{place}"), ("Condition", "Used"),
        ("Location", "Houston, TX"),
    ))  # fmt: skip
    beside = "".join(f'<li class="card"><a href="/machine/{place + step}">Another</a></li>' for step in range(1, 5))
    ballast = _ballast(dealer)
    return (
        f"<!doctype html><html><head><title>{title}</title>{ballast.head.decode()}"
        f'<script type="application/ld+json">{json.dumps(thing)}</script></head><body>{_MENU}<main><h1>{title}</h1>'
        f'<p class="price">${thing["offers"]["price"]:,}</p><table>{table}</table>'
        f"<p>{thing['description']} Serviced by us, ready to work, inspection welcome.</p></main>"
        f"<section><h2>You may also like</h2><ul>{beside}</ul></section>{ballast.top.decode()}"
        f"<footer><p>Open Monday to Friday. Transport and finance on request.</p></footer>"
        f"{ballast.tail(place % 7 / 7).decode()}</body></html>"
    )


@cache
def _ballast(dealer: int) -> Ballast:
    return Ballast(f"yard {dealer}", (34, 38))


_MENU: Final = mega_menu(
    [
        (f"Group {group}", [(f"Category {group}-{link}", f"/c/{group}/{link}") for link in range(6)])
        for group in range(6)
    ]
)


def _answer(body: bytes, kind: str = "text/html; charset=utf-8") -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


NOT_FOUND: Final = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Clock:
    """When the first page was asked for since `/_begin`; `/_first` tells it (Unix seconds)."""

    def __init__(self) -> None:
        self.first: float | None = None

    def answer(self, path: bytes) -> bytes | None:
        """To who measures; None for a page, which is noted."""
        if path == b"/_begin":
            self.first = None
        elif path != b"/_first":
            self.first = self.first or time.time()
            return None
        return _answer(f"{self.first or 0}".encode(), "text/plain")


class Yard(asyncio.Protocol):
    """One connection: requests without bodies, answered in their order."""

    def __init__(self, pages: dict[bytes, bytes], clock: Clock) -> None:
        self._pages = pages
        self._clock = clock
        self._asked = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """See asyncio."""
        self._asked += data
        while b"\r\n\r\n" in self._asked:
            head, self._asked = self._asked.split(b"\r\n\r\n", 1)
            path = head.split(b" ", 2)[1]
            self._transport.write(self._clock.answer(path) or self._pages.get(path, NOT_FOUND))


async def serve(machines: int, *ports: int) -> None:
    """Until it is ended."""
    loop, clock, servers = asyncio.get_running_loop(), Clock(), []
    for dealer, port in enumerate(ports):
        servers.append(await loop.create_server(partial(Yard, pages_of(dealer, machines), clock), HOST, port))
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(serve(*map(int, sys.argv[1:])))

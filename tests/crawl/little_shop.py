"""A shop of a few machines on a free port, whose validators, lists and sitemaps can be made to lie."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from inventory.pages import digest
from tests.servers.answering import Answered, Asked, answering

LONG_AGO = "2026-01-05T10:00:00+00:00"
LATER = "2026-02-01T10:00:00+00:00"


@dataclass
class LittleShop:
    """What it says now. `frozen`: paths whose ETag stays what it was; `stale`: paths that give no validator at all."""

    prices: dict[int, int] = field(default_factory=lambda: {number: 40_000 + 500 * number for number in range(1, 7)})
    listed: dict[int, int] = field(default_factory=dict)
    lastmod: dict[int, str] = field(default_factory=dict)
    frozen: dict[str, str] = field(default_factory=dict)
    without_validators: bool = False
    kinds: dict[str, str] = field(default_factory=lambda: {"/stock.xml.gz": "application/gzip"})
    """Path → Content-Type, where it is not HTML."""
    hidden: set[int] = field(default_factory=set)
    """Left out of the list and of the sitemap."""
    feed_cut_off: bool = False
    gone: set[int] = field(default_factory=set)
    """Answer 404, and are still listed."""
    pictured: dict[int, list[str]] = field(default_factory=dict)
    """Machine → addresses of its pictures."""
    files: dict[str, bytes] = field(default_factory=dict)
    """Path → what else there is."""
    moved: dict[str, str] = field(default_factory=dict)
    """Path → where it leads to."""
    asked: list[tuple[str, bool, int]] = field(default_factory=list)
    """Path, whether it was asked with conditions, and the status."""

    def freeze(self, *paths: str) -> None:
        """Let these pages keep the ETag that they have now, whatever becomes of them."""
        self.frozen |= {path: self._etag(path) for path in paths}

    def details(self) -> list[tuple[str, bool, int]]:
        """The requests for details, in their order."""
        return [entry for entry in self.asked if entry[0].startswith("/machine/")]

    def body(self, path: str) -> bytes | None:
        if path == "/home":
            return b"<html><body><h1>Welcome</h1></body></html>"
        if path == "/feed.csv":
            lines = [f"{number},2016 Caterpillar 320 number {number},{price}" for number, price in self.prices.items()]
            whole = "\n".join(["id,title,price", *lines, ""])
            return whole.encode()[: -len(" 6,43000\n") if self.feed_cut_off else None]
        if path == "/used":
            return self._list().encode()
        if path == "/sitemap.xml":
            return (
                b'<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
                b"<sitemap><loc>/stock.xml.gz</loc></sitemap></sitemapindex>"
            )
        if path == "/stock.xml.gz":
            return gzip.compress(self._sitemap().encode(), mtime=0)
        if path in self.files:
            return self.files[path]
        number = path.removeprefix("/machine/")
        there = number.isdecimal() and int(number) in self.prices.keys() - self.gone
        return self._detail(int(number)).encode() if there else None

    def answer(self, path: str, if_none_match: str | None) -> tuple[int, dict[str, str], bytes]:
        if path in self.moved:
            self.asked.append((path, if_none_match is not None, 302))
            return 302, {"Location": self.moved[path]}, b""
        body = self.body(path)
        status, headers = (404, {}) if body is None else (200, {})
        if path == "/home":  # as a server that compares times alone, and has not changed this page for long
            status = 304 if if_none_match else 200
        elif body is not None and not self.without_validators:
            headers["ETag"] = self._etag(path)
            status = 304 if if_none_match == headers["ETag"] else 200
        self.asked.append((path, if_none_match is not None, status))
        return status, headers, b"" if status == 304 else body or b"nothing here"

    def _etag(self, path: str) -> str:
        return self.frozen.get(path) or f'"{digest(self.body(path) or b"")}"'

    def _list(self) -> str:
        cards = "".join(
            f'<li class="card"><a href="/machine/{number}"><img src="/{number}.jpg" alt="">'
            f"<h2>2016 Caterpillar 320 number {number}</h2></a>"
            f'<span class="price">${self.listed.get(number, price):,}</span></li>'
            for number, price in self.prices.items()
            if number not in self.hidden
        )
        return f"<html><body><h1>Used excavators</h1><ul>{cards}</ul></body></html>"

    def _sitemap(self) -> str:
        urls = "".join(
            f"<url><loc>/machine/{number}</loc><lastmod>{self.lastmod.get(number, LONG_AGO)}</lastmod></url>"
            for number in self.prices
            if number not in self.hidden
        )
        return (
            '<?xml version="1.0"?><s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9">'
            + urls.replace("<", "<s:").replace("<s:/", "</s:")
            + "<s:url><s:loc>/about</s:loc></s:url></s:urlset>"
        )

    def _detail(self, number: int) -> str:
        product = (
            '{"@context":"https://schema.org","@type":"Product",'
            f'"name":"2016 Caterpillar 320 number {number}","sku":"M{number}",'
            f'"image":{json.dumps(self.pictured.get(number, []))},'
            f'"offers":{{"@type":"Offer","price":"{self.prices[number]}","priceCurrency":"USD"}}}}'
        )
        return (
            f'<html><head><script type="application/ld+json">{product}</script></head>'
            f"<body><h1>2016 Caterpillar 320 number {number}</h1><p>${self.prices[number]:,}</p></body></html>"
        )


@contextmanager
def open_shop(folder: Path, sections: str, more: str = "", platform: str = "schema_org") -> Iterator[LittleShop]:
    """The shop, served on a port of its own, with its dealer file in `folder`."""
    shop = LittleShop()

    def answer(asked: Asked) -> Answered:
        status, headers, body = shop.answer(asked.path, asked.headers.get("If-None-Match"))
        kind = {} if status == 304 else {"Content-Type": shop.kinds.get(asked.path, "text/html")}
        return status, headers | kind, body

    with answering(answer) as port:
        (folder / "little.toml").write_text(
            f'title = "Little Shop"\nvertical = "equipment"\nplatform = "{platform}"\n'
            f'url = "http://127.0.0.1:{port}"\n[sections]\n{sections}\n{more}',
            encoding="utf-8",
        )
        yield shop

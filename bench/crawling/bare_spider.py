"""A Scrapy spider as one writes it in ten minutes: the same pages, their JSON-LD into JSON lines, and nothing else."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response


class BareSpider(Spider):
    """`-a ports=9001,9002`: the yards to walk."""

    name = "bare"
    custom_settings: dict[str, Any] | None = {  # noqa: RUF012 (Scrapy's own declaration)
        "CONCURRENT_REQUESTS": 64,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": True,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_LEVEL": "WARNING",
    }

    async def start(self) -> AsyncIterator[Request]:
        """The first list of each yard."""
        for port in self.ports.split(","):  # type: ignore[attr-defined]
            yield Request(f"http://127.0.0.1:{port}/stock?page=1", meta={"download_slot": port})

    def parse(self, response: Response) -> Iterator[Request]:
        """A list."""
        slot = {"download_slot": response.meta["download_slot"]}
        for link in response.css("li a::attr(href)").getall():
            yield response.follow(link, self.machine, meta=slot, priority=10)
        if following := response.css("a[rel=next]::attr(href)").get():
            yield response.follow(following, meta=slot)

    def machine(self, response: Response) -> Iterator[dict[str, Any]]:
        """A detail."""
        yield json.loads(response.css('script[type="application/ld+json"]::text').get(""))

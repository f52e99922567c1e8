"""Pages and addresses as the tests of the demo read them."""

from __future__ import annotations

import httpx2 as httpx
from parsel import Selector


def page(client: httpx.Client, url: str) -> Selector:
    return Selector(client.get(url).raise_for_status().text)


def clean(url: str) -> str:
    return url.partition("?")[0]

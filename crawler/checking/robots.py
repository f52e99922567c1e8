"""What a dealer's robots.txt forbids of what its file names. No page of the dealer is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urljoin

from protego import Protego

from crawler.fetching.asking import Ask, NotFetched

ALLOWS_ALL = frozenset(f"http_{status}" for status in range(400, 500) if status != 429) | {"redirects"}
"""A robots.txt that is not there forbids nothing (RFC 9309, 2.3.1.3)."""


async def forbidden_of(ask: Ask, urls: Iterable[str], user_agent: str) -> list[str]:
    """The addresses that robots.txt of their hosts forbids, in their order.

    Raises `NotFetched` where a robots.txt cannot be had: nothing may be asked of that host then.
    """
    rules: dict[str, Protego | None] = {}
    forbidden = []
    for url in urls:
        file = urljoin(url, "/robots.txt")
        if file not in rules:
            rules[file] = await _rules(ask, file)
        found = rules[file]
        if found is not None and not found.can_fetch(url, user_agent):
            forbidden.append(url)
    return forbidden


async def _rules(ask: Ask, file: str) -> Protego | None:
    try:
        answer = await ask(file)
    except NotFetched as error:
        if error.error_class in ALLOWS_ALL:
            return None
        raise
    return Protego.parse(answer.body.decode("utf-8", "replace"))

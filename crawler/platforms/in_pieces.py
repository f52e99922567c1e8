"""What a large page gives, read beside the event loop: a sitemap of 50,000 addresses takes seconds to read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice
from typing import Final

from scrapy.http import Response

from crawler.platforms.base import Found

LARGE: Final = 250_000
"""Bytes of a body from which it is read in another thread: below, a thread costs more than it spares others."""

PIECE: Final = 200
"""Finds that are handed over at once: few enough that the pages of other dealers get their turn between them."""

_GZIP: Final = b"\x1f\x8b"


async def in_pieces(response: Response, found: Iterator[Found]) -> AsyncIterator[Iterable[Found]]:
    """What a platform finds on a page, in pieces and in its order; raises what the platform raises, at its place."""
    if len(response.body) < LARGE and response.body[:2] != _GZIP:
        yield found
        return
    while True:
        piece, error = await asyncio.to_thread(_piece, found)
        yield piece
        if error is not None:
            raise error
        if len(piece) < PIECE:
            return


def _piece(found: Iterator[Found]) -> tuple[list[Found], Exception | None]:
    piece: list[Found] = []
    try:
        piece.extend(islice(found, PIECE))  # what came before an error stays in it
    except Exception as error:
        return piece, error
    return piece, None

"""A large page is read beside the event loop, in its order, and with its error at its place."""

from __future__ import annotations

import asyncio

import pytest
from scrapy.http import TextResponse

from crawler.platforms import platform_of
from crawler.platforms.in_pieces import LARGE, PIECE, in_pieces
from crawler.platforms.visit import Visit
from tests.crawler.dealer_files import dealer

URL = "https://acme.example/sitemap.xml"


def page(size=LARGE):
    return TextResponse(URL, body=b"x" * size)


def gathered(response, found):
    """What came, and the error that ended it."""

    async def gather():
        came = []
        try:
            async for piece in in_pieces(response, found):
                came.extend(piece)
        except ValueError as error:
            return came, str(error)
        return came, None

    return asyncio.run(gather())


def numbers(count, error=None):
    yield from range(count)
    if error:
        raise ValueError(error)


@pytest.mark.parametrize("count", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
@pytest.mark.parametrize("size", [10, LARGE])
def test_everything_comes_in_its_order(count, size):
    assert gathered(page(size), numbers(count)) == (list(range(count)), None)
    assert gathered(page(size), numbers(count, "broken")) == (list(range(count)), "broken")


def test_others_get_their_turn_while_a_long_sitemap_is_read():
    locations = b"".join(b"<url><loc>https://acme.example/machine/%d</loc></url>" % number for number in range(10_000))
    body = b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">' + locations + b"</urlset>"
    found = platform_of(dealer()).read_section(TextResponse(URL, body=body), Visit(URL, "section", "all"))

    async def crawl():
        turns = count = 0

        async def other():
            nonlocal turns
            while True:
                await asyncio.sleep(0.01)
                turns += 1

        task = asyncio.create_task(other())
        async for piece in in_pieces(TextResponse(URL, body=body), found):
            count += len(list(piece))
        task.cancel()
        return count, turns

    count, turns = asyncio.run(crawl())
    assert count == 10_000
    assert turns >= 3

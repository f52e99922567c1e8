"""Pictures may be asked of any public host, nothing else may; of dealers that are left alone none."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from scrapy import Request

from crawler.fetching.image_gate import ImageGate
from crawler.tracking.error_class import Refused
from pipelines.images import IMAGE_OF
from tests.crawler.dealer_files import dealer

ACME = dealer(url="http://127.0.0.1:8000", hosts=["images.internal"])


class Book:
    crawls = {"acme": SimpleNamespace(dealer=ACME)}  # noqa: RUF012

    def __init__(self, over=False):
        self._over = over

    def check(self, name):
        if self._over:
            raise Refused("time_up", f"the crawl of {name} was cut short")


def ask(monkeypatch, url, meta=None, *, held=False, over=False):
    """The class of the refusal; None where it may be asked."""
    monkeypatch.setattr("crawler.fetching.image_gate.crawl_book_of", lambda crawler: Book(over))
    scheduler = SimpleNamespace(is_held=lambda name: held)
    monkeypatch.setattr("crawler.fetching.image_gate.scheduler_of", lambda crawler: scheduler)
    request = Request(url, meta={IMAGE_OF: "acme"} if meta is None else meta)
    try:
        asyncio.run(ImageGate(SimpleNamespace()).process_request(request))
    except Refused as refused:
        return refused.error_class
    return None


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("https://93.184.216.34/1.jpg", None),
        ("http://93.184.216.34/1.jpg", None),
        ("http://127.0.0.1:8000/1.jpg", None),
        ("http://images.internal/1.jpg", None),
        ("http://127.0.0.1:8001/1.jpg", "offsite"),
        ("http://93.184.216.34:22/1.jpg", "offsite"),
        ("http://127.0.0.1/1.jpg", "private_address"),
        ("http://169.254.169.254/latest/meta-data", "private_address"),
        ("http://[::ffff:10.0.0.1]/1.jpg", "private_address"),
        ("ftp://93.184.216.34/1.jpg", "bad_url"),
        ("file:///etc/passwd", "bad_url"),
    ],
)
def test_which_addresses_a_picture_may_have(url, refused, monkeypatch):
    assert ask(monkeypatch, url) == refused


def test_of_a_crawl_that_is_over_or_a_dealer_that_is_left_alone_no_picture_is_asked_for(monkeypatch):
    assert ask(monkeypatch, "http://127.0.0.1:8000/1.jpg", over=True) == "time_up"
    assert ask(monkeypatch, "http://127.0.0.1:8000/1.jpg", held=True) == "left_alone"


def test_what_is_no_picture_is_not_its_business(monkeypatch):
    assert ask(monkeypatch, "http://127.0.0.1:9/robots.txt", {}, held=True, over=True) is None

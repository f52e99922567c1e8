"""One running demo for all these tests, with its whole stock; tests that switch something put it back."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2 as httpx
import pytest

from crawler.dealers.declaration import Dealer
from crawler.dealers.loading import load_dealers
from demo.running import DEALERS_DIR, RunningDemo, running


@pytest.fixture(scope="session")
def demo() -> Iterator[RunningDemo]:
    with running(page_kb=12) as started:  # light pages are parsed faster; their weight has a test of its own
        yield started


@pytest.fixture(scope="session")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(follow_redirects=False, timeout=20) as opened:
        yield opened


@pytest.fixture
def switched(demo: RunningDemo) -> Iterator[RunningDemo]:
    """The same demo; every dealer is reset afterwards."""
    yield demo
    for name in demo.urls:
        demo.switch(name, reset=True)


@pytest.fixture(scope="module")
def files(demo: RunningDemo) -> dict[str, Dealer]:
    return load_dealers(DEALERS_DIR, demo.env)

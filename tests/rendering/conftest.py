"""Tests that draw pages need a Chromium: they are skipped where there is none, and fail under REQUIRE_BROWSER."""

import os

import pytest

from crawler.fetching.rendering.provider import launch_options


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser that a crawl would find by its environment."""
    found = launch_options(None, sandbox=True, environment=os.environ).get("executable_path")
    found = os.environ.get("PLAYWRIGHT_CHROMIUM_EXECUTABLE") or found
    if not found:
        message = "no Chromium: install one (apt-get install chromium) or name it in PLAYWRIGHT_CHROMIUM_EXECUTABLE"
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    return str(found)

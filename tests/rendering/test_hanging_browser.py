"""A browser that stops answering is ended, and neither a page nor the run waits for it."""

from __future__ import annotations

import asyncio
import os
import signal
from types import SimpleNamespace

import pytest

from crawler.fetching.rendering.contexts import Contexts
from crawler.fetching.rendering.provider import LazyBrowser, launch_options
from tests.crawler.dealer_files import dealer


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    for module in ("provider", "contexts"):
        monkeypatch.setattr(f"crawler.fetching.rendering.{module}.ANSWER_S", 0.5)


def lazy_browser(chromium):
    options = launch_options(chromium, sandbox=False, environment=os.environ)
    config = SimpleNamespace(browser_type_name="chromium", launch_options=options, cdp_url=None, connect_url=None)
    return LazyBrowser(config)


def test_a_browser_or_driver_that_hangs_is_ended_and_another_one_can_be_started(chromium):
    async def hangs():
        lazy = lazy_browser(chromium)
        found = []
        for hanging in ("browser", "driver"):
            assert (await lazy.launch_browser()).is_connected()
            found.append(lazy.processes)
            os.kill(getattr(lazy.processes, hanging), signal.SIGSTOP)
            async with asyncio.timeout(10):
                await lazy.rest()
        assert (await lazy.launch_browser()).is_connected()
        await lazy.rest()
        return found

    for processes in asyncio.run(hangs()):
        assert not is_alive(processes.browser)
        assert not is_alive(processes.driver)


def is_alive(process):
    try:
        with open(f"/proc/{process}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_context_that_is_never_closed_ends_the_browser():
    class Hanging:
        async def close(self):
            await asyncio.sleep(60)

    class Way:
        async def open(self):
            return "http://127.0.0.1:1"

        async def close(self):
            pass

    killed = []

    async def closing():
        contexts = Contexts(lambda dealer: Way(), lambda dealer: None, lambda: killed.append(1))
        used = await contexts.take(dealer())
        used.context = Hanging()
        await contexts.close_all()

    asyncio.run(asyncio.wait_for(closing(), 5))
    assert killed == [1]

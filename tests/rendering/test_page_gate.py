"""What a page asks for in a real browser: each step passes the page's rules, and what goes to its dealer waits."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import async_playwright

from crawler.fetching.rendering import page_gate
from crawler.fetching.rendering.page_gate import PageGate
from crawler.fetching.rendering.page_policy import PagePolicy
from crawler.fetching.rendering.past_the_gate import close_other_ways
from crawler.fetching.rendering.provider import launch_options
from crawler.fetching.rendering.turns import Turns, turns_of
from crawler.fetching.rendering.waiting import Stillness
from crawler.fetching.rendering.way_out import WayOut
from tests.crawler.dealer_files import dealer
from tests.servers.answering import answering

HIDDEN = "/hidden/"
"""What robots.txt of the shop forbids; `/to/x` leads to `/hidden/x`."""


@pytest.fixture(scope="module")
def browser(chromium):
    """One for all of these tests, and the loop that it lives in."""

    async def start():
        driver = await async_playwright().start()
        sandbox = os.environ.get("RENDER_SANDBOX", "true") == "true"
        return driver, await driver.chromium.launch(
            **launch_options(Path(chromium), sandbox=sandbox, environment=os.environ)
        )

    async def end(driver, started):
        await started.close()
        await driver.stop()

    with asyncio.Runner() as runner:
        driver, started = runner.run(start())
        yield runner, started
        runner.run(end(driver, started))


@pytest.fixture
def drawn(browser):
    """Draws `/page` of a shop that says `html` there: its gate, its text at last, what the shop was asked for."""

    def draw(html, at_once=4, **answers):
        asked, now, most, lock = [], [], [], threading.Lock()

        def answer(request):
            with lock:
                asked.append(request.path)
                now.append(1)
                most.append(len(now))
            try:
                if request.path in answers:
                    return answers[request.path]
                if request.path.startswith("/data"):
                    time.sleep(0.01)
                if request.path.startswith("/to/"):
                    return 302, {"Location": HIDDEN + request.path[4:]}, b""
                return 200, {}, html.encode() if request.path == "/page" else b"<p>Another page.</p>"
            finally:
                with lock:
                    now.pop()

        with answering(answer) as port:
            runner, started = browser
            gate, text = runner.run(open_page(started, port, at_once))
        return SimpleNamespace(gate=gate, text=text, asked=asked, most=max(most))

    return draw


async def open_page(started, port, at_once):
    own = {("127.0.0.1", port)}

    async def known(url):
        """Robots.txt was read."""

    way = WayOut(own, {}, lambda host: True)
    context = await started.new_context(proxy={"server": await way.open()})
    page = await context.new_page()
    await close_other_ways(context)
    await page.route("**/*", lambda route: route.continue_())
    gate = PageGate(page, PagePolicy(own, lambda url: HIDDEN not in url, known), Turns(at_once, 0.0), {})
    still = Stillness(page, gate)
    await gate.open()
    try:
        await page.goto(f"http://127.0.0.1:{port}/page", wait_until="domcontentloaded")
        await still.wait(anything)
        return gate, await page.inner_text("body")
    except PlaywrightError as error:
        return gate, error.message
    finally:
        gate.close()
        await context.close()
        await way.close()


async def anything():
    return True


def test_no_step_of_a_redirect_is_taken_that_robots_txt_forbids(drawn):
    page = drawn("""<body><iframe src="/to/frame"></iframe><script src="/to/script"></script>
        <script>fetch("/to/data").catch(() => document.body.append("none")); new Worker("/to/worker");
        new Worker(URL.createObjectURL(new Blob([`fetch("${location.origin}/to/more")`])));</script>""")
    steps = ["frame", "script", "data", "worker", "more"]
    assert sorted(page.asked) == sorted(["/page", *(f"/to/{step}" for step in steps)])
    assert "none" in page.text


@pytest.mark.parametrize("leads", [
    '<meta http-equiv="refresh" content="0;url=/hidden/x">',
    "<script>addEventListener('load', () => setTimeout(() => location.replace('/hidden/x'), 20))</script>",
])  # fmt: skip
def test_a_page_that_leads_on_to_what_robots_txt_forbids_stays_where_it_is(drawn, leads):
    page = drawn(f"<head>{leads}</head><body>Here still.")
    assert (page.asked, page.text) == (["/page"], "Here still.")
    assert page.gate.kept_back.error_class == "robots"


def test_a_page_that_leads_on_before_it_is_there_is_given_up_at_once(drawn):
    page = drawn("<head><script>location.href = '/hidden/x'</script></head><body>Never.")
    assert page.asked == ["/page"]
    assert page.gate.kept_back.error_class == "robots"


@pytest.mark.parametrize("leads", ["", "<script>setTimeout(() => { location.href = '/to/x' }, 20)</script>"])
def test_a_redirect_of_the_page_itself_is_left_to_scrapy(drawn, leads):
    own = {} if leads else {"/page": (302, {"Location": "/hidden/x"}, b"")}
    page = drawn(f"<body>Here still.{leads}", **own)
    assert page.asked == (["/page", "/to/x"] if leads else ["/page"])
    assert page.gate.led.status == 302
    assert page.gate.led.headers["Location"].endswith(b"/hidden/x")


def test_a_page_may_lead_on_to_another_one_but_not_for_ever(drawn):
    for script in ("setTimeout(() => { location.href = '/other' }, 20)", "location.href = '/other'"):
        page = drawn(f"<body><script>{script}</script>")
        assert (page.asked, page.text) == (["/page", "/other"], "Another page.")
    page = drawn("<body>Again.<script>addEventListener('load', () => setTimeout(() => location.reload(), 10))</script>")
    assert page.asked == ["/page"] * page_gate.MOST_PAGES
    assert page.gate.kept_back.error_class == "redirects"


def test_a_page_with_many_data_requests_asks_some_at_a_time_and_no_more_than_a_page_may(drawn, monkeypatch):
    monkeypatch.setattr(page_gate, "MOST_OF_THE_DEALER", 30)
    page = drawn("<body><script>for (let n = 0; n < 200; n++) fetch(`/data/${n}`).catch(() => {})</script>", at_once=2)
    assert len(page.asked) == page.gate.asked == 30
    assert page.gate.cut == 200 - 29
    assert page.most <= 2


def test_what_no_gate_sees_is_not_asked_for(drawn):
    page = drawn("""<head><script type="speculationrules">{"prefetch": [{"urls": ["/ahead"], "eagerness": "immediate"}],
        "prerender": [{"urls": ["/ahead"], "eagerness": "immediate"}]}</script></head><body><script>
        try { new SharedWorker("/shared") } catch { document.body.append("Not shared.") }
        new WebSocket(`ws://${location.host}/socket`); window.open("/window"); new EventSource("/events");
        navigator.sendBeacon("/beacon");</script>""")
    assert page.asked == ["/page"]
    assert page.text == "Not shared."


def test_pages_of_a_dealer_ask_it_as_its_file_allows():
    async def begun(turns, many):
        loop = asyncio.get_running_loop()
        began = []

        async def one():
            await turns.take()
            began.append(loop.time())
            await asyncio.sleep(0.001)
            turns.give_back()

        await asyncio.gather(*(one() for _ in range(many)))
        return began

    began = asyncio.run(begun(turns_of(dealer(concurrency=2)), 4))
    assert all(later - earlier >= 0.09 for earlier, later in pairwise(began))
    began = asyncio.run(begun(turns_of(dealer(url="http://127.0.0.1:8000", delay_s=0)), 20))
    assert began[-1] - began[0] < 1

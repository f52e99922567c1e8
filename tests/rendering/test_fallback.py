"""When a browser is asked, what its requests carry, and that nothing of it is there for those who need none."""

from __future__ import annotations

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
from scrapy import Request
from scrapy.dupefilters import RFPDupeFilter
from scrapy.exceptions import DownloadFailedError, NotConfigured
from scrapy.http import HtmlResponse, TextResponse
from scrapy.settings import Settings as ScrapySettings

from crawler.dealers.loading import load_dealers
from crawler.fetching.rendering.configuring import enable_rendering
from crawler.fetching.rendering.errors import RenderFailed
from crawler.fetching.rendering.fallback import BrowserFallback
from crawler.fetching.rendering.fingerprint import RenderedApart
from crawler.fetching.rendering.page_policy import PagePolicy, can_be_drawn
from crawler.fetching.rendering.provider import launch_options, why_no_browser
from crawler.platforms.in_pieces import LARGE
from crawler.tracking.dealer_crawl import SHELLS_ENOUGH, DealerCrawl
from crawler.tracking.error_class import error_class
from demo.running import DEALERS_DIR
from inventory.settings import load_settings
from tests.crawl.crawling import ROOT
from tests.crawler.dealer_files import dealer

URL = "https://acme.example/stock"
SHELL = b"<html><body><noscript>Turn JavaScript on.</noscript><div id='root'></div><script src='/a.js'></script>"
PAGE = b"<html><body><h1>Excavators</h1>" + b"<p>A machine and what it costs.</p>" * 30 + b"</body></html>"


def run_of(render):
    """A crawl of a dealer, and the middleware of its run."""
    crawl = DealerCrawl(dealer(render=render), 1, {}, 0.0)
    book = SimpleNamespace(crawls={"acme": crawl})
    crawler = SimpleNamespace(settings=ScrapySettings({"RENDERING": True}), get_extension=lambda kind: book)
    return crawl, BrowserFallback.from_crawler(crawler)


def asked(url=URL, **meta):
    return Request(url, cb_kwargs={"dealer": "acme"}, meta={"token": "acme:1", **meta})


def answer(request, body=SHELL, status=200):
    return HtmlResponse(request.url, status=status, body=body, encoding="utf-8", request=request)


def test_an_empty_shell_is_asked_for_again_with_a_browser_under_the_same_token():
    crawl, middleware = run_of("auto")
    request = asked()
    middleware.process_request(request)
    assert "playwright" not in request.meta
    again = middleware.process_response(request, answer(request))
    assert (again.url, again.dont_filter, again.meta["playwright"], again.meta["token"]) == (URL, True, True, "acme:1")
    assert json.loads(json.dumps(again.meta)) == again.meta
    assert middleware.process_response(again, drawn := answer(again)) is drawn
    assert crawl.shells == 1


def test_a_second_request_of_a_page_is_neither_a_duplicate_nor_answered_by_the_shell_of_a_cache():
    fingerprinter = RenderedApart()
    plain, drawn = asked(), asked(playwright=True)
    seen = RFPDupeFilter(fingerprinter=fingerprinter)
    assert not seen.request_seen(plain)
    assert not seen.request_seen(drawn)
    assert seen.request_seen(asked())
    assert seen.request_seen(asked(playwright=True))
    assert fingerprinter.fingerprint(plain) != fingerprinter.fingerprint(drawn)


def test_a_request_that_was_tried_again_before_still_gets_its_browser():
    _, middleware = run_of("auto")
    request = asked(retry_times=2)
    assert middleware.process_response(request, answer(request)).meta["retry_times"] == 2


@pytest.mark.parametrize("status", [404, 410, 403, 500])
def test_an_error_page_is_no_reason_for_a_browser(status):
    _, middleware = run_of("auto")
    request = asked()
    error = answer(request, status=status)
    assert middleware.process_response(request, error) is error


@pytest.mark.parametrize(
    ("render", "body"), [("never", SHELL), ("auto", PAGE), ("auto", b'{"items": []}'), ("auto", b"")]
)
def test_what_plain_http_brought_is_not_drawn(render, body):
    crawl, middleware = run_of(render)
    request = asked()
    middleware.process_request(request)
    response = TextResponse(URL, body=body, encoding="utf-8", request=request)
    assert middleware.process_response(request, response) is response
    assert crawl.shells == 0


def test_a_large_page_is_no_shell_and_is_not_even_read(monkeypatch):
    crawl, middleware = run_of("auto")
    request = asked()
    large = answer(request, SHELL + b" " * LARGE)
    monkeypatch.setattr("crawler.fetching.rendering.fallback.page_of", lambda response: pytest.fail("it was read"))
    assert middleware.process_response(request, large) is large
    assert crawl.shells == 0


def test_after_some_shells_pages_go_straight_to_the_browser_but_files_do_not():
    crawl, middleware = run_of("auto")
    for number in range(SHELLS_ENOUGH):
        request = asked(f"{URL}/{number}")
        middleware.process_response(request, answer(request))
    assert crawl.browser_first
    page, sitemap = asked(f"{URL}/9"), asked("https://acme.example/sitemap.xml.gz")
    middleware.process_request(page)
    middleware.process_request(sitemap)
    assert page.meta["playwright"] is True
    assert "playwright" not in sitemap.meta


def test_always_means_each_page_from_the_first():
    _, middleware = run_of("always")
    request = asked()
    middleware.process_request(request)
    assert request.meta["playwright"] is True


def test_a_run_without_such_a_dealer_has_neither_middleware_nor_handler_nor_playwright():
    settings = ScrapySettings()
    before = dict(settings)
    demo = load_dealers(DEALERS_DIR, {})
    assert len(demo) == 6
    enable_rendering(settings, [dealer(), *demo.values()], load_settings())
    assert dict(settings) == before
    with pytest.raises(NotConfigured):
        BrowserFallback.from_crawler(SimpleNamespace(settings=settings))
    imports = (
        "import sys, crawler.spiders.equipment, crawler.fetching.rendering.fallback; print('playwright' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", imports], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_run_with_one_has_one_handler_for_both_schemes_and_small_bounds():
    settings = ScrapySettings()
    enable_rendering(settings, [dealer(), dealer(name="b", render="auto")], load_settings())
    assert len(set(settings["DOWNLOAD_HANDLERS"].values())) == 1
    assert settings["DOWNLOAD_HANDLERS"].keys() == {"http", "https"}
    assert settings["PLAYWRIGHT_MAX_PAGES_PER_CONTEXT"] <= 4
    assert settings["PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT"] <= 30_000


def test_the_browser_that_is_named_wins_over_the_one_on_path(tmp_path):
    (tmp_path / "chromium").touch(mode=0o755)
    on_path = {"PATH": str(tmp_path)}
    assert launch_options(None, sandbox=True, environment=on_path)["executable_path"] == str(tmp_path / "chromium")
    named = launch_options(tmp_path / "mine", sandbox=True, environment=on_path)
    assert named["executable_path"] == str(tmp_path / "mine")
    assert "executable_path" not in launch_options(None, sandbox=True, environment={"PATH": "/nowhere"})


def test_only_roots_chromium_and_one_that_may_not_is_without_its_sandbox(monkeypatch):
    for user, wished, expected in ((0, True, False), (1000, True, True), (1000, False, False)):
        monkeypatch.setattr("os.geteuid", lambda user=user: user)
        assert launch_options(None, sandbox=wished, environment={})["chromium_sandbox"] is expected


@pytest.mark.parametrize(("said", "step"), [
    ("Executable doesn't exist at /root/.cache/ms-playwright/chrome", "apt-get install chromium"),
    ("Target closed\n[pid=7] No usable sandbox! Update your kernel", "RENDER_SANDBOX=false"),
    ("Target closed\n<launching> chromium --no-sandbox --headless\nlibnss3.so is missing", "apt-get install chromium"),
    ("", "apt-get install chromium"),
])  # fmt: skip
def test_a_browser_that_does_not_start_says_what_to_do(said, step):
    assert step in why_no_browser(said)


def test_a_browser_that_failed_has_a_class_of_its_own():
    assert error_class(RenderFailed("crashed")) == "render_failed"
    assert isinstance(RenderFailed("crashed"), DownloadFailedError)


async def known(url):
    """Robots.txt was read."""


POLICY = PagePolicy({("acme.example", 443)}, lambda url: "/private" not in url, known)


@pytest.mark.parametrize(("url", "kind", "navigates"), [
    (URL, "document", True), ("https://acme.example/app.js", "script", False),
    ("https://cdn.example/vue.js", "script", False), ("https://search.example/query", "xhr", False),
    ("https://cdn.example/site.css", "stylesheet", False), ("data:text/css,a", "stylesheet", False),
])  # fmt: skip
def test_a_page_may_ask_for_what_draws_it(url, kind, navigates):
    assert POLICY.refuses(url, kind, navigates=navigates) is None


@pytest.mark.parametrize(("url", "kind", "navigates", "why"), [
    ("https://acme.example/a.jpg", "image", False, "nothing that is read"),
    ("https://cdn.example/a.woff2", "font", False, "nothing that is read"),
    ("https://acme.example/a.mp4", "media", False, "nothing that is read"),
    ("https://count.example/", "ping", False, "nothing that is read"),
    ("https://ads.example/frame", "document", True, "another host"),
    ("https://acme.example/private/list", "xhr", False, "robots.txt"),
    ("file:///etc/passwd", "xhr", False, "file: is no web address"),
    ("chrome://version", "document", True, "chrome: is no web address"),
])  # fmt: skip
def test_a_page_may_not_ask_for_the_rest(url, kind, navigates, why):
    assert POLICY.refuses(url, kind, navigates=navigates) == why


@pytest.mark.parametrize(
    ("url", "drawn"), [(URL, True), ("https://acme.example/feed.XML", False), ("https://acme.example/", True)]
)
def test_files_are_not_drawn(url, drawn):
    assert can_be_drawn(url) is drawn

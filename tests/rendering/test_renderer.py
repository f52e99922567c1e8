"""What the one browser of a run keeps to: its time, its number of pages, and not being tried in vain."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadTimeoutError
from scrapy.settings import Settings as ScrapySettings
from sqlalchemy import select

from crawler.fetching.rendering.renderer import Renderer
from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.error_class import Refused, error_class
from inventory.database import database
from inventory.engine import writer_engine
from inventory.ledger import DealerFacts, begin
from inventory.tables import crawls
from tests.crawl.crawling import crawl, environment, rows
from tests.crawl.little_shop import open_shop
from tests.crawler.dealer_files import dealer
from tests.rendering.scripted_shop import dealer_file, open_scripted_shop

SHARED = {"DISTRIBUTED": "true", "REDIS_URL": "redis://127.0.0.1:1/0"}


class Pages:
    """In the browser's place."""

    def __init__(self, draw):
        self.draw = draw
        self.rests = 0

    async def rest(self):
        self.rests += 1

    def kill(self):
        pass

    async def close(self):
        pass


def rendering(draw, monkeypatch, times=1, **env):
    """The errors of so many pages asked for at once, the crawl, and the stand-in of the browser."""
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    crawl = DealerCrawl(dealer(render="always"), 1, {}, 0.0)
    pages = Pages(draw)
    monkeypatch.setattr("crawler.fetching.rendering.renderer.BrowserPages", lambda crawler: pages)
    book = SimpleNamespace(crawls={"acme": crawl})
    crawler = SimpleNamespace(settings=ScrapySettings({"USER_AGENT": "Yardstick"}), get_extension=lambda kind: book)

    async def all_of_them():
        renderer = Renderer(crawler)
        request = Request("https://acme.example/", cb_kwargs={"dealer": "acme"})
        found = await asyncio.gather(*(renderer.render(request, draw) for _ in range(times)), return_exceptions=True)
        await renderer.engine_stopped()
        return found

    return asyncio.run(all_of_them()), crawl, pages


def test_a_page_that_is_never_done_is_given_up_in_time(monkeypatch):
    async def never(*arguments):
        await asyncio.sleep(60)

    found, _, _ = rendering(never, monkeypatch, RENDER_TIMEOUT_S="1")
    assert isinstance(found[0], DownloadTimeoutError)
    assert error_class(found[0]) == "timeout"


def test_a_crawl_has_no_more_pages_drawn_than_its_budget(monkeypatch):
    async def drawn(*arguments):
        return "page"

    found, crawl, _ = rendering(drawn, monkeypatch, 5, RENDER_BUDGET_PAGES="3")
    assert found[:3] == ["page"] * 3
    assert {error_class(error) for error in found[3:]} == {"render_budget"}
    assert crawl.pages_rendered == 3


def test_the_workers_of_a_crawl_share_its_budget(monkeypatch, any_settings):
    """Two processes, each with its own account of the crawl."""
    database(any_settings).dispose()
    engine = writer_engine(any_settings)
    now = datetime.now(UTC)
    begin(engine, DealerFacts("acme", "equipment"), "one", timedelta(minutes=1), now, narrowed=False, limited=False)

    async def drawn(*arguments):
        return "page"

    env = {"RENDER_BUDGET_PAGES": "5", "DATABASE_URL": any_settings.write_url} | SHARED
    first, mine, _ = rendering(drawn, monkeypatch, 3, **env)
    then, theirs, _ = rendering(drawn, monkeypatch, 4, **env)
    assert first == ["page"] * 3
    assert ([found == "page" for found in then].count(True), mine.pages_rendered, theirs.pages_rendered) == (2, 3, 2)
    assert {error_class(error) for error in then if error != "page"} == {"render_budget"}
    with engine.connect() as connection:
        assert connection.scalar(select(crawls.c.pages_rendered)) == 5
    engine.dispose()


def test_only_some_pages_are_open_at_a_time(monkeypatch):
    now = []
    most = []

    async def drawn(*arguments):
        now.append(1)
        most.append(len(now))
        await asyncio.sleep(0.01)
        now.pop()

    rendering(drawn, monkeypatch, 9, RENDER_CONCURRENCY="3")
    assert max(most) == 3


def test_a_browser_that_is_not_there_is_not_tried_for_each_page(monkeypatch):
    tried = []

    async def missing(*arguments):
        tried.append(1)
        raise Refused("no_browser", "none")

    found, _, _ = rendering(missing, monkeypatch, 6, RENDER_CONCURRENCY="1")
    assert {error_class(error) for error in found} == {"no_browser"}
    assert len(tried) == 1


@pytest.mark.parametrize(("pages", "rests"), [(2, 1), (7, 3)])
def test_a_browser_is_started_anew_after_some_pages_and_ended_with_the_run(monkeypatch, pages, rests):
    async def drawn(*arguments):
        await asyncio.sleep(0.001)

    monkeypatch.setattr("crawler.fetching.rendering.renderer.PAGES_A_BROWSER", 3)
    assert rendering(drawn, monkeypatch, pages)[2].rests == rests


def test_neither_browser_nor_driver_is_started_for_pages_that_need_none(tmp_path, sqlite_url):
    for name in ("chromium", "node"):
        (tmp_path / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/{name}-was-started\nexit 1\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    env = environment(sqlite_url, DEALERS_DIR=str(tmp_path), PLAYWRIGHT_NODEJS_PATH=str(tmp_path / "node"),
                      PLAYWRIGHT_CHROMIUM_EXECUTABLE=str(tmp_path / "chromium"))  # fmt: skip
    with open_shop(tmp_path, 'excavators = "/used"'), open_scripted_shop() as scripted:
        file = tmp_path / "little.toml"
        file.write_text('render = "auto"\n' + file.read_text(encoding="utf-8"), encoding="utf-8")
        assert crawl("equipment", env)[0] == 0
        assert not list(tmp_path.glob("*-was-started"))
        (tmp_path / "scripted.toml").write_text(dealer_file(scripted), encoding="utf-8")
        status, _, err = crawl("equipment", env)  # that one needs it, and the other does not suffer
    assert status == 3
    assert (tmp_path / "node-was-started").exists()
    assert "install Chromium (apt-get install chromium)" in err
    outcomes = {row["dealer"]: row["failure_class"] for row in rows(sqlite_url, "crawls")[-2:]}
    assert outcomes == {"little": None, "scripted": "no_browser"}

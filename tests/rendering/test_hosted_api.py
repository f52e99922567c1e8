"""Where no browser is to be had, a hosted API draws the pages: within its rules, its credits and ours."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from crawler.fetching.rendering.hosted_rules import Step, page_answer, step_after
from inventory.store.render_credits import reserve, settle
from inventory.tables import render_credits
from tests.crawl.crawling import crawl, environment, rows
from tests.rendering.scripted_shop import dealer_file, open_scripted_shop
from tests.servers.hosted_renderer import COST, KEY, running_hosted_renderer

NONE = "/nowhere/chromium"
CARD = '<li class="card"><a href="/machine/{0}"><h2>2016 Caterpillar 320 number {0}</h2></a> <b>${0},500</b></li>'
LIST = f"<html><body><h1>Used excavators</h1><ul>{CARD.format(11)}{CARD.format(12)}{CARD.format(13)}</ul></body></html>"
MACHINE = '<html><body><h1>2016 Caterpillar 320 number {0}</h1><p class="price">${0},500</p></body></html>'


@pytest.fixture
def shop():
    with open_scripted_shop() as found:
        yield found


@pytest.fixture
def api():
    with running_hosted_renderer() as found:
        found.pages = {"/used": LIST} | {f"/machine/{n}": MACHINE.format(n) for n in (11, 12)}
        yield found


@pytest.fixture
def crawled(shop, api, tmp_path, sqlite_url):
    def run(*arguments, file=None, **env):
        (tmp_path / "scripted.toml").write_text(file or dealer_file(shop, "always"), encoding="utf-8")
        said = {"SCRAPINGANT_API_KEY": KEY, "SCRAPINGANT_URL": api.url, "PLAYWRIGHT_CHROMIUM_EXECUTABLE": NONE,
                "LOG_LEVEL": "DEBUG", "DEALERS_DIR": str(tmp_path)}  # fmt: skip
        return crawl("equipment", environment(sqlite_url, **said | env), *arguments)

    return run


def test_without_a_browser_the_hosted_api_draws_and_what_it_says_is_gone_is_gone(crawled, shop, api, sqlite_url):
    shop.answers["/machine/13"] = (410, {"Content-Type": "text/html"}, "<html><body>sold long ago</body></html>")
    api.failing = [500, 0, 409]
    status, out, err = crawled(RENDER_CONCURRENCY="1")
    assert status == 0, err
    assert {row["price"] for row in rows(sqlite_url, "listings")} == {11_500, 12_500}
    (row,) = rows(sqlite_url, "crawls")
    assert (row["credits_used"], row["pages_rendered"], row["errors"]) == (4 * COST, 4, {"http_410": 1})
    assert api.most_at_once == 1
    paths = {url.removeprefix(shop.url) for url, _ in api.asked}
    assert paths == {"/used", "/machine/11", "/machine/12", "/machine/13"}
    assert all(KEY not in line for line in api.lines)
    assert KEY not in out + err


def test_what_was_learnt_of_a_dealer_in_one_run_is_known_in_the_next(crawled, shop, api, sqlite_url):
    assert crawled(file=dealer_file(shop, "auto"))[0] == 0
    assert [path for path in shop.paths() if path == "/used"] == ["/used"]
    shop.asked.clear()
    assert crawled(file=dealer_file(shop, "auto"))[0] == 0
    assert set(shop.paths()) == {"/robots.txt", "/machine/13"}  # the latter by the hosted API
    assert [row["pages_rendered"] for row in rows(sqlite_url, "crawls")] == [4, 4]


def test_a_key_that_is_not_accepted_is_not_tried_again(crawled, api, sqlite_url):
    api.failing = [403] * 9
    status, _, err = crawled(file=None)
    assert status == 4
    assert err.count("nothing more is asked of the hosted API") == 1
    assert len(api.lines) == 1
    (row,) = rows(sqlite_url, "crawls")
    assert (row["failure_class"], row["credits_used"]) == ("render_stopped", 0)


def test_a_block_that_the_api_meets_is_a_block_of_the_crawl(crawled, api, sqlite_url):
    api.failing = [423] * 30
    assert crawled()[0] == 4
    assert rows(sqlite_url, "crawls")[0]["failure_class"] == "blocked"
    assert len(api.lines) <= 4  # each page twice, and no further


def test_a_day_costs_no_more_than_its_budget_whoever_spends_it(crawled, api, sqlite_url):
    status, _, err = crawled(RENDER_BUDGET_CREDITS="25")
    assert status == 4, err
    (row,) = rows(sqlite_url, "crawls")
    assert (row["credits_used"], row["failure_class"]) == (2 * COST, "render_budget")
    api.lines.clear()
    assert crawled(RENDER_BUDGET_CREDITS="25")[0] == 4
    assert api.lines == []


def test_no_secret_of_a_dealer_file_goes_to_the_hosted_api(crawled, shop, api):
    file = dealer_file(shop, "always", 'headers = {"X-Token" = "${TOKEN}", "X-Shop" = "seven"}\n')
    assert crawled(file=file, TOKEN="very-secret")[0] == 0
    for _, headers in api.asked:
        assert headers["ant-x-shop"] == "seven"
        assert "very-secret" not in str(headers)


def test_without_a_key_a_missing_browser_is_its_own_class_and_names_the_next_step(crawled, sqlite_url):
    status, _, err = crawled(SCRAPINGANT_API_KEY="")
    assert status == 4
    assert rows(sqlite_url, "crawls")[0]["failure_class"] == "no_browser"
    assert "install Chromium (apt-get install chromium), name one in PLAYWRIGHT_CHROMIUM_EXECUTABLE" in err


@pytest.mark.parametrize(("answer", "times", "last"), [
    ("400", 1, Step("give_up", "render_failed")), ("403", 1, Step("stop", "render_stopped")),
    ("404", 2, Step("give_up", "render_failed")), ("405", 1, Step("give_up", "render_failed")),
    ("409", 5, Step("give_up", "render_failed")), ("422", 1, Step("give_up", "render_failed")),
    ("423", 2, Step("give_up", "blocked")), ("500", 3, Step("give_up", "render_failed")),
    ("timeout", 3, Step("give_up", "timeout")), ("599", 1, Step("give_up", "render_failed")),
])  # fmt: skip
def test_each_documented_error_is_tried_as_often_as_it_makes_sense(answer, times, last):
    steps = [step_after(answer, tries) for tries in range(1, times + 1)]
    assert [step.then for step in steps[:-1]] == ["again"] * (times - 1)
    assert [step.wait_s for step in steps[:-1]] == [1.0, 2.0, 4.0, 8.0][: times - 1]
    assert steps[-1] == last


@pytest.mark.parametrize(("headers", "status", "credits"), [
    ({"ant-page-status-code": "404", "ant-credits-cost": "10"}, 404, 10),
    ({"ant-page-status-code": "", "ant-credits-cost": "25"}, 200, 25),
    ({"ant-page-status-code": "none"}, 200, COST), ({"ant-page-status-code": "7"}, 200, COST),
])  # fmt: skip
def test_the_status_of_the_page_itself_and_the_cost_stand_in_headers(headers, status, credits):
    found = page_answer(headers)
    assert (found.page_status, found.credits) == (status, credits)


def test_credits_of_a_day_are_shared_and_what_was_not_used_is_given_back(any_writer):
    today, tomorrow = "2026-11-22", "2026-11-23"
    assert reserve(any_writer, today, 10, 25)
    assert reserve(any_writer, today, 10, 25)
    assert not reserve(any_writer, today, 10, 25)
    assert reserve(any_writer, tomorrow, 10, 25)
    settle(any_writer, today, 10, 0)
    assert reserve(any_writer, today, 10, 25)
    settle(any_writer, today, 10, 25)
    with any_writer.connect() as connection:
        found = {row.day: row.credits for row in connection.execute(select(render_credits))}
    assert found == {today: 35, tomorrow: 10}
    assert datetime.now(UTC).date().isoformat() >= today

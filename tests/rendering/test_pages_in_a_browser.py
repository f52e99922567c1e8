"""Pages that only a browser can draw, crawled with a real one."""

from __future__ import annotations

import json
import os
from collections import Counter

import pytest

from demo.running import running
from tests.crawl.crawling import crawl, environment, rows, scrapy
from tests.rendering.scripted_shop import SHELL, dealer_file, open_scripted_shop

pytestmark = pytest.mark.long

SKYLINE = """
title = "Skyline, as a person sees it"
vertical = "equipment"
platform = "schema_org"
render = "auto"
url = "{url}"
country = "CA"
currency = "CAD"
[sections]
all = "/stock"
"""


@pytest.fixture
def shop():
    with open_scripted_shop() as found:
        yield found


def with_browser(tmp_path, sqlite_url, chromium):
    """The environment of a command that may draw pages."""
    sandbox = os.environ.get("RENDER_SANDBOX", "true")  # CI's machines may forbid it
    said = {"DEALERS_DIR": str(tmp_path), "PLAYWRIGHT_CHROMIUM_EXECUTABLE": chromium, "RENDER_SANDBOX": sandbox}
    return environment(sqlite_url, **said)


def crawled(tmp_path, sqlite_url, chromium, text, *arguments):
    (tmp_path / "scripted.toml").write_text(text, encoding="utf-8")
    return crawl("equipment", with_browser(tmp_path, sqlite_url, chromium), *arguments)


def test_the_javascript_demo_dealer_is_stored_whole_through_a_browser(chromium, tmp_path, sqlite_url):
    with running(machines=18) as demo:
        file = SKYLINE.replace("{url}", demo.url("skyline"))
        status, _, err = crawled(tmp_path, sqlite_url, chromium, file)
        assert status == 0, err
        truth = {entry["url"].rpartition("/")[2]: entry for entry in demo.truth("skyline") if entry["usable"]}
    stored = {row["url"].rpartition("/")[2]: row for row in rows(sqlite_url, "listings")}
    assert stored.keys() == truth.keys()
    for number, entry in truth.items():
        assert stored[number]["make"] == entry["make"]
        assert stored[number]["year"] == entry["year"]
        assert stored[number]["price"] == entry["price"]


def test_a_page_reaches_no_other_machine_of_ours_and_loads_nothing_needless(shop, chromium, tmp_path, sqlite_url):
    with open_scripted_shop() as inside:
        shop.answers["/leads-away"] = (302, {"Location": f"{inside.url}/secret"}, "")
        shop.answers["/leads-in"] = (302, {"Location": "/hidden/list"}, "")
        shop.stock["13"] = "50,000"
        shop.answers["/machine/13"] = (302, {"Location": "/hidden/13"}, "")
        shop.tries = [f"{inside.url}/secret", "/leads-away", "/leads-in", "/hidden/list", "file:///etc/passwd"]
        status, _, err = crawled(tmp_path, sqlite_url, chromium, dealer_file(shop), "-s", "HTTPCACHE_ENABLED=1",
                                 "-s", f"HTTPCACHE_DIR={tmp_path / 'cache'}")  # fmt: skip
    assert status == 0, err
    assert {row["price"] for row in rows(sqlite_url, "listings")} == {41_000, 42_500}
    assert inside.asked == []
    asked = Counter(path.split("/")[1] for path in shop.paths())
    assert asked["leads-away"] > 0  # its own, and allowed: where it leads is refused
    assert asked["leads-in"] > 0
    assert asked.keys() == {"robots.txt", "used", "machine", "app.js", "api", "leads-away", "leads-in"}
    assert asked["app.js"] < asked["api"]  # a script is loaded once for some pages
    (row,) = rows(sqlite_url, "crawls")
    assert (row["pages"], row["errors"]) == (3, {"robots": 1})  # of the page that led to what robots.txt forbids
    agents = {value for _, headers in shop.asked for name, value in headers.items() if name.lower() == "user-agent"}
    assert len(agents) == 1
    assert agents.pop().startswith("Yardstick/")


def test_a_shell_that_has_not_changed_hides_no_new_price(shop, chromium, tmp_path, sqlite_url):
    del shop.stock["11"]
    assert crawled(tmp_path, sqlite_url, chromium, dealer_file(shop))[0] == 0
    shop.stock["12"] = "39,900"
    shop.asked.clear()
    assert crawled(tmp_path, sqlite_url, chromium, dealer_file(shop))[0] == 0
    assert [row["price"] for row in rows(sqlite_url, "listings")] == [39_900]
    assert not any("If-None-Match" in headers for _, headers in shop.asked)


def test_a_dealer_whose_pages_are_drawn_is_checked_as_it_is_crawled(shop, chromium, tmp_path, sqlite_url):
    (tmp_path / "scripted.toml").write_text(dealer_file(shop), encoding="utf-8")
    env = with_browser(tmp_path, sqlite_url, chromium)
    status, out, err = scrapy(env, "dealers", "check", "scripted")
    assert status == 0, out + err
    pages = [f"{shop.url}/machine/11", f"{shop.url}/machine/12"]
    status, out, err = scrapy(env, "extract", *pages)  # whose dealer's file says so
    assert (status, [json.loads(line).get("price") for line in out.splitlines()]) == (0, ["41000.00", "42500.00"]), err
    status, out, err = scrapy(env, "extract", pages[0], "--render", "never")
    assert "no_listing" in json.loads(out)
    assert "empty application element" in err
    assert "--render auto draws it" in err


def test_headers_of_a_dealer_file_go_to_its_hosts_and_no_redirect_takes_them_elsewhere(
    shop, chromium, tmp_path, sqlite_url
):
    with open_scripted_shop() as elsewhere:  # in the place of the public web, as a proxy
        shop.answers["/used"] = (302, {"Location": "/machine/list"}, "")
        shop.answers["/machine/list"] = (200, {"Content-Type": "text/html"}, SHELL)
        shop.answers["/leads-away"] = (302, {"Location": "http://public.example/collect"}, "")
        shop.answers["/leads-on"] = (302, {"Location": "/api/stock?on"}, "")
        shop.answers["/api/stock?on"] = (200, {"Content-Type": "application/json"}, "{}")
        shop.tries = ["/leads-away", "/leads-on"]
        said = {"HTTP_PROXY": elsewhere.url, "NO_PROXY": "127.0.0.1", "KEY": "secret-of-the-shop"}
        (tmp_path / "scripted.toml").write_text(
            dealer_file(shop, "always", 'headers = {"X-Api-Key" = "${KEY}"}\n'), encoding="utf-8"
        )
        status, _, err = crawl("equipment", with_browser(tmp_path, sqlite_url, chromium) | said)
    assert status == 0, err
    assert {row["price"] for row in rows(sqlite_url, "listings")} == {41_000, 42_500}
    assert any("public.example/collect" in path for path in elsewhere.paths())
    assert "secret-of-the-shop" not in str(elsewhere.asked)
    own = [(path, {name.lower(): value for name, value in headers.items()}) for path, headers in shop.asked]
    assert {path for path, headers in own if headers.get("x-api-key") != "secret-of-the-shop"} <= {"/robots.txt"}
    assert "/api/stock?on" in shop.paths()
    accepts = {path: headers["accept"] for path, headers in own}
    assert "text/html" in accepts["/machine/list"]
    assert accepts["/api/stock"] == accepts["/app.js"] == "*/*"  # what the page asked for


def test_robots_txt_of_each_own_host_is_read_before_a_page_asks_it_for_anything(shop, chromium, tmp_path, sqlite_url):
    with open_scripted_shop() as data:  # the dealer's too, and the crawler itself never goes there
        data.robots = "User-agent: *\nDisallow: /private\n"
        shop.tries = ["/hidden/list", f"{data.url}/private/stock", f"{data.url}/open"]  # the first by a window as well
        file = dealer_file(shop, "always", f'hosts = ["127.0.0.1:{data.port}"]\n')
        status, _, err = crawled(tmp_path, sqlite_url, chromium, file)
    assert status == 0, err
    assert data.paths()[0] == "/robots.txt"
    assert set(data.paths()) == {"/robots.txt", "/open"}
    assert "/hidden/list" not in shop.paths()

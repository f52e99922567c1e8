"""Crawls of a demo shop by the ways that its own dealer file does not take."""

from collections import Counter

import pytest

from demo.running import running
from tests.crawl.crawling import crawl, environment, rows

SHOP = """\
title = "Pawhaus"
vertical = "dog"
platform = "{platform}"
url = "{url}"
country = "US"

[sections]
{sections}
"""
COLLECTIONS = 'dry-dog-food = "/collections/dry-food"\ndog-beds = ["/collections/beds", "/collections/crates"]'
FEED = 'all = "/feeds/google.xml"\n[items]\nformat = "google_merchant"'


@pytest.fixture(scope="module")
def demo():
    with running(products=120) as found:
        yield found


@pytest.fixture
def crawled(demo, tmp_path):
    """Crawls the shop by a platform and sections; the rows of its listings, and of the crawl."""

    def go(platform, sections):
        (tmp_path / "dealers").mkdir()
        text = SHOP.format(platform=platform, url=demo.url("pawhaus"), sections=sections)
        (tmp_path / "dealers" / "pawhaus.toml").write_text(text, encoding="utf-8")
        env = environment(f"sqlite:///{tmp_path / 'shop.sqlite'}", DEALERS_DIR=str(tmp_path / "dealers"))
        status, _, err = crawl("dog", env)
        assert status == 0, err
        [account] = rows(env["DATABASE_URL"], "crawls")
        return rows(env["DATABASE_URL"], "listings"), account

    return go


def path_of(url):
    return url.partition("//")[2].partition("/")[2]


def test_a_shopify_shop_is_asked_once_for_its_currency(demo, crawled):
    demo.switch("pawhaus", forget=True)
    listings, account = crawled("shopify", COLLECTIONS)
    assert {row["currency"] for row in listings} == {"USD"}
    assert account["outcome"] == "healthy"
    assert all(section["complete"] for section in account["sections"].values())
    asked = [path_of(f"//x{request['path']}") for request in demo.requests("pawhaus")]
    assert asked.count("meta.json") == 1
    wanted = {"dry-dog-food", "dog-beds", "dog-crates"}
    truth = [entry for entry in demo.truth("pawhaus") if entry["usable"] and entry["category"] in wanted]
    assert Counter(path_of(row["url"]) for row in listings) == Counter(path_of(entry["url"]) for entry in truth)


def test_a_google_merchant_feed_gives_the_whole_shop_without_a_map(demo, crawled):
    listings, account = crawled("feed", FEED)
    truth = {path_of(entry["url"]): entry for entry in demo.truth("pawhaus") if entry["usable"]}
    found = {path_of(row["url"]): row for row in listings}
    assert account["outcome"] == "healthy"
    assert set(found) == set(truth)
    for url, row in found.items():
        entry = truth[url]
        assert float(row["price"]) == entry["price"]
        assert (row["regular_price"] and float(row["regular_price"])) == entry["regular_price"]
        for field in ("external_id", "title", "currency", "availability", "brand", "product_group"):
            assert row[field] == entry[field], field

"""`[expect]`: a crawl below it is failed and says why, takes nothing away, and what it stored stays."""

from __future__ import annotations

import pytest

from demo.running import running
from tests.crawl.crawling import ROOT, crawl, environment, rows


@pytest.fixture(scope="module")
def demo():
    with running(machines=60, products=24) as found:
        yield found


@pytest.fixture
def promising(demo, sqlite_url, tmp_path):
    """Writes a demo dealer's file with another promise; an environment that crawls it."""
    folder = tmp_path / "dealers"
    folder.mkdir()

    def write(name: str, promise: str) -> dict[str, str]:
        said = (ROOT / "demo" / "dealers" / f"{name}.toml").read_text(encoding="utf-8")
        (folder / f"{name}.toml").write_text(said.partition("[expect]")[0] + promise, encoding="utf-8")
        return demo.env | {"DATABASE_URL": sqlite_url, "DEALERS_DIR": str(folder)}

    return write


def stock(url: str) -> dict[int, tuple[object, ...]]:
    return {row["id"]: (row["status"], row["gone_at"], row["price"], row["title"]) for row in rows(url, "listings")}


def test_a_crawl_below_its_promise_is_failed_and_takes_nothing_away(process, promising, sqlite_url):
    assert process.crawl("equipment", promising("quarry", "[expect]\nmin_listings = 5000\n")) == {"quarry": "failed"}
    kept = stock(sqlite_url)
    assert process.crawl("equipment", promising("quarry", "[expect]\nmin_listings = 3\n")) == {"quarry": "healthy"}
    assert process.crawl("equipment", promising("quarry", "[expect.fill]\nprice = 1.0\n")) == {"quarry": "failed"}
    assert len(kept) > 3
    assert stock(sqlite_url) == kept
    few, good, empty = rows(sqlite_url, "crawls")
    assert few["failure_class"] == empty["failure_class"] == "below_expectation"
    assert few["listings_new"] == good["listings_seen"] == empty["listings_seen"] == len(kept)
    assert few["reason"] == f"{len(kept)} listings, [expect] wants at least 5000"
    assert empty["reason"].startswith("price in ")


def test_the_report_says_why_a_crawl_is_below_its_promise(promising, sqlite_url):
    env = promising("quarry", "[expect]\nmin_listings = 5000\n")
    status, _, err = crawl("equipment", environment(sqlite_url, **env))
    assert status == 4
    assert "not healthy: quarry (" in err
    assert "listings, [expect] wants at least 5000)" in err


def test_a_part_of_the_stock_breaks_no_promise_about_all_of_it(process, promising, sqlite_url):
    env = promising("hofmann", "[expect]\nmin_listings = 5000\n[expect.fill]\nsku = 1.0\n")
    assert process.crawl("equipment", env, limit="3") == {"hofmann": "healthy"}
    assert process.crawl("equipment", env, category="dozers") == {"hofmann": "healthy"}
    limited, narrowed = rows(sqlite_url, "crawls")
    assert (limited["limited"], narrowed["narrowed"]) == (True, True)
    assert limited["reason"] == narrowed["reason"] == "only a part was asked for"


def test_pages_that_have_not_changed_count_for_the_promise(process, promising, demo, sqlite_url):
    usable = len([entry for entry in demo.truth("quarry") if entry["usable"]])
    promise = f"[expect]\nmin_listings = {usable}\n[expect.fill]\ntitle = 1.0\nmake = 0.9\n"
    for _ in range(2):
        assert process.crawl("equipment", promising("quarry", promise)) == {"quarry": "healthy"}
    assert process.crawl("equipment", promising("quarry", "[expect.fill]\nprice = 1.0\n")) == {"quarry": "failed"}
    first, second, third = rows(sqlite_url, "crawls")
    assert second["pages_unchanged"] == third["pages_unchanged"] == 1
    assert second["listings_seen"] == first["listings_seen"] == usable
    assert second["fill"] == third["fill"] == first["fill"]

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
        return demo.env | {"DATABASE_URL": sqlite_url, "DEALERS_DIR": str(folder), "DELIST_AFTER": "2"}

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


@pytest.fixture
def well(demo):
    """A demo whose switches are put back."""
    yield demo
    demo.switch("quarry", reset=True)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("500", "http_500"), ("block", "no section could be read"), ("empty", "no listing found"), ("half", "usually ")],
)
def test_a_dealer_that_fails_shows_nothing_or_half_loses_nothing(fault, reason, process, promising, well, sqlite_url):
    env = promising("quarry", "")
    for _ in range(2):
        assert process.crawl("equipment", env) == {"quarry": "healthy"}
    kept = stock(sqlite_url)
    well.switch("quarry", fail=fault)
    process.crawl("equipment", env | {"DELIST_AFTER": "1"})
    assert stock(sqlite_url) == kept
    assert {row["kind"] for row in rows(sqlite_url, "events")} == {"listed"}
    first, second, failing = rows(sqlite_url, "crawls")
    assert [row["comparable"] for row in (first, second, failing)] == [False, True, False]
    assert failing["listings_delisted"] == 0
    assert reason in failing["reason"]


def test_what_two_healthy_crawls_miss_is_gone_and_comes_back_as_relisted(process, promising, well, sqlite_url):
    env = promising("quarry", "")
    process.crawl("equipment", env)
    offered = [row["external_id"] for row in rows(sqlite_url, "listings") if row["status"] == "active"]
    one, other = offered[:2]
    well.switch("quarry", remove=one)
    for _ in range(3):
        assert process.crawl("equipment", env) == {"quarry": "healthy"}
    well.switch("quarry", restore=one)
    well.switch("quarry", remove=other)
    process.crawl("equipment", env | {"DELIST_AFTER": "1"})
    assert [row["listings_delisted"] for row in rows(sqlite_url, "crawls")] == [0, 0, 1, 0, 1]
    names = {row["id"]: row["external_id"] for row in rows(sqlite_url, "listings")}
    told = [(names[row["listing_id"]], row["kind"]) for row in rows(sqlite_url, "events") if row["kind"] != "listed"]
    assert told == [(one, "delisted"), (one, "relisted"), (other, "delisted")]
    status = {row["external_id"]: row["status"] for row in rows(sqlite_url, "listings")}
    assert (status[one], status[other]) == ("active", "gone")

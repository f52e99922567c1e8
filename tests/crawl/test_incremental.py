"""What the second crawl of a dealer asks for, reads and saves."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import update

from demo.running import running
from inventory.engine import writer_engine
from inventory.settings import load_settings
from inventory.tables import dealers, pages
from tests.crawl.crawling import crawl, environment, rows, start
from tests.crawl.little_shop import LATER, open_shop

pytestmark = pytest.mark.long

COUNTED = ("listings_seen", "dropped", "fill", "outcome")


@pytest.fixture
def shop(tmp_path):
    with open_shop(tmp_path, 'excavators = "/used"') as found:
        yield found


@pytest.fixture
def mapped_shop(tmp_path):
    with open_shop(tmp_path, 'excavators = "/sitemap.xml"', '[walk]\ndetail_urls = "/machine/"\n') as found:
        yield found


@pytest.fixture
def again(process, tmp_path, sqlite_url):
    """Crawls the little shop: the new `crawls` row, and what it was asked for."""

    def crawl_again(shop, **arguments):
        shop.asked.clear()
        outcomes = process.crawl("equipment", {"DATABASE_URL": sqlite_url, "DEALERS_DIR": str(tmp_path)}, **arguments)
        assert outcomes == {"little": "healthy"}
        return rows(sqlite_url, "crawls")[-1]

    return crawl_again


def prices(url):
    return {row["sku"]: float(row["price"]) for row in rows(url, "listings")}


def walks(row):
    """How a crawl's sections were walked; a first crawl is comparable with nothing."""
    return {
        name: {said: value for said, value in walk.items() if said != "comparable"}
        for name, walk in row["sections"].items()
    }


def conditions(shop):
    return Counter((conditional, status) for _, conditional, status in shop.details())


@pytest.mark.parametrize(
    ("dealer", "vertical"),
    [
        ("hofmann", "equipment"),
        ("skyline", "equipment"),
        ("quarry", "equipment"),
        ("pawhaus", "dog"),
        ("barkwood", "dog"),
    ],
)
def test_an_unchanged_dealer_is_asked_with_conditions_only_and_all_is_seen(
    dealer, vertical, process, tmp_path, sqlite_url
):
    with running(machines=40, products=24) as demo:
        file = Path(f"demo/dealers/{dealer}.toml").read_text(encoding="utf-8")
        (tmp_path / f"{dealer}.toml").write_text(file.partition("[expect]")[0], encoding="utf-8")
        env = {**demo.env, "DATABASE_URL": sqlite_url, "DEALERS_DIR": str(tmp_path)}
        assert process.crawl(vertical, env) == {dealer: "healthy"}
        first_listings = rows(sqlite_url, "listings")
        demo.switch(dealer, forget=True)
        assert process.crawl(vertical, env) == {dealer: "healthy"}
        asked = [entry for entry in demo.requests(dealer) if entry["path"] != "/robots.txt"]
    first, second = rows(sqlite_url, "crawls")
    assert {(entry["conditional"], entry["status"]) for entry in asked} == {(True, 304)}
    assert len(asked) == second["pages"] == second["pages_unchanged"] == first["pages"] > 0
    assert first["pages_unchanged"] == second["pages_skipped"] == 0
    assert {name: second[name] for name in COUNTED} == {name: first[name] for name in COUNTED}
    assert walks(second) == walks(first)
    assert second["listings_unchanged"] == second["listings_seen"] == len(first_listings)
    for before, after in zip(first_listings, rows(sqlite_url, "listings"), strict=True):
        assert after["last_seen"] > before["last_seen"]
        assert after["crawl_id"] == second["id"]
        assert after["last_changed"] == before["last_changed"]


def test_only_the_page_of_a_changed_machine_is_read_again(shop, again, sqlite_url):
    again(shop)
    shop.prices[3] = 39_000
    row = again(shop)
    assert conditions(shop) == {(True, 304): 5, (False, 200): 1}
    assert (row["listings_changed"], row["listings_unchanged"], row["pages_unchanged"]) == (1, 5, 5)
    assert prices(sqlite_url)["M3"] == 39_000
    assert again(shop)["pages_unchanged"] == 7


def test_a_changed_page_is_found_by_its_validator_where_the_list_shows_nothing(shop, again, sqlite_url):
    shop.listed = dict(shop.prices)
    again(shop)
    shop.prices[3] = 39_000
    again(shop)
    assert conditions(shop) == {(True, 304): 5, (True, 200): 1}
    assert prices(sqlite_url)["M3"] == 39_000


def test_a_page_whose_etag_lies_is_read_when_its_list_shows_another_price(shop, again, sqlite_url):
    again(shop)
    shop.freeze("/machine/3")
    shop.prices[3] = 39_000
    again(shop)
    assert ("/machine/3", False, 200) in shop.details()
    assert prices(sqlite_url)["M3"] == 39_000
    again(shop)
    assert conditions(shop) == {(True, 304): 6}


def test_a_page_that_its_list_contradicts_is_read_whole_once_more_and_then_taken_as_it_is(shop, again, sqlite_url):
    again(shop)
    shop.listed = {3: 39_000}  # the page itself is still the old one, as from a cache on the way
    again(shop)
    assert ("/machine/3", False, 200) in shop.details()
    again(shop)
    assert ("/machine/3", False, 200) in shop.details()
    again(shop)
    assert conditions(shop) == {(True, 304): 6}
    shop.prices[3] = 39_000
    again(shop)
    assert prices(sqlite_url)["M3"] == 39_000


def test_a_feed_that_was_cut_off_fails_keeps_what_is_stored_and_is_read_whole_the_next_time(
    process, again, tmp_path, sqlite_url
):
    mapping = '[items]\nformat = "csv"\n[map]\nexternal_id = "id"\ntitle = "title"\nprice = "price"\n'
    with open_shop(tmp_path, 'all = "/feed.csv"', mapping, platform="feed") as shop:
        assert again(shop)["listings_seen"] == 6
        shop.feed_cut_off = True
        env = {"DATABASE_URL": sqlite_url, "DEALERS_DIR": str(tmp_path)}
        for _ in range(2):  # it is not taken as unchanged either
            assert process.crawl("equipment", env) == {"little": "failed"}
            row = rows(sqlite_url, "crawls")[-1]
            assert (row["listings_seen"], row["errors"], row["pages_unchanged"]) == (5, {"parse_error": 1}, 0)
            assert not row["sections"]["all"]["complete"]
            assert rows(sqlite_url, "pages") == []
        assert len(rows(sqlite_url, "listings")) == 6
        shop.feed_cut_off = False
        assert again(shop)["listings_seen"] == 6
        assert again(shop)["pages_unchanged"] == 1


def test_a_page_that_leads_to_another_now_is_not_taken_as_unchanged(shop, again):
    again(shop)
    shop.moved = {"/machine/3": "/home"}
    row = again(shop)
    assert ("/machine/3", True, 302) in shop.asked
    assert ("/home", False, 200) in shop.asked
    assert (row["listings_seen"], row["dropped"]) == (5, {"no_offer": 1})
    assert row["sections"]["excavators"]["unread"] == 0  # it was read, and offers nothing
    shop.moved = {"/machine/3": "http://127.0.0.1:1/elsewhere"}
    row = again(shop)
    assert (row["listings_seen"], row["errors"]) == (5, {"offsite": 1})
    assert row["sections"]["excavators"]["unread"] == 1


def test_the_same_bytes_without_any_validator_are_not_read_again(shop, again):
    shop.without_validators = True
    again(shop)
    row = again(shop)
    assert conditions(shop) == {(False, 200): 6}
    assert (row["pages_unchanged"], row["listings_unchanged"]) == (7, 6)


def test_a_page_that_cannot_be_read_is_not_sent_again_and_is_an_error_each_time(shop, again):
    shop.kinds["/machine/2"] = "application/pdf"
    first, second = again(shop), again(shop)
    assert conditions(shop) == {(True, 304): 6}
    assert first["errors"] == second["errors"] == {"parse_error": 1}
    assert first["sections"]["excavators"]["unread"] == second["sections"]["excavators"]["unread"] == 1
    assert first["dropped"] == second["dropped"] == {}
    assert first["listings_seen"] == second["listings_seen"] == 5


@pytest.mark.parametrize("line", ['[selectors]\nhours = "#meter::text"\n', "[walk]\nmax_pages = 3\n"])
def test_a_changed_dealer_file_reads_every_page_again(line, shop, again, tmp_path):
    again(shop)
    with (tmp_path / "little.toml").open("a", encoding="utf-8") as file:
        file.write(line)
    row = again(shop)
    assert conditions(shop) == {(False, 200): 6}
    assert (row["pages_unchanged"], row["listings_unchanged"]) == (0, 6)
    assert again(shop)["pages_unchanged"] == 7


def test_fresh_reads_every_page_again_and_a_copy_is_whole(shop, again, tmp_path, sqlite_url):
    again(shop)
    assert again(shop, fresh="1")["pages_unchanged"] == 0
    assert conditions(shop) == {(False, 200): 6}
    copy = tmp_path / "copy.jsonl"
    env = environment(sqlite_url, DEALERS_DIR=str(tmp_path))
    assert crawl("equipment", env, "-O", str(copy))[0] == 0
    assert rows(sqlite_url, "crawls")[-1]["pages_unchanged"] == 0
    lines = copy.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 6
    assert all('"title"' in line for line in lines)
    assert again(shop)["pages_unchanged"] == 7


def test_a_trial_run_neither_uses_nor_changes_what_is_remembered(shop, again, sqlite_url):
    again(shop, limit="2")
    assert rows(sqlite_url, "pages") == []
    again(shop)
    assert again(shop, limit="2")["pages_unchanged"] == 0
    assert again(shop)["pages_unchanged"] == 7


def test_a_listing_that_was_taken_as_gone_is_back_when_its_page_answers_304(shop, again, sqlite_url):
    again(shop)
    shop.hidden = {3}
    assert again(shop)["listings_seen"] == 5
    shop.hidden = set()
    assert again(shop)["listings_seen"] == 6
    assert all((conditional, status) == (True, 304) for _, conditional, status in shop.details())


def test_a_killed_crawl_knows_no_page_whose_listings_are_not_stored(sqlite_url):
    with running(machines=120) as demo:
        demo.switch("hofmann", fail="slow", seconds=0.1)
        env = environment(sqlite_url, LEASE_SECONDS="5", **demo.env)
        process = start("equipment", env, "-a", "dealer=hofmann")
        try:
            _wait_for_pages(sqlite_url)
        finally:
            process.kill()
            process.communicate()
        known = {
            number for page in rows(sqlite_url, "pages") for group in page["listings"].values() for number in group
        }
        stored = {row["id"] for row in rows(sqlite_url, "listings")}
        assert known
        assert known <= stored
        wanted = sum(entry["usable"] for entry in demo.truth("hofmann"))
        demo.switch("hofmann", reset=True)
        _end_leases(sqlite_url)
        crawl("equipment", env, "-a", "dealer=hofmann")
        whole = rows(sqlite_url, "crawls")[-1]
        assert whole["listings_seen"] == len(rows(sqlite_url, "listings")) == wanted
        assert whole["listings_new"] == wanted - len(stored)


def test_listings_without_their_page_are_read_again(shop, again, sqlite_url):
    """As after a kill between the commit of the listings and that of their pages."""
    again(shop)
    engine = writer_engine(load_settings(database_url=sqlite_url))
    with engine.begin() as connection:
        connection.execute(pages.delete().where(pages.c.kind == "detail"))
    engine.dispose()
    row = again(shop)
    assert (row["listings_unchanged"], row["listings_seen"], row["pages_unchanged"]) == (6, 6, 1)


def test_lastmod_is_believed_after_three_honest_crawls_and_one_miss_ends_it(mapped_shop, again, sqlite_url):
    shop = mapped_shop
    shop.prices = {number: 40_000 + 100 * number for number in range(1, 31)}
    for proofs in range(4):
        row = again(shop)
        assert len(shop.details()) == 30
        assert row["pages_skipped"] == 0
        assert _dealer(sqlite_url)["lastmod_proofs"] == max(0, proofs)
    before = {row["id"]: row["last_seen"] for row in rows(sqlite_url, "listings")}
    row = again(shop)
    skipped = row["pages_skipped"]
    assert 15 <= skipped <= 30  # a twentieth is asked for all the same
    assert len(shop.details()) == 30 - skipped
    assert row["listings_seen"] == row["listings_unchanged"] == 30
    assert all(row["last_seen"] > before[row["id"]] for row in rows(sqlite_url, "listings"))

    shop.lastmod = {7: LATER}  # moved: asked for, and found as it was
    shop.hidden = {9}
    row = again(shop)
    assert "/machine/7" in [path for path, _, _ in shop.details()]
    assert row["listings_seen"] == 29

    shop.prices = {number: price + 50 for number, price in shop.prices.items()}  # and lastmod says nothing
    _doubt(sqlite_url, "/machine/5")
    row = again(shop)
    assert row["listings_changed"] > 0
    assert _dealer(sqlite_url)["lastmod_missed_at"] is not None
    row = again(shop)
    assert row["pages_skipped"] == 0
    assert prices(sqlite_url)["M5"] == shop.prices[5]
    again(shop, fresh="1")
    assert _dealer(sqlite_url)["lastmod_missed_at"] is None


def test_a_sitemap_that_vouches_for_a_page_which_is_gone_is_believed_no_more(mapped_shop, again, sqlite_url):
    again(mapped_shop)
    again(mapped_shop)
    assert _dealer(sqlite_url)["lastmod_proofs"] == 1
    mapped_shop.gone = {5}
    row = again(mapped_shop)
    assert (row["listings_seen"], row["sections"]["excavators"]["unread"]) == (5, 0)
    dealer = _dealer(sqlite_url)
    assert dealer["lastmod_proofs"] == 0
    assert dealer["lastmod_missed_at"] is not None


def _doubt(url, path):
    """As if a page's list had contradicted it: it is asked for, whatever chance would have."""
    engine = writer_engine(load_settings(database_url=url))
    with engine.begin() as connection:
        connection.execute(update(pages).where(pages.c.url.endswith(path)).values(disagrees=True))
    engine.dispose()


def _dealer(url):
    (row,) = rows(url, "dealers")
    return row


def _end_leases(url):
    engine = writer_engine(load_settings(database_url=url))
    with engine.begin() as connection:
        connection.execute(update(dealers).values(lease_until=None, lease_owner=None))
    engine.dispose()


def _wait_for_pages(url):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if any(page["listings"] for page in rows(url, "pages")):
                return
        except Exception:  # the database or its tables are not there yet
            pass
        time.sleep(0.1)

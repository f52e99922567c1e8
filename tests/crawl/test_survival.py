"""What a dealer's trouble costs: its own time, not the others', and no more requests than its trouble is worth."""

import time

import pytest

from tests.crawl.crawling import crawl, environment, rows
from tests.crawl.small_demo import small_demo

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with small_demo(tmp_path_factory.mktemp("dealers"), machines=600, products=20) as found:
        yield found


@pytest.fixture(autouse=True)
def well(demo):
    yield
    for name in demo.urls:
        demo.switch(name, reset=True)
        demo.switch(name, forget=True)


def pages_asked(demo, dealer):
    return [entry for entry in demo.requests(dealer) if entry["path"] != "/robots.txt"]


def test_a_dead_dealer_is_asked_a_few_times_and_the_others_go_on(demo, sqlite_url):
    demo.switch("hofmann", fail="500")
    env = environment(sqlite_url, **demo.env, BREAKER_PAUSE_S="0.3")
    began = time.monotonic()
    status, _, err = crawl("equipment", env, "-a", "dealer=hofmann,quarry")
    took_s = time.monotonic() - began
    assert status == 3, err
    assert 6 <= len(pages_asked(demo, "hofmann")) <= 6 + 8 + 3, "a burst, what was under way with it, and probes"
    by_dealer = {row["dealer"]: row for row in rows(sqlite_url, "crawls")}
    assert (by_dealer["hofmann"]["outcome"], by_dealer["hofmann"]["failure_class"]) == ("failed", "http_500")
    assert "keeps failing (http_500)" in by_dealer["hofmann"]["reason"]
    assert by_dealer["quarry"]["outcome"] == "healthy"
    alone_s = (by_dealer["quarry"]["ended_at"] - by_dealer["quarry"]["started_at"]).total_seconds()
    assert alone_s < 2, "it did not wait for the other"
    assert took_s < 15


def test_a_dealer_that_comes_back_is_crawled_whole(demo, sqlite_url):
    demo.switch("hofmann", fail="500", times=10)
    status, _, err = crawl("equipment", environment(sqlite_url, **demo.env), "-a", "dealer=hofmann")
    assert status == 0, err
    assert "answers again" in err
    assert len(rows(sqlite_url, "listings")) == len(demo.truth("hofmann"))


def test_retry_after_holds_the_whole_dealer_and_costs_no_page(demo, sqlite_url):
    demo.switch("quarry", fail="429", times=1, retry_after="2")
    demo.switch("hofmann", fail="503", times=1, retry_after="2")
    status, _, err = crawl("equipment", environment(sqlite_url, **demo.env), "-a", "dealer=hofmann,quarry")
    assert status == 0, err
    for dealer, refusal in (("quarry", 429), ("hofmann", 503)):
        log = pages_asked(demo, dealer)
        refused = next(entry["t"] for entry in log if entry["status"] == refusal)
        under_way_s = 0.3
        assert not [entry for entry in log if refused + under_way_s < entry["t"] < refused + 1.9]
        assert [row["errors"] for row in rows(sqlite_url, "crawls") if row["dealer"] == dealer] == [{}]


def test_a_dealer_that_asks_for_more_time_than_there_is_ends_its_crawl_and_says_so(demo, sqlite_url):
    demo.switch("hofmann", fail="429", path="/de/maschine", retry_after="7200")
    env = environment(sqlite_url, **demo.env, MAX_CRAWL_MINUTES="60")
    began = time.monotonic()
    status, _, err = crawl("equipment", env, "-a", "dealer=hofmann,quarry")
    assert status == 3, err
    assert time.monotonic() - began < 15
    failed = next(row for row in rows(sqlite_url, "crawls") if row["dealer"] == "hofmann")
    assert (failed["outcome"], failed["failure_class"]) == ("failed", "http_429")
    assert "7200 s" in failed["reason"]
    refused = [entry for entry in pages_asked(demo, "hofmann") if entry["status"] == 429]
    assert 1 <= len(refused) <= 32, "what was under way when the first one came: CONCURRENT_REQUESTS at most"


def test_a_challenge_page_with_status_200_is_a_block_and_nothing_is_read_from_it(demo, sqlite_url):
    env = environment(sqlite_url, **demo.env)
    demo.switch("ridgeline", fail="block")
    status, _, err = crawl("equipment", env, "-a", "dealer=ridgeline,quarry")
    assert status == 3, err
    failed = next(row for row in rows(sqlite_url, "crawls") if row["dealer"] == "ridgeline")
    assert (failed["outcome"], failed["failure_class"], failed["listings_seen"]) == ("failed", "blocked", 0)
    asked = pages_asked(demo, "ridgeline")
    assert len(asked) == len({entry["path"] for entry in asked}), "a block is not asked again"

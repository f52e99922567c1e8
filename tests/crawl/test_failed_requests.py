"""What failed is asked once more at the end of its walk, written down if it fails again, and asked for by a retry."""

import pytest

from tests.crawl.crawling import crawl, environment, rows
from tests.crawl.small_demo import small_demo

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with small_demo(tmp_path_factory.mktemp("dealers"), machines=160, products=20) as found:
        yield found


@pytest.fixture(autouse=True)
def well(demo):
    yield
    for name in demo.urls:
        demo.switch(name, reset=True)
        demo.switch(name, forget=True)


def a_page_of(demo, dealer):
    """The address of one of the dealer's machines, and its path."""
    url = demo.truth(dealer)[0]["url"]
    return url, url.removeprefix(demo.url(dealer))


def test_a_page_that_fails_for_now_is_asked_once_more_and_costs_nothing(demo, sqlite_url):
    _, path = a_page_of(demo, "hofmann")
    demo.switch("hofmann", fail="500", times=3, path=path)  # the first try and both retries
    status, _, err = crawl("equipment", environment(sqlite_url, **demo.env), "-a", "dealer=hofmann")
    assert status == 0, err
    assert "1 pages that failed are asked once more" in err
    assert [row["errors"] for row in rows(sqlite_url, "crawls")] == [{}]
    assert rows(sqlite_url, "failures") == []
    assert len(rows(sqlite_url, "listings")) == len(demo.truth("hofmann"))


def test_a_page_that_fails_for_good_is_written_down_and_a_retry_asks_for_it_alone(demo, sqlite_url):
    url, path = a_page_of(demo, "hofmann")
    env = environment(sqlite_url, **demo.env)
    demo.switch("hofmann", fail="500", path=path)
    status, _, err = crawl("equipment", env, "-a", "dealer=hofmann,quarry")
    assert status == 0, err
    [failure] = rows(sqlite_url, "failures")
    assert (failure["url"], failure["kind"], failure["failure_class"], failure["status"]) == (
        url,
        "detail",
        "http_500",
        500,
    )
    assert (failure["attempts"], failure["requeued"], failure["resolved_at"]) == (4, 0, None)
    assert failure["visit"]["url"] == url
    assert failure["first_at"] < failure["last_at"]
    listed = {row["id"]: row["status"] for row in rows(sqlite_url, "listings")}

    demo.switch("hofmann", forget=True)
    assert crawl("equipment", env, "-a", "retry=1", "-a", "dealer=hofmann,quarry")[0] == 4, "it still fails"
    assert {entry["path"] for entry in demo.requests("hofmann")} == {"/robots.txt", path}
    assert demo.requests("quarry")[-1]["path"] == "/feed/stock.csv", "nothing failed there, and nothing is asked"
    again = rows(sqlite_url, "failures")[-1]
    assert again["requeued"] == 1

    demo.switch("hofmann", fail=None)
    status, _, err = crawl("equipment", env, "-a", "retry=1", "-a", "dealer=hofmann")
    assert status == 0, err
    last = rows(sqlite_url, "crawls")[-1]
    assert (last["outcome"], last["narrowed"], last["listings_new"]) == ("healthy", True, 1)
    assert all(row["resolved_at"] for row in rows(sqlite_url, "failures"))
    after = {row["id"]: row["status"] for row in rows(sqlite_url, "listings")}
    assert listed.items() <= after.items(), "a retry takes nothing away"
    assert crawl("equipment", env, "-a", "retry=1", "-a", "dealer=hofmann")[0] == 0
    assert len(rows(sqlite_url, "crawls")) == 4, "where nothing failed no crawl is opened"


def test_a_retry_goes_on_where_a_crawl_was_given_up(demo, sqlite_url):
    env = environment(sqlite_url, **demo.env)
    demo.switch("hofmann", fail="500")
    assert crawl("equipment", env, "-a", "dealer=hofmann")[0] == 4
    assert {row["failure_class"] for row in rows(sqlite_url, "failures")} == {"http_500", "given_up"}
    demo.switch("hofmann", fail=None)
    status, _, err = crawl("equipment", env, "-a", "retry=1", "-a", "dealer=hofmann")
    assert status == 0, err
    assert len(rows(sqlite_url, "listings")) == len(demo.truth("hofmann"))
    assert all(row["resolved_at"] for row in rows(sqlite_url, "failures"))

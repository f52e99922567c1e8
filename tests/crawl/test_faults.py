"""A fault for each promise: a failing dealer, a killed crawl, two crawls at once, a database that is not there."""

import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from sqlalchemy import update

from inventory.engine import writer_engine
from inventory.settings import load_settings
from inventory.tables import dealers
from tests.crawl.crawling import crawl, environment, rows, start
from tests.crawl.small_demo import small_demo

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with small_demo(tmp_path_factory.mktemp("dealers"), machines=300, products=24) as found:
        yield found


@pytest.fixture(autouse=True)
def well(demo):
    yield
    for name in demo.urls:
        demo.switch(name, reset=True)


def test_one_failing_dealer_gives_status_3_and_is_named(demo, sqlite_url):
    demo.switch("skyline", fail="500")
    status, _, err = crawl("equipment", environment(sqlite_url, **demo.env), "-a", "dealer=skyline,quarry")
    assert status == 3
    assert "1 of 2 dealers healthy" in err
    assert "skyline (no section could be read (1 http_500))" in err
    outcomes = {row["dealer"]: (row["outcome"], row["failure_class"]) for row in rows(sqlite_url, "crawls")}
    assert outcomes == {"skyline": ("failed", "http_500"), "quarry": ("healthy", None)}


@pytest.mark.parametrize("fault", ["500", "empty", "block"])
def test_a_worthless_crawl_is_failed_and_takes_nothing_away(fault, demo, sqlite_url):
    env = environment(sqlite_url, **demo.env)
    assert crawl("equipment", env, "-a", "dealer=quarry")[0] == 0
    before = {row["id"]: (row["status"], row["price"], row["hours"]) for row in rows(sqlite_url, "listings")}
    demo.switch("quarry", fail=fault)
    assert crawl("equipment", env, "-a", "dealer=quarry")[0] == 4
    after = {row["id"]: (row["status"], row["price"], row["hours"]) for row in rows(sqlite_url, "listings")}
    assert after == before
    assert rows(sqlite_url, "crawls")[-1]["outcome"] == "failed"
    assert rows(sqlite_url, "crawls")[-1]["reason"]


def test_an_unreachable_dealer_is_failed_with_its_class(demo, sqlite_url):
    env = environment(sqlite_url, **demo.env | {"DEMO_PORT_F": "9"})
    status, _, err = crawl("equipment", env, "-a", "dealer=quarry")
    assert status == 4
    assert "refused" in err
    assert [row["failure_class"] for row in rows(sqlite_url, "crawls")] == ["refused"]


def test_two_crawls_at_once_crawl_no_dealer_twice(demo, any_url):
    env = environment(any_url, **demo.env)
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: crawl("equipment", env, "-a", "dealer=skyline,quarry,hofmann"), range(2)))
    errors = [err for _, _, err in both]
    # 3 where the other one had taken every dealer: nothing was crawled, and a schedule should hear of it.
    assert {status for status, _, _ in both} <= {0, 3}, errors
    found = Counter(row["dealer"] for row in rows(any_url, "crawls"))
    said = sum(error.count("is crawling it") for error in errors)
    # A second crawl of a dealer may follow the first's end; it may not run beside it.
    spans = sorted((row["dealer"], row["started_at"], row["ended_at"]) for row in rows(any_url, "crawls"))
    for (dealer, _, ended), (other, started, _) in pairwise(spans):
        assert dealer != other or ended <= started
    assert found.total() + said == 6
    stored = Counter((row["dealer"], row["identity_key"]) for row in rows(any_url, "listings"))
    assert set(stored.values()) == {1}


def test_a_dealer_that_another_process_crawls_is_skipped_and_that_is_said(demo, sqlite_url):
    demo.switch("quarry", fail="slow", seconds=3)
    env = environment(sqlite_url, **demo.env)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(crawl, "equipment", env, "-a", "dealer=quarry")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not _begun(sqlite_url):
            time.sleep(0.1)
        status, _, err = crawl("equipment", env, "-a", "dealer=quarry")
    assert first.result()[0] == 0
    assert status == 3
    assert "quarry is skipped" in err
    assert len(rows(sqlite_url, "crawls")) == 1


def _begun(url: str) -> bool:
    try:
        return bool(rows(url, "crawls"))
    except Exception:
        return False


def test_sigterm_ends_a_crawl_cleanly_and_its_row_says_so(demo, sqlite_url):
    demo.switch("hofmann", fail="slow", seconds=0.2)
    process = start("equipment", environment(sqlite_url, **demo.env), "-a", "dealer=hofmann")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (_begun(sqlite_url) and rows(sqlite_url, "listings")):
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 4
    (row,) = rows(sqlite_url, "crawls")
    assert (row["outcome"], row["failure_class"]) == ("stopped", "shutdown")
    assert row["listings_new"] == len(rows(sqlite_url, "listings")) > 0


def test_a_killed_crawl_loses_nothing_and_the_next_one_closes_it(demo, sqlite_url):
    demo.switch("hofmann", fail="slow", seconds=0.2)
    env = environment(sqlite_url, **demo.env)
    process = start("equipment", env, "-a", "dealer=hofmann")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (_begun(sqlite_url) and rows(sqlite_url, "listings")):
        time.sleep(0.1)
    process.kill()
    process.communicate()
    kept = len(rows(sqlite_url, "listings"))
    demo.switch("hofmann", reset=True)
    _let_its_reservation_run_out(sqlite_url)
    assert crawl("equipment", env, "-a", "dealer=hofmann")[0] == 0
    killed, whole = rows(sqlite_url, "crawls")
    assert (killed["outcome"], killed["failure_class"]) == ("stopped", "killed")
    assert whole["listings_new"] + kept == len(rows(sqlite_url, "listings"))
    keys = Counter(row["identity_key"] for row in rows(sqlite_url, "listings"))
    assert set(keys.values()) == {1}


def _let_its_reservation_run_out(url: str) -> None:
    """As if LEASE_SECONDS had gone by: what nobody renews is in the past."""
    engine = writer_engine(load_settings(database_url=url))
    with engine.begin() as connection:
        held = connection.execute(
            update(dealers).where(dealers.c.lease_until > datetime.now(UTC)).values(lease_until=datetime.now(UTC))
        )
    engine.dispose()
    assert held.rowcount == 1


def test_a_database_that_is_not_there_is_named_without_its_password(demo):
    env = environment("postgresql://user:secret@127.0.0.1:9/yard", **demo.env)
    status, _, err = crawl("equipment", env)
    assert status == 4
    assert "127.0.0.1" in err
    assert "secret" not in err


def test_a_crawl_that_takes_too_long_ends_and_says_so(demo, sqlite_url):
    demo.switch("hofmann", fail="slow", seconds=0.3)
    env = environment(sqlite_url, MAX_CRAWL_MINUTES="0.03", **demo.env)
    status, _, err = crawl("equipment", env, "-a", "dealer=hofmann")
    assert status == 4
    assert "longer than MAX_CRAWL_MINUTES" in err
    (row,) = rows(sqlite_url, "crawls")
    assert row["failure_class"] == "time_up"
    assert not any(section["complete"] for section in row["sections"].values())


@pytest.mark.parametrize("slow_s", [0, 0.1])
def test_a_full_disk_ends_the_crawl_and_loses_nothing(slow_s, demo, sqlite_url, tmp_path):
    """Read slowly, what is stored before the disk is full is enough to look like a whole crawl."""
    env = environment(sqlite_url, **demo.env)
    assert crawl("equipment", env, "-a", "dealer=quarry", "-a", "limit=20")[0] == 0
    before = {row["id"]: (row["title"], row["price"], row["status"]) for row in rows(sqlite_url, "listings")}
    # No file of the crawler's process, its WAL neither, may grow beyond half of what the database has now: writing
    # fails as on a full disk.
    size = (tmp_path / "yard.sqlite").stat().st_size // 2
    if slow_s:
        demo.switch("quarry", fail="slow", seconds=slow_s)
    arguments = ("-a", "dealer=quarry", "-s", "STORE_TRIES_S=0.2,0.4,0.8")
    process = start("equipment", env, *arguments, max_file_bytes=size)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 4
    assert "the database cannot be written" in err
    assert "healthy first crawl" not in err
    after = {row["id"]: (row["title"], row["price"], row["status"]) for row in rows(sqlite_url, "listings")}
    assert before.items() <= after.items()

"""A run with JOBDIR is paused by a signal and goes on with the same command: all listings, each crawl closed once."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from crawler.tracking.job import WrongJob, about, prepared, read_account
from tests.crawl.crawling import crawl, environment, rows, start
from tests.crawl.small_demo import small_demo

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with small_demo(tmp_path_factory.mktemp("dealers"), machines=300, products=20) as found:
        yield found


@pytest.fixture(autouse=True)
def well(demo):
    yield
    for name in demo.urls:
        demo.switch(name, reset=True)
        demo.switch(name, forget=True)


def stored(url):
    try:
        return len(rows(url, "listings"))
    except Exception:
        return 0


def stopped_by(signal_number, env, url, listings, *arguments):
    """A crawl that is sent a signal once some listings are stored: its exit status."""
    process = start("equipment", env, *arguments)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None and stored(url) < listings:
        time.sleep(0.05)
    process.send_signal(signal_number)
    _, err = process.communicate(timeout=60)
    return process.returncode, err


def test_a_paused_run_goes_on_to_its_end_with_the_same_crawls(demo, sqlite_url, tmp_path):
    demo.switch("hofmann", fail="slow", seconds=0.3)
    arguments = ("-a", "dealer=hofmann,quarry", "-s", f"JOBDIR={tmp_path / 'job'}")
    env = environment(sqlite_url, **demo.env)
    status, err = stopped_by(signal.SIGINT, env, sqlite_url, 1, *arguments)
    assert status == 3, err
    assert "paused" in err
    open_row = next(row for row in rows(sqlite_url, "crawls") if row["dealer"] == "hofmann")
    assert (open_row["outcome"], open_row["ended_at"]) == ("running", None)
    assert "paused" in open_row["reason"]
    demo.switch("hofmann", fail=None)
    status, _, err = crawl("equipment", env, *arguments)
    assert status == 0, err
    crawls = {row["dealer"]: row for row in rows(sqlite_url, "crawls")}
    assert len(rows(sqlite_url, "crawls")) == 2, "one crawl of each dealer, though it took two runs"
    for dealer in ("hofmann", "quarry"):
        assert crawls[dealer]["outcome"] == "healthy", crawls[dealer]["reason"]
        listed = Counter(row["identity_key"] for row in rows(sqlite_url, "listings") if row["dealer"] == dealer)
        assert len(listed) == len(demo.truth(dealer))
        assert set(listed.values()) == {1}
        assert crawls[dealer]["listings_new"] == len(listed)
        assert all(section["complete"] for section in crawls[dealer]["sections"].values())
    asked = Counter(entry["path"] for entry in demo.requests("hofmann") if entry["path"] != "/robots.txt")
    assert set(asked.values()) == {1}, "nothing was asked twice"
    assert not (tmp_path / "job" / "run").exists(), "the folder can be used for the next run"


def test_a_run_that_was_killed_begins_anew_and_loses_nothing(demo, sqlite_url, tmp_path):
    demo.switch("hofmann", fail="slow", seconds=0.15)
    arguments = ("-a", "dealer=hofmann", "-s", f"JOBDIR={tmp_path / 'job'}")
    env = environment(sqlite_url, **demo.env, LEASE_SECONDS="5")
    assert stopped_by(signal.SIGKILL, env, sqlite_url, 5, *arguments)[0] == -signal.SIGKILL
    kept = stored(sqlite_url)
    demo.switch("hofmann", fail=None)
    time.sleep(5.5)  # LEASE_SECONDS, which nobody renews
    status, _, err = crawl("equipment", env, *arguments)
    assert status == 0, err
    assert "begins anew" in err
    killed, whole = rows(sqlite_url, "crawls")
    assert (killed["failure_class"], whole["outcome"]) == ("killed", "healthy")
    assert whole["listings_new"] + kept == stored(sqlite_url) == len(demo.truth("hofmann"))


def test_a_paused_job_is_only_gone_on_with_by_the_same_command(tmp_path):
    one, other = about("equipment", {}, []), about("equipment", {"dealer": "a"}, [])
    folder = prepared(tmp_path, one)
    account = json.loads((folder / "crawls.json").read_text())
    assert not account["paused"]
    (folder / "crawls.json").write_text(json.dumps(account | {"paused": True}))
    assert prepared(tmp_path, one) == folder
    with pytest.raises(WrongJob, match="remove it to begin"):
        prepared(tmp_path, other)
    (folder / "crawls.json").write_text("{half")
    (folder / "requests.seen").touch()
    assert prepared(tmp_path, other) == folder
    assert [file.name for file in folder.iterdir()] == ["crawls.json"]
    assert read_account(Path(tmp_path)) is None


@pytest.mark.parametrize("argument", ["limit=3", "dry_run=1", "retry=1", "due=1"])
def test_what_cannot_be_paused_is_refused(demo, sqlite_url, tmp_path, argument):
    env = environment(sqlite_url, **demo.env)
    status, _, err = crawl("equipment", env, "-a", argument, "-s", f"JOBDIR={tmp_path}")
    assert status == 2
    assert "JOBDIR" in err


@pytest.mark.parametrize("vertical", ["equipment", "dog"])
def test_every_request_of_every_demo_dealer_can_be_kept_as_json(demo, sqlite_url, vertical):
    scheduler = "tests.crawl.json_scheduler.JsonScheduler"
    status, _, err = crawl(vertical, environment(sqlite_url, **demo.env), "-s", f"SCHEDULER={scheduler}")
    assert status == 0, err
    assert rows(sqlite_url, "listings")

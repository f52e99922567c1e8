"""`scrapy rework --infer` as a user runs it: reports, wrong use, faults of the database, killed in the middle."""

from __future__ import annotations

import argparse
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import OperationalError

from crawler.commands.rework import _infer
from inventory.engine import reader_engine, writer_engine
from inventory.settings import load_settings
from inventory.store import rework as store_of_reworks
from inventory.store.rework import BATCH_ROWS
from inventory.tables import listing_details, listing_keys, listing_pairs, listings, units
from pipelines import rework as pipelines_rework
from pipelines.inference_version import inference_version
from tests.crawl.crawling import ROOT, environment, scrapy
from tests.crawl.terminal import scrapy_at_a_terminal
from tests.inventory.test_rework import bare
from tests.inventory.yard import Yard, machine

COMMAND = [sys.executable, "-m", "scrapy", "rework"]


def start(url: str, *arguments: str, **streams) -> subprocess.Popen[str]:
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    return subprocess.Popen([*COMMAND, *arguments], cwd=ROOT, env=environment(url), text=True, **streams)


def rework(url: str, *arguments: str) -> tuple[int, str, str]:
    """`scrapy rework …`: exit status, standard output, standard error."""
    return scrapy(environment(url), "rework", *arguments)


@pytest.fixture
def yard(any_url: str, any_settings) -> Iterator[Yard]:
    engine = writer_engine(any_settings)
    found = Yard(engine)
    found.url = any_url
    yield found
    engine.dispose()


def done(yard: Yard) -> int:
    """How many listings are of today's version; read beside a process that may be writing."""
    engine = reader_engine(load_settings(database_url=yard.url))
    try:
        with engine.connect() as connection:
            query = select(func.count()).select_from(listings)
            return int(
                connection.execute(query.where(listings.c.inference_version == inference_version())).scalar_one()
            )
    finally:
        engine.dispose()


def test_it_tells_what_would_change_then_changes_it_then_finds_nothing_to_do(yard):
    nothing = {"category_confidence": 0.0, "size_method": "unknown", "size_confidence": 0.0}
    yard.crawl(bare("a"), bare("b"), bare("c", title="Unheard of", **nothing))
    dry, wet, again, everyone = (
        rework(yard.url, "--infer", *more) for more in (["--dry-run"], [], [], ["--all", "--dealer", "acme"])
    )
    assert [run[0] for run in (dry, wet, again, everyone)] == [0, 0, 0, 0]
    told = json.loads(dry[1])
    assert told["dry_run"] is True
    assert (told["looked_at"], told["changed"], told["unchanged"], told["left"]) == (3, 2, 1, 0)
    assert told["fields"]["category"] == {
        "changed": 2, "top": [{"from": "unknown", "to": "articulated-trucks", "count": 2}]
    }  # fmt: skip
    assert told["fields"]["size_class"]["top"][0] == {"from": "unknown", "to": "40–50", "count": 2}
    assert json.loads(wet[1]) == told | {"dry_run": False}
    assert (json.loads(again[1])["looked_at"], json.loads(everyone[1])["unchanged"]) == (0, 3)
    assert done(yard) == 3


def test_a_person_sees_a_table(yard):
    yard.crawl(bare("a", make="[bold]Cat", provenance={"make": "title"}))
    status, text = scrapy_at_a_terminal(environment(yard.url), "rework", "--infer")
    assert status == 0
    assert "1 listings: 1 changed, 0 unchanged, 0 left" in text
    assert "[bold]Cat → Caterpillar" in text


@pytest.mark.parametrize(("arguments", "status", "message"), [
    ((), 2, "say what to do again: --infer"),
    (("--infer", "acme"), 2, "acme: takes only options"),
    (("--infer", "--dealer", "acmee"), 2, "no dealer 'acmee' in the database; did you mean 'acme'?"),
    (("--infer", "--vertical", "cats"), 2, "invalid choice"),
])  # fmt: skip
def test_wrong_use(sqlite_settings, sqlite_url, arguments, status, message):
    Yard(engine := writer_engine(sqlite_settings))
    engine.dispose()
    found, out, err = rework(sqlite_url, *arguments)
    assert (found, out) == (status, "")
    assert message in err
    assert "Traceback" not in err


@pytest.mark.parametrize(("url", "message"), [
    ("postgresql://me:secret@127.0.0.1:1/yard", "DATABASE_URL: the database"),
    ("sqlite:////tmp/no/such/folder/yard.sqlite", "is not there: nothing is stored yet"),
    ("mysql://127.0.0.1/yard", "DATABASE_URL: mysql is not supported"),
])  # fmt: skip
@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_a_database_that_cannot_be_had_is_named_with_its_setting(url, message, more):
    status, out, err = rework(url, "--infer", *more)
    assert (status, out) == (2 if "mysql" in url else 4, "")
    assert "DATABASE_URL" in err
    assert message in err
    assert "secret" not in err
    assert "Traceback" not in err


def test_a_dry_run_changes_no_schema(sqlite_url):
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        connection.execute("CREATE TABLE other (id INTEGER)")
    status, _, err = rework(sqlite_url, "--infer", "--dry-run")
    assert (status, "python -m inventory migrate" in err) == (2, True)


def test_a_broken_listing_is_named_and_the_exit_status_says_so(sqlite_settings, sqlite_url):
    engine = writer_engine(sqlite_settings)
    yard = Yard(engine)
    yard.crawl(bare("a"), bare("b"))
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("UPDATE listing_details SET raw = '{' WHERE listing_id = 1")
    status, out, err = rework(sqlite_url, "--infer")
    assert (status, json.loads(out)["left"], json.loads(out)["changed"]) == (3, 1, 1)
    assert "listing 1 is left as it is: what is stored of it is broken" in err
    engine.dispose()


@contextmanager
def held_up_at(yard: Yard, listing_id: int) -> Iterator[None]:
    """Whoever writes this listing gets no further."""
    with yard.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(listings.c.id).where(listings.c.id == listing_id).with_for_update())
            yield
            return
    for_ages = "SELECT count(*) FROM listings a, listings b, listings c, listings d"
    with yard.engine.begin() as connection:
        connection.exec_driver_sql(
            f"CREATE TRIGGER hold AFTER UPDATE ON listings WHEN OLD.id = {listing_id} BEGIN {for_ages}; END"
        )
    yield
    with yard.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER hold")


def test_killed_in_the_middle_it_leaves_whole_batches_and_goes_on(yard):
    number = 3 * BATCH_ROWS
    yard.crawl(*(bare(f"m{n}") for n in range(number)))
    with held_up_at(yard, 2 * BATCH_ROWS + BATCH_ROWS // 2):
        process = start(yard.url, "--infer")
        try:
            deadline = time.monotonic() + 60
            while done(yard) < 2 * BATCH_ROWS:
                assert time.monotonic() < deadline
                assert process.poll() is None
                time.sleep(0.05)
            time.sleep(0.5)  # it is in the middle of the third batch then; anywhere else is as good
        finally:
            process.send_signal(signal.SIGKILL)
            process.communicate()
    first = done(yard)
    assert first == 2 * BATCH_ROWS
    with yard.engine.connect() as connection:  # both tables of a listing, or none
        half = select(func.count()).select_from(listings.join(listing_details)).where(
            listings.c.make.is_not(None) != listing_details.c.provenance["make"].as_string().is_not(None)
        )  # fmt: skip
        assert connection.execute(half).scalar_one() == 0
    status, out, _ = rework(yard.url, "--infer")
    assert (status, json.loads(out)["looked_at"]) == (0, number - first)
    assert done(yard) == number


def test_a_writer_that_holds_the_database_is_waited_for(yard):
    yard.crawl(bare("a"))
    with ThreadPoolExecutor(1) as pool:
        with yard.engine.begin() as connection:
            connection.execute(listings.update().values(last_seen=yard.now))
            running = pool.submit(rework, yard.url, "--infer")
            with pytest.raises(TimeoutError):
                running.result(7)
        status, out, err = running.result(60)
    assert (status, err) == (0, "")
    assert json.loads(out)["changed"] == 1


def test_a_database_that_answers_again_is_gone_on_with_and_one_that_is_lost_is_said(yard, monkeypatch, capsys):
    yard.crawl(bare("a"))
    calls: list[str] = []
    monkeypatch.setattr(time, "sleep", lambda _: None)

    def failing(times: int):
        def read(*arguments):
            calls.append("read")
            if len(calls) <= times:
                raise OperationalError("SELECT", {}, Exception("server closed the connection"))
            return store_of_reworks.read(*arguments)

        calls.clear()
        monkeypatch.setattr(pipelines_rework, "read", read)

    options = argparse.Namespace(dealer=None, vertical=None, all=True)
    failing(2)
    assert _infer(yard.engine, yard.engine, options) == 0
    said = capsys.readouterr()
    assert said.err.count("the database did not answer: server closed the connection") == 2
    assert json.loads(said.out)["changed"] == 1
    failing(99)
    assert _infer(yard.engine, yard.engine, options) == 4
    said = capsys.readouterr()
    assert "DATABASE_URL: the database was lost: server closed the connection; what is told is done" in said.err
    assert json.loads(said.out)["looked_at"] == 0


def test_link_finds_units_anew_and_changes_nothing_the_second_time(yard):
    serial = {"serial_number": "CAT0320D-ABC12345"}
    yard.crawl(machine("a", **serial), machine("b", **serial))
    with yard.engine.begin() as connection:
        connection.execute(delete(listing_pairs))
        connection.execute(delete(listing_keys))
        connection.execute(update(units).values(listings_count=0))
    status, out, err = rework(yard.url, "--link")
    assert (status, json.loads(out)) == (0, {"looked_at": 2, "moved_to_another_unit": 0}), err
    assert (yard.count(listing_pairs), yard.link("b")["method"]) == (1, "serial")
    with yard.engine.connect() as connection:
        before = list(connection.execute(select(units)))
    assert before[0].listings_count == 2
    assert rework(yard.url, "--link")[0] == 0
    with yard.engine.connect() as connection:
        assert list(connection.execute(select(units))) == before


@pytest.mark.parametrize("options", [(), ("--infer", "--link"), ("--link", "--dealer", "acme")])
def test_what_to_do_again_must_be_said_once(sqlite_url, options):
    status, out, err = rework(sqlite_url, *options)
    assert (status, out) == (2, "")
    assert "--link" in err

"""Two processes may write at once: nothing is stored twice and no dealer is begun twice."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier, Timer

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from inventory.engine import writer_engine
from inventory.ledger import Begun, Busy, DealerFacts, begin
from inventory.settings import load_settings
from inventory.store.batch import store
from inventory.tables import crawls, dealers, events, listing_details, listings, unit_links
from pipelines.identity.matching import IdentityRules
from tests.inventory.yard import START, Yard, machine


@contextmanager
def engines(settings, number):
    made = [writer_engine(settings) for _ in range(number)]
    try:
        yield made
    finally:
        for engine in made:
            engine.dispose()


def at_once(settings, jobs):
    """Each job with an engine of its own, all let go together."""
    barrier = Barrier(len(jobs))

    def run(engine, job):
        barrier.wait()
        return job(engine)

    with engines(settings, len(jobs)) as made, ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, made, jobs))


def batches_of(numbers, dealer_order):
    """Ten batches of 20 that others store too, in an order of the writer's own."""
    found = [
        machine(f"m{number}", dealer=dealer, serial_number=f"CAT0320D{number:06}")
        for number in numbers
        for dealer in dealer_order
    ]
    return [found[start : start + 20] for start in range(0, len(found), 20)]


def test_two_writers_of_overlapping_batches_store_each_listing_once(any_settings):
    with engines(any_settings, 1) as [engine]:
        Yard(engine)

    def writer(numbers, order):
        def store_all(engine):
            words = []
            for batch in batches_of(numbers, order):
                for _ in range(5):
                    try:
                        outcomes = store(engine, batch, IdentityRules(), lambda: START).outcomes
                    except OperationalError:  # a deadlock: nothing was stored, the pipeline tries again
                        continue
                    words += [word for _, word in outcomes]
                    break
            return words

        return store_all

    jobs = [writer(range(100), ("acme", "bolt")), writer(range(99, -1, -1), ("bolt", "acme"))]
    first, second = at_once(any_settings, jobs)

    assert len(first) == len(second) == 200
    assert sorted(first + second) == ["new"] * 200 + ["unchanged"] * 200
    with engines(any_settings, 1) as [engine], engine.connect() as connection:
        for table in (listings, listing_details, events, unit_links):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 200
        assert not list(connection.execute(select(listings.c.id).where(listings.c.unit_id.is_(None))))


def test_of_four_processes_that_begin_a_new_dealer_at_once_one_has_it(any_settings):
    acme = DealerFacts("acme", "equipment", url="https://acme.example")

    def beginner(owner):
        return lambda engine: begin(engine, acme, owner, timedelta(minutes=1), START, narrowed=False, limited=False)

    owners = [f"host:{number}" for number in range(4)]
    answers = at_once(any_settings, [beginner(owner) for owner in owners])
    winners = [owner for owner, answer in zip(owners, answers, strict=True) if isinstance(answer, Begun)]
    assert len(winners) == 1
    assert {answer.owner for answer in answers if isinstance(answer, Busy)} == set(winners)
    with engines(any_settings, 1) as [engine], engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(dealers)).scalar_one() == 1
        assert connection.execute(select(func.count()).select_from(crawls)).scalar_one() == 1


def test_a_writer_waits_for_a_file_that_another_is_just_making(sqlite_url):
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), check_same_thread=False, isolation_level=None)
    other.execute("CREATE TABLE made (id INTEGER)")
    other.execute("BEGIN IMMEDIATE")
    later = Timer(0.2, other.execute, ["COMMIT"])
    later.start()
    try:
        with engines(load_settings(database_url=sqlite_url), 1) as [engine], engine.begin() as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    finally:
        later.join()
        other.close()

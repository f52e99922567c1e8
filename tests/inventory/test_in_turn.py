"""Writers who get in each other's way: each writes in the end, and what they write together is right (PostgreSQL)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from time import monotonic, sleep

import pytest
from sqlalchemy import Engine, event, select, text, update

from inventory.engine import writer_engine
from inventory.settings import Settings
from inventory.store.batch import store
from inventory.store.turns import in_turn
from inventory.store.unit_rows import seen_again
from inventory.tables import dealers, listings, units
from tests.inventory.exact_rules import ExactRules
from tests.inventory.test_units import partition
from tests.inventory.yard import START, Yard, machine


@pytest.fixture
def two(postgres_settings: Settings) -> Iterator[tuple[Engine, Engine]]:
    """Two writers of one PostgreSQL database with the dealers `acme` and `bolt`."""
    made = writer_engine(postgres_settings), writer_engine(postgres_settings)
    Yard(made[0])
    yield made
    for engine in made:
        engine.dispose()


def waits_for_a_lock(engine, *, within_s=10.0):
    """Wait until some transaction waits for another."""
    end = monotonic() + within_s
    while monotonic() < end:
        with engine.connect() as connection:
            if connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one():
                return
        sleep(0.02)
    raise AssertionError("nobody waits")


def test_two_who_wait_for_each_other_both_write(two):
    barrier = Barrier(2)

    def writer(engine, names):
        calls = []

        def write(connection):
            calls.append(1)
            for name in names:
                title = dealers.c.title
                connection.execute(update(dealers).where(dealers.c.name == name).values(title=title + "x"))
                if len(calls) == 1 and name == names[0]:
                    barrier.wait()
            return len(calls)

        return in_turn(engine, write)

    with two[0].begin() as connection:
        connection.execute(update(dealers).values(title=""))
    with ThreadPoolExecutor(2) as pool:
        calls = list(pool.map(writer, two, (("acme", "bolt"), ("bolt", "acme"))))
    assert sorted(calls) == [1, 2]
    with two[0].connect() as connection:
        assert connection.execute(select(dealers.c.title)).scalars().all() == ["xx", "xx"]


def test_two_who_bring_twins_of_one_listing_under_other_keys_make_one_unit(two):
    store(two[0], [machine("middle", serial_number="100002", hours=100)], ExactRules(), lambda: START)
    written, go = Event(), Event()

    @event.listens_for(two[0], "commit")
    def before_commit(connection):
        written.set()
        go.wait(10)

    with ThreadPoolExecutor(2) as pool:
        twin = machine("by_serial", dealer="bolt", serial_number="100002")
        first = pool.submit(store, two[0], [twin], ExactRules(), lambda: START)
        written.wait(10)
        second = pool.submit(store, two[1], [machine("by_hours", hours=100)], ExactRules(), lambda: START)
        waits_for_a_lock(two[1])
        go.set()
        assert [word for done in (first, second) for _, word in done.result().outcomes] == ["new", "new"]
    assert [len(part) for part in partition(two[1])] == [3]
    with two[1].connect() as connection:
        assert connection.execute(select(units.c.listings_count)).scalars().all() == [3]


def test_a_twin_that_is_no_more_one_is_not_joined_by_who_read_it_before(two):
    store(two[0], [machine("a", hours=100)], ExactRules(), lambda: START)
    written, go = Event(), Event()

    @event.listens_for(two[0], "commit")
    def before_commit(connection):
        written.set()
        go.wait(10)

    with ThreadPoolExecutor(2) as pool:
        other = machine("a", serial_number="100002", hours=500)
        first = pool.submit(store, two[0], [other], ExactRules(), lambda: START)
        written.wait(10)
        second = pool.submit(store, two[1], [machine("b", dealer="bolt", hours=100)], ExactRules(), lambda: START)
        waits_for_a_lock(two[1])
        go.set()
        first.result()
        second.result()
    assert sorted(len(part) for part in partition(two[1])) == [1, 1]


def test_what_is_seen_again_while_its_unit_is_written_is_not_forgotten(two):
    store(two[0], [machine("a", serial_number="100002")], ExactRules(), lambda: START)
    later = START + timedelta(days=3)

    class Slow(ExactRules):
        """Another crawl sees the first listing again while this one is thinking."""

        def cluster(self, members, pairs):
            with two[1].begin() as connection:
                ids = connection.execute(update(listings).values(last_seen=later).returning(listings.c.id))
                seen_again(connection, ids.scalars().all(), later)
            return super().cluster(members, pairs)

    store(two[0], [machine("b", dealer="bolt", serial_number="100002")], Slow(), lambda: START)
    with two[0].connect() as connection:
        assert connection.execute(select(units.c.last_seen, units.c.listings_count)).all() == [(later, 2)]

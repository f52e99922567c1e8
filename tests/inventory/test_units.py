"""The same listings give the same units, in whatever order and in batches of whatever size they come."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, func, select, update

from inventory.engine import writer_engine
from inventory.schema import migrate
from inventory.settings import load_settings
from inventory.store.batch import store
from inventory.store.keys import NEAREST
from inventory.store.relink import relink
from inventory.store.unit_rows import status_changed
from inventory.tables import dealers, listing_keys, listing_pairs, listings, unit_links, units
from pipelines.identity.matching import IdentityRules
from tests.inventory.exact_rules import ExactRules
from tests.inventory.yard import START, Yard, machine

SERIAL = {"serial_number": "CAT0320D-ABC12345"}


def partition(engine):
    """Which listings are together, by dealer and dealer's id."""
    query = select(listings.c.unit_id, dealers.c.name, listings.c.external_id).join(dealers)
    found = {}
    with engine.connect() as connection:
        for unit_id, *name in connection.execute(query):
            found.setdefault(unit_id, set()).add(tuple(name))
    assert None not in found
    return {frozenset(names) for names in found.values()}


def everything(engine):
    """All that is stored about units."""
    with engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in (listing_keys, listing_pairs, unit_links, units)
        } | {"unit_of": sorted(connection.execute(select(listings.c.id, listings.c.unit_id)))}


def emptied(engine):
    with engine.begin() as connection:
        connection.execute(delete(unit_links))
        connection.execute(delete(listings))
        connection.execute(delete(units))


def stored_in(engine, found, sizes, rules):
    left = list(found)
    for size in sizes * len(left):
        if left:
            store(engine, left[:size], rules, lambda: START)
            left = left[size:]


facts = st.fixed_dictionaries(
    {
        "dealer": st.sampled_from(["acme", "bolt"]),
        "serial_number": st.sampled_from([None, None, "100001", "100002", "100003"]),
        "hours": st.sampled_from([None, *range(100, 160, 4)]),
    }
)


@pytest.fixture(scope="module")
def bare_engine(tmp_path_factory):
    engine = writer_engine(load_settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('units') / 'u.sqlite'}"))
    migrate(engine)
    Yard(engine)
    yield engine
    engine.dispose()


def all_meet(said):
    """Whether no more stand at one place than are looked at there: beyond that, who came first decides who meets."""
    return all(count <= NEAREST for hours, count in Counter(one["hours"] for one in said).items() if hours is not None)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.lists(facts, min_size=2, max_size=14).filter(all_meet),
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    data=st.data(),
)
def test_order_and_batches_do_not_matter(bare_engine, said, sizes, data):
    found = [machine(f"m{number}", **one) for number, one in enumerate(said)]
    emptied(bare_engine)
    store(bare_engine, found, ExactRules(), lambda: START)
    at_once = partition(bare_engine)
    emptied(bare_engine)
    stored_in(bare_engine, data.draw(st.permutations(found)), sizes, ExactRules())
    assert partition(bare_engine) == at_once
    before = everything(bare_engine)
    for _ in relink(bare_engine, ExactRules(), lambda: START + timedelta(days=1), rows=3):
        pass
    assert everything(bare_engine) == before


def stock(number, seed):
    """Machines of few models, so that many are like each other; a third bears a serial."""
    chance = random.Random(seed)
    for place in range(number):
        dealer = chance.choice(["acme", "bolt"])
        yield machine(
            f"m{place}",
            dealer=dealer,
            model=chance.choice(["320", "330"]),
            year=chance.choice([2015, 2016]),
            hours=chance.randrange(3000, 3300),
            price=chance.choice([40_000, 41_000, 60_000]),
            country="US",
            region=chance.choice(["TX", "OH"]),
            serial_number=chance.choice([None, None, f"CAT0320D{chance.randrange(number // 3):06}"]),
        )


def test_order_does_not_matter_to_the_rules_of_the_program(any_writer):
    Yard(any_writer)
    found = list(stock(60, 7))
    store(any_writer, found, IdentityRules(), lambda: START)
    at_once = partition(any_writer)
    assert any(len(part) > 1 for part in at_once)
    for seed in (1, 2):
        emptied(any_writer)
        random.Random(seed).shuffle(found)
        stored_in(any_writer, found, [1, 7, 2, 19], IdentityRules())
        assert partition(any_writer) == at_once


def test_a_group_that_is_parted_keeps_its_unit_where_most_of_it_stays(yard):
    yard.crawl(*(machine(name, **SERIAL) for name in ("a", "b", "c")))
    unit_id = yard.row("a")["unit_id"]
    yard.crawl(machine("a", serial_number="KMT0PC21099887766"), machine("b", **SERIAL), machine("c", **SERIAL))
    assert [yard.row(name)["unit_id"] == unit_id for name in ("a", "b", "c")] == [False, True, True]
    yard.crawl(machine("a", **SERIAL))
    assert {yard.row(name)["unit_id"] for name in ("a", "b", "c")} == {unit_id}
    assert yard.count(units) == 1


def unit_of(yard, name):
    with yard.engine.connect() as connection:
        query = select(units).join(listings, listings.c.unit_id == units.c.id).where(listings.c.external_id == name)
        return connection.execute(query).one()


def test_a_unit_says_since_when_and_until_when_it_was_seen(yard):
    yard.crawl(machine("a", **SERIAL))
    first = yard.now
    yard.crawl(machine("b", dealer="bolt", **SERIAL), dealer="bolt")
    yard.crawl(machine("b", dealer="bolt", **SERIAL), dealer="bolt")  # nothing new: only seen
    unit = unit_of(yard, "a")
    assert (unit.listing_id, unit.listings_count) == (yard.row("a")["id"], 2)
    assert (unit.first_seen, unit.last_seen, unit.status) == (first, yard.now, "active")
    yard.crawl(machine("a", price=None, price_status="sold", **SERIAL))
    assert unit_of(yard, "a").status == "active"
    yard.crawl(machine("b", dealer="bolt", price=None, price_status="sold", **SERIAL), dealer="bolt")
    assert unit_of(yard, "a").status == "sold"


def test_a_unit_is_gone_with_the_last_of_its_listings(yard):
    yard.crawl(machine("a", **SERIAL), machine("b", **SERIAL))
    for names, status in ((["a"], "active"), (["b"], "gone")):
        ids = [yard.row(name)["id"] for name in names]
        with yard.engine.begin() as connection:
            connection.execute(update(listings).where(listings.c.id.in_(ids)).values(status="gone", gone_at=yard.now))
            status_changed(connection, ids)
        assert unit_of(yard, "a").status == status
    yard.crawl(machine("a", **SERIAL))
    assert unit_of(yard, "a").status == "active"


@contextmanager
def engines(chosen, number):
    made = [writer_engine(chosen) for _ in range(number)]
    try:
        yield made
    finally:
        for engine in made:
            engine.dispose()


@pytest.mark.parametrize("turn", range(3))
def test_twins_that_two_writers_store_at_the_same_moment_are_one_unit(any_settings, turn):
    with engines(any_settings, 4) as made:
        names = ["acme", "bolt", "cole", "drew"]
        Yard(made[0], names)
        barrier = Barrier(4)

        def writer(engine, name):
            found = [machine(f"m{number}", dealer=name, serial_number=f"CAT0320D{number:06}") for number in range(40)]
            barrier.wait()
            store(engine, found if turn % 2 else found[::-1], IdentityRules(), lambda: START)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(writer, made, names))
        parts = partition(made[0])
        assert sorted(len(part) for part in parts) == [4] * 40
        with made[0].connect() as connection:
            assert connection.execute(select(func.count()).select_from(units)).scalar_one() == 40


def test_a_batch_asks_for_candidates_once(yard):
    asked = []

    @event.listens_for(yard.engine, "before_cursor_execute")
    def note(connection, cursor, statement, *_):
        if "FROM listing_keys AS k" in statement:
            asked.append(statement)

    yard.crawl(*(machine(f"m{number}", hours=100 * number) for number in range(50)))
    assert len(asked) == 1


def test_what_other_rules_linked_is_linked_again(yard):
    yard.crawl(machine("a", **SERIAL), machine("b", **SERIAL), machine("c", serial_number="KMT0PC21099887766"))
    right = everything(yard.engine)["unit_of"]
    first = yard.row("a")["unit_id"]
    with yard.engine.begin() as connection:  # as an older program left it
        for table in (listing_keys, listing_pairs):
            connection.execute(delete(table))
        connection.execute(update(unit_links).values(unit_id=first, method="alone", evidence=None))
        connection.execute(update(listings).values(unit_id=first))
        connection.execute(delete(units).where(units.c.id != first))
    done = list(relink(yard.engine, IdentityRules(), lambda: yard.now, rows=1))
    assert [batch.step for batch in done] == ["keys"] * 3 + ["units"] * 3
    now = dict(everything(yard.engine)["unit_of"])
    assert now[right[0][0]] == now[right[1][0]] != now[right[2][0]]
    assert yard.link("b")["method"] == "serial"
    assert sum(batch.moved for batch in relink(yard.engine, IdentityRules(), lambda: yard.now)) == 0


def test_a_dealer_that_gives_a_machine_another_number_keeps_its_history(yard):
    yard.crawl(machine("a", **SERIAL))
    before = yard.row("a")
    yard.crawl(machine("new", **SERIAL))
    after = yard.row("new")
    assert after["id"] == before["id"]
    assert (after["identity_key"], after["url"]) == ("id:new", "https://acme.example/new")
    assert yard.count(listings) == 1
    assert [kind for kind, _ in yard.events("new")] == ["listed", "changed"]


def test_two_advertisements_of_one_crawl_stay_two(yard):
    yard.crawl(machine("a", **SERIAL))
    yard.crawl(machine("a", **SERIAL), machine("b", **SERIAL))
    assert yard.count(listings) == 2
    yard.crawl(machine("c", sku="77"), machine("d", sku="77"))
    yard.crawl(machine("e", sku="77"))  # of which of the two it is the new number cannot be known
    assert yard.count(listings) == 5


def test_a_machine_seen_now_and_then_is_linked_the_same_in_one_batch_or_three(any_writer):
    Yard(any_writer)
    meter = {"acme": 3000, "bolt": 2990}  # a dealer rounds; both offer it at one time
    seen = [("acme", 0), ("bolt", 5), ("acme", 10)]
    parts = []
    for size in (1, 3):
        emptied(any_writer)
        found = [
            machine("m1", dealer=name, hours=meter[name], region="TX", observed_at=START + timedelta(days=day))
            for name, day in seen
        ]
        stored_in(any_writer, found, [size], IdentityRules())
        parts.append(partition(any_writer))
        before = everything(any_writer)
        list(relink(any_writer, IdentityRules(), lambda: START))
        assert everything(any_writer) == before
    assert parts[0] == parts[1] == {frozenset({("acme", "m1"), ("bolt", "m1")})}


def test_two_numbers_of_one_machine_are_one_unit_in_whatever_order_they_were_observed(any_writer):
    Yard(any_writer)
    seen = [("a", 0), ("b", 5), ("a", 10)]
    for order, size in ((seen, 1), (seen, 3), (seen[::-1], 1)):
        emptied(any_writer)
        found = [machine(name, observed_at=START + timedelta(days=day), **SERIAL) for name, day in order]
        stored_in(any_writer, found, [size], IdentityRules())
        assert partition(any_writer) == {frozenset({("acme", "a"), ("acme", "b")})}

"""New listings go into PostgreSQL by COPY: nothing that a page says is another thing there, and errors are errors."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DataError, OperationalError

from inventory.engine import writer_engine
from inventory.store.batch import store
from inventory.store.candidates import candidates
from inventory.store.copying import copy_rows
from inventory.store.dialect import array_text, within
from inventory.store.many_rows import next_ids
from inventory.tables import dealers, events, listing_details, listings, units
from pipelines.corrections.applying import corrected
from pipelines.identity.matching import IdentityRules
from tests.inventory.correcting import fields
from tests.inventory.yard import START, Yard, machine, words

SIGNS = ["\\N", "\\", "", "a\tb", "a\nb\r\nc", "\\.", "NULL", "\\t\\\\n", "\"a\";'b'", "\x1f\x7f", "läuft 😀", "\\\t"]


@pytest.fixture
def postgres_writer(postgres_settings):
    engine = writer_engine(postgres_settings)
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_yard(postgres_writer):
    return Yard(postgres_writer)


@pytest.mark.parametrize("said", SIGNS)
def test_every_sign_of_a_text_comes_back(yard, said):
    listing = machine(title=said, description=said, attributes={said: [said, 1.5, None, True]}, section=said)
    assert words(yard.crawl(listing)) == {"m1": "new"}
    back = yard.row() | yard.details()
    assert (back["title"], back["description"], back["section"]) == (said, said, said)
    assert back["attributes"] == {said: [said, 1.5, None, True]}
    assert yard.events()[0][1]["title"] == [None, said]


@pytest.mark.parametrize("hours", ["5\t7", "5\n1\t2", "five", True, [5], 5.5])
def test_what_is_no_whole_number_is_refused(postgres_yard, hours):
    bad = machine("odd")
    bad.hours = hours
    stored = postgres_yard.crawl(machine("a"), bad, machine("b"))
    assert (words(stored), [listing for listing, _ in stored.refused]) == ({"a": "new", "b": "new"}, [bad])


def test_a_sign_that_no_text_of_postgresql_holds_is_refused(postgres_yard):
    stored = postgres_yard.crawl(machine("a"), machine("nul", title="a\0b"), machine("nul within", raw={"t": "\0"}))
    assert words(stored) == {"a": "new"}
    assert len(stored.refused) == 2
    assert postgres_yard.count(listings) == postgres_yard.count(events) == 1


@pytest.mark.parametrize("said", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_null(yard, said):
    yard.crawl(machine(size_value=said))
    assert yard.row()["size_value"] in (None, said)  # SQLite has an infinity
    assert (yard.row()["size_value"] is None) == (yard.engine.dialect.name == "postgresql" or said != said)


DAY = timedelta(days=1)


class Remembering(IdentityRules):
    """What the rules were shown of each listing."""

    def __init__(self):
        self.seen = {}

    def keys_of(self, one):
        self.seen.setdefault(one.listing_id, one)
        return super().keys_of(one)


def test_the_rules_see_a_new_listing_as_it_will_be_read(yard):
    with yard.engine.begin() as connection:
        connection.execute(dealers.insert().values(name="paws", vertical="dog"))
    fields(yard, "m2,year,2012", "m2,price,41000")
    dog = {"dealer": "paws", "vertical": "dog", "gtin": "04012345123456", "net_weight_g": 1500.5, "pack_count": 2}
    found = [
        machine("m1", price=Decimal("45000.129"), serial_number="CAT0320DABC12345", observed_at=START - DAY),
        machine("m2", hours=5200, country="US", price_status="sold", breed_sizes=["small"]),
        machine("d1", **dog, breed_sizes=["small", "large"], year=None),
    ]
    rules = Remembering()
    store(yard.engine, found, rules, lambda: yard.now, corrected)
    with yard.engine.connect() as connection:
        read = candidates(connection, list(rules.seen))
    assert len(read) == 3
    for one in (*rules.seen.values(), *read.values()):
        one.crowd = None
    assert rules.seen == read


def test_a_listing_seen_twice_in_a_batch_of_observations_is_linked_as_it_was_last(yard):
    times = [START - timedelta(days=days) for days in (3, 2, 1)]
    found = [machine("m1", observed_at=at, hours=5000 + number) for number, at in enumerate(times)]
    stored = store(yard.engine, found, IdentityRules(), lambda: yard.now)
    assert [word for _, word in stored.outcomes] == ["new", "changed", "changed"]
    with yard.engine.connect() as connection:
        [unit] = connection.execute(select(units)).mappings()
    assert (unit["first_seen"], unit["last_seen"], unit["listings_count"]) == (times[0], times[2], 1)


CUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'active' AND query LIKE 'COPY%'
"""


def test_a_connection_that_is_lost_while_rows_go_in_is_an_error_of_the_database(postgres_yard):
    engine = postgres_yard.engine

    class Cut(IdentityRules):
        def keys_of(self, one):
            with engine.begin() as other:
                other.execute(text(CUT))
            return super().keys_of(one)

    batch = [machine(f"m{number}") for number in range(200)]
    with pytest.raises(OperationalError):
        store(engine, batch, Cut(), lambda: START)
    assert postgres_yard.count(listings) == postgres_yard.count(units) == 0
    assert set(words(postgres_yard.crawl(*batch)).values()) == {"new"}


def test_an_error_of_who_makes_the_rows_ends_the_copy_and_is_told(postgres_yard):
    class Broken(IdentityRules):
        def keys_of(self, one):
            raise KeyError("no such rule")

    with pytest.raises(KeyError, match="no such rule"):
        store(postgres_yard.engine, [machine()], Broken(), lambda: START)
    assert postgres_yard.count(listings) == 0
    assert words(postgres_yard.crawl(machine())) == {"m1": "new"}


def test_what_another_writer_added_meanwhile_is_merged_with(postgres_yard):
    engine, others = postgres_yard.engine, []

    @event.listens_for(engine, "before_cursor_execute")
    def write_first(_connection, _cursor, statement, *_):
        if "nextval" in statement and not others:  # the listings have been looked for and are not there
            others.append(None)
            others[0] = store(engine, [machine("m1"), machine("m2")], IdentityRules(), lambda: START)

    stored = store(engine, [machine("m1", hours=7), machine("m3")], IdentityRules(), lambda: START)
    assert words(others[0]) == {"m1": "new", "m2": "new"}
    assert words(stored) == {"m1": "changed", "m3": "new"}
    assert postgres_yard.count(listings) == postgres_yard.count(listing_details) == 3


def test_what_is_made_ahead_is_written_with_the_rest(yard):
    batch = [machine(f"m{number}", description="long " * 200, hours=number) for number in range(230)]
    assert set(words(yard.crawl(*batch)).values()) == {"new"}
    assert {yard.count(table) for table in (units, listings, listing_details, events)} == {230}
    assert (yard.row("m229")["hours"], yard.details("m7")["description"]) == (229, "long " * 200)


def test_no_rows_are_nothing(postgres_writer):
    with postgres_writer.begin() as connection:
        copy_rows(connection, listing_details, [])
        copy_rows(connection, listing_details, iter(()))


def test_a_refusal_names_the_table_and_keeps_the_database_s_words(postgres_writer):
    with postgres_writer.begin() as connection, pytest.raises(DataError, match="COPY units") as refused:
        copy_rows(connection, units, [{"vertical": "equipment", "created_at": START, "listings_count": 2**40}])
    assert "out of range" in str(refused.value.orig)


def test_ids_are_given_once(yard):
    with yard.engine.begin() as connection:
        first = next_ids(connection, units, 3)
        rows = [{"id": number, "vertical": "equipment", "created_at": START} for number in first]
        connection.execute(units.insert(), rows)
        assert len({*first, *next_ids(connection, units, 4)}) == 7


def test_numbers_are_looked_for_however_many_they_are(yard):
    yard.crawl(machine())
    number = yard.row()["id"]
    with yard.engine.connect() as connection:
        for wanted, count in (([], 0), ([-1, number, 2**60], 1), (range(1, 2000), 1)):
            query = select(listings.c.id).where(within(connection, listings.c.id, wanted))
            assert len(connection.execute(query).all()) == count
    assert array_text([1, -2.5]) == "{1,-2.5}"

"""What a person corrected wins, survives crawls and reworks, is no event, and can be taken back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from inventory.engine import reader_engine
from inventory.store.batch import store
from inventory.store.corrections import NoRules, hold
from inventory.store.rework import Selection
from inventory.tables import corrections, events, listings
from pipelines.chain import read_listing
from pipelines.corrections.applying import corrected
from pipelines.identity.matching import IdentityRules
from pipelines.rework import rework
from tests.inventory.correcting import fields
from tests.inventory.test_replay import REPLAYED, PastEvent, stock_at
from tests.inventory.yard import START, machine, words


def read(external_id="m1", **said):
    """A machine as the chain reads it from what its page said."""
    raw = {"title": "2016 CAT 320D excavator", "price": "45000", "currency": "USD", "external_id": external_id} | said
    listing = machine(
        external_id, title=None, make=None, model=None, year=None, price=None, raw=raw, provenance={}, price_status=None
    )
    read_listing(listing, currency="USD", country=None, today=START.date())
    return listing


def test_a_corrected_value_wins_over_what_every_crawl_says(yard):
    yard.crawl(read())
    entered = fields(yard, "m1,year,2012")
    assert (entered.new, entered.listings_changed) == (1, 1)
    assert (yard.row()["year"], yard.details()["provenance"]["year"]) == (2012, "correction")
    yard.crawl(read())
    yard.crawl(read(price="44000"))
    yard.crawl(read(title="2017 CAT 320D excavator", price="44000"))
    assert (yard.row()["year"], yard.details()["provenance"]["year"]) == (2012, "correction")
    assert yard.details()["uncorrected"]["year"] == 2017


def test_a_correction_waits_for_its_listing_and_its_dealer(yard):
    assert fields(yard, "m1,year,2012").listings_changed == 0
    yard.crawl(read())
    assert yard.row()["year"] == 2012
    assert yard.events()[0][1]["year"] == [None, 2016]  # what the dealer said


def test_an_unchanged_listing_does_not_skip_a_correction_that_it_does_not_bear_yet(yard):
    yard.crawl(read())
    with yard.engine.begin() as connection:  # as a program that does not apply it would leave it
        row = {"dealer": "acme", "external_id": "m1", "field": "year", "value": "2012"}
        said = {"reason": "r", "by": "b", "file": "f.csv", "entered_at": START}
        connection.execute(corrections.insert().values(row | said))
    assert words(yard.crawl(read())) == {"m1": "unchanged"}
    assert yard.row()["year"] == 2012


def test_a_row_that_is_taken_out_gives_the_listing_back_what_its_source_says_by_now(yard):
    yard.crawl(read())
    before, wide = yard.row(), yard.details()
    fields(yard, "m1,year,2012", "m1,category,dozers")
    assert yard.row()["category"] == "dozers"
    entered = fields(yard)
    assert (entered.taken_back, entered.listings_changed) == (2, 1)
    assert (yard.row(), yard.details()) == (before, wide)


def test_a_corrected_price_is_no_event_and_hides_none(yard):
    yard.crawl(read())
    fields(yard, "m1,price,30000")
    yard.crawl(read())
    yard.crawl(read(price="44000"))
    fields(yard)
    yard.crawl(read(price="44000"))
    yard.crawl(read(price="43000"))
    told = [(kind, changes.get("price")) for kind, changes in yard.events()]
    assert told == [
        ("listed", [None, "45000.00"]),
        ("price_down", ["45000.00", "44000.00"]),
        ("price_down", ["44000.00", "43000.00"]),
    ]
    assert yard.row()["price"] == Decimal("43000.00")


def test_a_corrected_price_makes_no_doubt_of_the_dealers(yard):
    yard.crawl(read())
    fields(yard, "m1,price,4500")
    yard.crawl(read(price="44000"))
    assert (yard.row()["price"], yard.row()["doubtful"]) == (Decimal("4500.00"), None)
    assert [kind for kind, _ in yard.events()] == ["listed", "price_down"]


def test_a_value_that_a_worse_page_leaves_out_stays_what_the_dealer_said_beneath_the_correction(yard):
    yard.crawl(read(hours="5,000 h"))
    fields(yard, "m1,hours,7000")
    yard.crawl(read())
    assert yard.row()["hours"] == 7000
    fields(yard)
    assert yard.row()["hours"] == 5000


def test_neither_last_changed_nor_the_content_hash_tells_of_a_correction(yard):
    yard.crawl(read())
    before = yard.row()
    yard.now += timedelta(days=1)
    fields(yard, "m1,hours,100")
    same = ("last_changed", "last_seen", "content_hash", "first_seen", "status", "inference_version")
    assert {name: yard.row()[name] for name in same} == {name: before[name] for name in same}


def test_the_size_is_inferred_from_the_corrected_model_and_the_unit_from_the_corrected_serial(yard):
    yard.crawl(read(), read("m2", title="CAT 745C", serial_number="CAT0745CKABC12345"))
    small = yard.row()["size_value"]
    fields(yard, "m1,model,390D", "m1,serial_number,CAT 0745C KABC12345")
    row = yard.row()
    assert row["size_value"] > 2 * small
    assert row["size_method"] in ("descriptor", "base model")
    assert row["base_model"] == "390"
    assert row["serial_key"] == "CAT0745CKABC12345"


def test_a_corrected_serial_number_links_a_machine_and_taken_back_parts_it(yard):
    yard.crawl(read("m1"))
    yard.crawl(read("b1", dealer="bolt", serial_number="CAT0320DKABC12345"))
    other = machine("b2", dealer="bolt", title="Caterpillar 320D", model="320D", serial_number="CAT0320DKABC12345")
    yard.crawl(other, dealer="bolt")
    fields(yard, "m1,serial_number,CAT0320DKABC12345")
    assert yard.row("m1")["unit_id"] == yard.row("b2")["unit_id"]
    assert yard.link("m1")["method"] == "serial" or yard.link("b2")["method"] == "serial"
    fields(yard)
    assert yard.row("m1")["unit_id"] != yard.row("b2")["unit_id"]


def test_the_file_that_is_entered_last_is_in_force_and_the_other_when_it_goes(yard):
    yard.crawl(read())
    fields(yard, "m1,year,2012", file="a.csv")
    yard.now += timedelta(hours=1)
    fields(yard, "m1,year,2013", file="b.csv")
    assert yard.row()["year"] == 2013
    yard.now += timedelta(hours=1)
    assert fields(yard, "m1,year,2012", file="a.csv").as_before == 1
    assert yard.row()["year"] == 2013
    fields(yard, file="b.csv")
    assert yard.row()["year"] == 2012


def test_a_rework_keeps_corrections_and_infers_from_them(any_settings, yard):
    reader = reader_engine(any_settings)
    yard.crawl(read())
    fields(yard, "m1,model,390D", "m1,hours,100")
    row, wide = yard.row(), yard.details()
    with yard.engine.begin() as connection:  # as older rules would have stored it
        connection.execute(listings.update().values(inference_version="old", size_value=1.0, category="dozers"))
    done = list(rework(reader, yard.engine, Selection()))
    reader.dispose()
    assert [batch.left for batch in done] == [{}]
    assert yard.row() == row
    assert yard.details() == wide


def test_a_rework_leaves_a_row_that_is_corrected_meanwhile_to_its_next_look(any_settings, yard, monkeypatch):
    from pipelines import rework as reworking

    yard.crawl(read())
    rewritten, entered = reworking.rewritten, []

    def late(stored):
        found = rewritten(stored)
        if not entered:
            entered.append(fields(yard, "m1,year,2012"))
        return found

    monkeypatch.setattr(reworking, "rewritten", late)
    reader = reader_engine(any_settings)
    list(rework(reader, yard.engine, Selection()))
    reader.dispose()
    assert yard.row()["year"] == 2012
    assert yard.details()["provenance"]["year"] == "correction"


def test_entering_the_same_file_again_writes_nothing(yard):
    yard.crawl(read())
    fields(yard, "m1,year,2012")
    before, wide = yard.row(), yard.details()
    entered = fields(yard, "m1,year,2012")
    assert (entered.new, entered.as_before, entered.listings_changed) == (0, 1, 0)
    assert (yard.row(), yard.details()) == (before, wide)


def test_a_writer_without_rules_for_corrections_stores_none_of_a_corrected_listing(sqlite_yard):
    fields(sqlite_yard, "m1,year,2012")
    with pytest.raises(NoRules):
        store(sqlite_yard.engine, [read()], IdentityRules(), lambda: sqlite_yard.now)


def test_a_batch_asks_once_for_corrections(sqlite_yard):
    asked = []
    event.listen(
        sqlite_yard.engine,
        "before_cursor_execute",
        lambda *said: asked.append(said[2]) if "FROM corrections" in said[2] else None,
    )
    sqlite_yard.crawl(*(read(f"m{number}") for number in range(20)))
    assert len(asked) == 1


def test_a_listing_that_is_stored_while_corrections_are_entered_bears_them(yard):
    yard.crawl(read("other"))
    writer = Thread(target=yard.crawl, args=(read(),))
    with yard.engine.begin() as connection:
        hold(connection)
        writer.start()
        writer.join(0.3)  # it would be done by now
        assert writer.is_alive()
        row = {"dealer": "acme", "external_id": "m1", "field": "year", "value": "2012"}
        said = {"reason": "r", "by": "b", "file": "f.csv", "entered_at": START}
        connection.execute(corrections.insert().values(row | said))
    writer.join()
    assert yard.row()["year"] == 2012


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("crawl"), st.sampled_from(["45000", "44000", "39000", None]), st.sampled_from([None, "5000 h"])
        ),
        st.tuples(
            st.just("correct"), st.sampled_from(["price,41000", "hours,6000", "make,Komatsu", "category,dozers"])
        ),
        st.tuples(st.just("take back")),
    ),
    min_size=2,
    max_size=7,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_with_corrections_or_without_the_dealer_says_and_changes_the_same(sqlite_yard, steps):
    yard = sqlite_yard
    with yard.engine.begin() as connection:
        known = connection.execute(select(listings.c.id)).scalars().all()
    plain, spoken = f"p{len(known)}", f"s{len(known)}"
    serial = {"serial_number": "CAT0320DKABC12345"}
    lines: list[str] = []
    for step in steps:
        if step[0] == "crawl":
            said = {name: text for name, text in (("price", step[1]), ("hours", step[2])) if text} | serial
            yard.crawl(*(read(name, **({"price": ""} | said)) for name in (plain, spoken)))
        else:
            lines = [*lines, f"{spoken},{step[1]}"] if step[0] == "correct" else []
            lines = list({line.split(",")[1]: line for line in lines}.values())
            fields(yard, *lines)
    fields(yard)
    kept = [name for name in REPLAYED if name not in ("external_id", "url")]
    if yard.count(listings) > len(known):
        one, other = yard.row(plain), yard.row(spoken)
        assert {name: one[name] for name in kept} == {name: other[name] for name in kept}
        assert _kinds(yard, plain) == _kinds(yard, spoken)
        past = _past(yard)
        assert stock_at(past, yard.now)[other["id"]] == {name: other[name] for name in (*REPLAYED, "status")}


def _kinds(yard, name):
    return [
        (kind, {k: v for k, v in changes.items() if k not in ("external_id", "url")})
        for kind, changes in yard.events(name)
    ]


def _past(yard):
    with yard.engine.connect() as connection:
        query = select(events.c.id, events.c.listing_id, events.c.at, events.c.kind, events.c.changes)
        return [PastEvent(*row) for row in connection.execute(query)]


def test_the_order_of_crawls_and_corrections_does_not_matter(sqlite_yard):
    ends = []
    acts = {
        "crawl": lambda name: sqlite_yard.crawl(read(name, hours="900 h")),
        "year": lambda name: fields(sqlite_yard, f"{name},year,2012", file=f"y{name}.csv"),
        "model": lambda name: fields(sqlite_yard, f"{name},model,390D", file=f"m{name}.csv"),
    }
    for number, order in enumerate(permutations(acts)):
        for act in order:
            acts[act](f"n{number}")
        row = sqlite_yard.row(f"n{number}")
        ends.append({name: row[name] for name in ("year", "model", "base_model", "size_value", "hours", "category")})
    assert all(end == ends[0] for end in ends)


def test_what_rules_make_of_corrected_columns_holds_nothing_but_columns(sqlite_yard):
    sqlite_yard.crawl(read())
    columns = {**sqlite_yard.details(), **sqlite_yard.row()}
    found = corrected("acme", columns, {"size_class": "33-40", "price": "1000"})
    assert found.keys() <= columns.keys()
    assert (found["size_min"], found["size_max"], found["size_method"]) == (33, 40, "correction")

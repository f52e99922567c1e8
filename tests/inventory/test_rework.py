"""Stored listings are inferred again: what the source said stays, what is older than a crawl's word is not written."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text, update

from inventory.engine import reader_engine, writer_engine
from inventory.listing import Listing
from inventory.settings import load_settings
from inventory.store import rework as store_of_reworks
from inventory.store.rework import Selection, count, next_ids, read
from inventory.tables import events, listing_details, listings
from pipelines import rework as pipelines_rework
from pipelines.chain import read_listing
from pipelines.inference_version import RULES, inference_version
from pipelines.rework import again, rework
from tests.inventory.yard import Yard, machine

TODAY = inference_version()
STALE = Selection(not_version=TODAY)


def bare(external_id="m1", **said):
    """A machine of which only the title tells, as its crawl stored it by older rules."""
    said = {"title": "2016 CAT 745C", "make": None, "model": None, "year": None, "provenance": {}, "raw": {}} | said
    return machine(external_id, **said)


@pytest.fixture
def stock(any_settings):
    """A yard, with an engine that reads beside the one that writes."""
    writer, reader = writer_engine(any_settings), reader_engine(any_settings)
    yard = Yard(writer)
    yard.reader = reader
    yield yard
    reader.dispose()
    writer.dispose()


def all_of(yard, selection=STALE, writer=True):
    found = list(rework(yard.reader, yard.engine if writer else None, selection))
    changes = [change for batch in found for change in batch.changes]
    return changes, {key: why for batch in found for key, why in batch.left.items()}


def test_what_is_old_is_inferred_and_nothing_else_of_the_listing_moves(stock):
    stock.crawl(bare())
    before = stock.row()
    (changes,), left = all_of(stock)
    row = stock.row()
    assert left == {}
    assert changes["category"] == (None, "articulated-trucks")
    assert (row["category"], row["make"], row["model"], row["year"]) == (
        "articulated-trucks",
        "Caterpillar",
        "745C",
        2016,
    )
    assert row["size_unit"] == "t"
    assert row["inference_version"] == TODAY
    assert stock.details()["provenance"]["make"] == "title"
    kept = ("first_seen", "last_seen", "last_changed", "content_hash", "price", "title", "status", "crawl_id")
    assert {name: row[name] for name in kept} == {name: before[name] for name in kept}
    assert [kind for kind, _ in stock.events()] == ["listed"]
    assert count(stock.reader, STALE) == 0
    assert all_of(stock, Selection()) == ([{}], {})


def test_a_dry_run_tells_the_same_and_writes_nothing(stock):
    stock.crawl(bare())
    before = stock.row()
    dry = all_of(stock, writer=False)
    assert stock.row() == before
    assert all_of(stock) == dry


def test_what_the_source_said_stays_and_what_came_from_the_title_is_read_again(stock):
    provenance = {
        "make": "title",
        "model": "table “Model”",
        "year": "title",
        "hours": "correction",
        "category": "title",
    }
    old = {"make": "CATERPILAR", "model": "725C", "year": 1999, "hours": 7, "size_value": 99.0, "size_unit": "t"}
    stock.crawl(bare(title="2016 CAT 745C 5,239 hrs", provenance=provenance, raw={"model": "725C"}, **old))
    all_of(stock)
    row = stock.row()
    assert (row["make"], row["model"], row["year"], row["hours"]) == ("Caterpillar", "725C", 2016, 7)
    assert row["size_value"] != 99.0


def test_a_correction_of_the_category_decides_the_size(stock):
    corrected = {"category": "excavators", "provenance": {"category": "correction"}}
    stock.crawl(bare("a", title="Nobody X1 wheel loader", raw={"specs": [["Operating weight", "21.8 t"]]}, **corrected))
    all_of(stock)
    row = stock.row("a")
    assert (row["category"], row["size_basis"], row["size_value"]) == ("excavators", "operating weight", 21.8)
    assert stock.details("a")["provenance"]["category"] == "correction"


def test_a_dog_product_is_measured_again(stock):
    old = {"breed_sizes": ["xs"], "attributes": {"neck_min_cm": 5.0, "Fill": "foam"}, "price": Decimal("20.00")}
    stock.crawl(bare("d", vertical="dog", title="Chicken dry dog food 2 kg", **old))
    all_of(stock)
    row, details = stock.row("d"), stock.details("d")
    assert (row["category"], row["net_weight_g"], row["unit_price_per_kg"]) == (
        "dry-dog-food",
        2000.0,
        Decimal("10.00"),
    )
    assert details["breed_sizes"] == ["xs", "s", "m", "l", "xl"]
    assert details["attributes"] == {"Fill": "foam"}


def test_a_value_that_no_rule_finds_any_more_becomes_unknown(stock):
    stock.crawl(bare("a", title="Unheard of", size_value=5.0, size_unit="t", category="dozers"))
    all_of(stock)
    assert (stock.row("a")["size_value"], stock.row("a")["category"]) == (None, None)


def test_a_serial_number_found_in_a_title_links_the_machine(stock):
    stock.crawl(machine("known", dealer="bolt", serial_number="KTX00234"), dealer="bolt")
    stock.crawl(bare("new", title="2016 CAT 745C S/N KTX00234"))
    assert stock.row("new")["unit_id"] != stock.row("known")["unit_id"]
    all_of(stock)
    assert stock.row("new")["serial_key"] == stock.row("known")["serial_key"]
    assert stock.row("new")["unit_id"] == stock.row("known")["unit_id"]


def test_a_selection_leaves_the_others_alone(stock):
    stock.crawl(bare("a"))
    stock.crawl(bare("b", dealer="bolt"), dealer="bolt")
    assert len(all_of(stock, Selection(dealer="bolt", not_version=TODAY))[0]) == 1
    assert (stock.row("a")["category"], stock.row("b")["category"]) == (None, "articulated-trucks")
    assert all_of(stock, Selection(vertical="dog")) == ([], {})


def test_what_a_crawl_stores_between_reading_and_writing_is_not_overwritten(stock, monkeypatch):
    stock.crawl(bare("a"), bare("b"))
    crawled = []

    def overtaken(stored):
        if not crawled and stored.values["external_id"] == "a":
            crawled.append(stock.crawl(bare("a", title="2012 Komatsu PC210", price=Decimal("44000.00"))))
        return again(stored)

    monkeypatch.setattr(pipelines_rework, "again", overtaken)
    changes, left = all_of(stock)
    assert (len(changes), left) == (2, {})
    row = stock.row("a")
    assert (row["title"], row["make"], row["category"], row["price"]) == (
        "2012 Komatsu PC210", "Komatsu", "excavators", Decimal("44000.00"),
    )  # fmt: skip
    assert stock.row("b")["make"] == "Caterpillar"


def test_a_row_that_is_touched_each_time_is_left_to_its_crawl(stock, monkeypatch):
    stock.crawl(bare("a"))

    def overtaken(stored):
        with stock.engine.begin() as connection:
            connection.execute(update(listings).values(last_seen=stored.values["token_last_seen"] + timedelta(hours=1)))
        return again(stored)

    monkeypatch.setattr(pipelines_rework, "again", overtaken)
    changes, left = all_of(stock)
    assert changes == []
    assert "a crawl keeps changing it" in left[stock.row("a")["id"]]
    assert stock.row("a")["make"] is None


def test_a_listing_that_is_gone_before_it_is_written_harms_nothing(stock, monkeypatch):
    stock.crawl(bare("a"), bare("b"))

    def deleted(stored):
        if stored.values["external_id"] == "a":
            with stock.engine.begin() as connection:
                for table in ("events", "unit_links"):
                    connection.execute(text(f"DELETE FROM {table} WHERE listing_id = :id"), {"id": stored.id})
                connection.execute(text("DELETE FROM listings WHERE id = :id"), {"id": stored.id})
        return again(stored)

    monkeypatch.setattr(pipelines_rework, "again", deleted)
    assert len(all_of(stock)[0]) == 1
    assert stock.row("b")["make"] == "Caterpillar"


def test_batches_are_walked_to_the_end_and_each_is_whole(stock, monkeypatch):
    monkeypatch.setattr(store_of_reworks, "BATCH_ROWS", 4)
    stock.crawl(*(bare(f"m{number}") for number in range(10)))
    walk = rework(stock.reader, stock.engine, STALE)
    assert len(next(walk).changes) == 4
    walk.close()  # as at the end of the process
    assert count(stock.reader, STALE) == 6
    assert [len(batch.changes) for batch in rework(stock.reader, stock.engine, STALE)] == [4, 2]
    assert [len(batch.changes) for batch in rework(stock.reader, stock.engine, Selection())] == [4, 4, 2]
    assert stock.count(events) == 10


@pytest.mark.parametrize(
    "raw", [[1], "text", {"specs": 7, "breadcrumbs": {"a": 1}, "category": [None]}, {"make": ["x"]}, 5]
)
def test_raw_of_another_shape_costs_nothing(stock, raw):
    stock.crawl(bare())
    with stock.engine.begin() as connection:
        connection.execute(update(listing_details).values(raw=raw, provenance=raw, attributes=raw))
    assert len(all_of(stock)[0]) == 1
    assert stock.row()["category"] == "articulated-trucks"


def test_a_listing_that_no_rule_can_read_is_named_and_the_others_are_done(stock, monkeypatch):
    stock.crawl(bare("a"), bare("b"))

    def broken(stored):
        if stored.values["external_id"] == "a":
            raise ZeroDivisionError("a bug")
        return again(stored)

    monkeypatch.setattr(pipelines_rework, "again", broken)
    changes, left = all_of(stock)
    assert (len(changes), left) == (1, {stock.row("a")["id"]: "cannot be inferred: ZeroDivisionError: a bug"})
    assert stock.row("a")["inference_version"] is None


def test_a_value_that_the_database_refuses_costs_its_listing_only(stock, monkeypatch):
    stock.crawl(bare("a"), bare("b"), bare("c"))

    def odd(stored):
        return again(stored) | ({"hours": -1} if stored.values["external_id"] == "b" else {})

    monkeypatch.setattr(pipelines_rework, "again", odd)
    changes, left = all_of(stock)
    assert (len(changes), list(left)) == (2, [stock.row("b")["id"]])
    assert [stock.row(name)["make"] for name in "abc"] == ["Caterpillar", None, "Caterpillar"]


@pytest.mark.parametrize(("column", "value"), [("raw", "{"), ("attributes", "[1,"), ("provenance", b"\xff\xfe")])
def test_broken_json_is_named_and_left_and_the_others_are_done(sqlite_settings, sqlite_url, column, value):
    writer, reader = writer_engine(sqlite_settings), reader_engine(load_settings(database_url=sqlite_url))
    yard = Yard(writer)
    yard.crawl(*(bare(f"m{number}") for number in range(5)))
    broken = yard.row("m3")["id"]
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute(
            f"UPDATE listing_details SET {column} = CAST(? AS TEXT) WHERE listing_id = ?", (value, broken)
        )
    yard.reader = reader
    changes, left = all_of(yard)
    assert len(changes) == 4
    assert left[broken].startswith("what is stored of it is broken: ")
    assert next_ids(reader, STALE, 0) == [broken]
    assert read(reader, STALE, [broken])[0] == []
    reader.dispose()
    writer.dispose()


def read_by(rules, **said):
    """A machine of which only the title tells, as these rules read it."""
    return bare(**{"provenance": {"make": "title", "hours": "title"}, "inference_version": rules} | said)


def test_a_crawl_by_newer_rules_makes_no_event_of_what_only_they_see(stock):
    stock.crawl(read_by("1", category="dozers", make="Caterpilar", hours=523))
    stock.crawl(read_by("2", category="articulated-trucks", size_value=41.0, make="Caterpillar", hours=5239))
    assert (stock.row()["category"], stock.row()["hours"]) == ("articulated-trucks", 5239)
    assert stock.row()["last_changed"] < stock.row()["last_seen"]
    assert [kind for kind, _ in stock.events()] == ["listed"]


def test_newer_rules_beside_a_change_of_the_dealers_make_no_event_of_the_hours(stock):
    stock.crawl(read_by("1", hours=523, sku="a"))
    stock.crawl(read_by("2", hours=5239, sku="b", price=Decimal("44000.00")))
    assert [kind for kind, _ in stock.events()] == ["listed", "price_down", "changed"]
    assert stock.events()[-1][1] == {"hours": [523, 5239], "sku": ["a", "b"]}


@pytest.mark.parametrize("rules", ["1", "2"], ids=["same rules", "newer rules"])
def test_hours_that_the_dealer_changes_in_the_title_are_an_event_whatever_the_rules(stock, rules):
    stock.crawl(read_by("1", title="2016 CAT 745C 5,239 hrs", hours=5239))
    stock.crawl(read_by(rules, title="2016 CAT 745C 5,300 hrs", hours=5300))
    kinds = dict(stock.events())
    assert kinds["hours_changed"] == {"hours": [5239, 5300]}
    assert kinds["changed"] == {"title": ["2016 CAT 745C 5,239 hrs", "2016 CAT 745C 5,300 hrs"]}


def test_a_value_that_the_same_rules_read_otherwise_is_the_dealers_change(stock):
    stock.crawl(read_by("1", hours=5239))
    stock.crawl(read_by("1", hours=5300))
    assert stock.events()[-1] == ("hours_changed", {"hours": [5239, 5300]})


@pytest.mark.parametrize(
    ("before", "now"),
    [("table “Hours”", "title"), ("title", "table “Hours”"), ("json-ld", "json-ld")],
)
def test_a_value_of_the_sources_own_that_comes_goes_or_changes_is_an_event_under_newer_rules_too(stock, before, now):
    stock.crawl(read_by("1", hours=5000, provenance={"hours": before}))
    stock.crawl(read_by("2", hours=5239, provenance={"hours": now}))
    assert stock.events()[-1] == ("hours_changed", {"hours": [5000, 5239]})


@pytest.mark.parametrize(
    ("where", "text", "changed"),
    [
        ("description", {"description": "It ran 1.200 h"}, {"description": "It ran 1.300 h"}),
        ("specs: Bh", {"raw": {"specs": [["Bh", "1.200"]]}}, {"raw": {"specs": [["Bh", "1.300"]]}}),
    ],
    ids=["description", "specs"],
)
def test_what_is_read_from_a_description_or_a_specification_is_news_where_that_has_changed(stock, where, text, changed):
    stock.crawl(read_by("1", hours=1, provenance={"hours": where}, **text))
    stock.crawl(read_by("2", hours=1200, condition="used", provenance={"hours": where, "condition": "hours"}, **text))
    assert [kind for kind, _ in stock.events()] == ["listed"]
    stock.crawl(read_by("3", hours=1300, condition="new", provenance={"hours": where, "condition": "hours"}, **changed))
    assert stock.events()[-2:] == [
        ("hours_changed", {"hours": [1200, 1300]}),
        ("changed", {"condition": ["used", "new"]}),
    ]


def test_a_make_that_a_newer_table_names_otherwise_is_no_event_while_its_text_stays(stock):
    said = {"provenance": {"make": "json-ld"}, "raw": {"make": "CATERPILAR"}}
    stock.crawl(read_by("1", make="CATERPILAR", **said))
    stock.crawl(read_by("2", make="Caterpillar", **said))
    assert [kind for kind, _ in stock.events()] == ["listed"]
    stock.crawl(read_by("3", make="Volvo", provenance={"make": "json-ld"}, raw={"make": "Volvo"}))
    assert stock.events()[-1] == ("changed", {"make": ["Caterpillar", "Volvo"]})


def test_after_a_rework_a_changed_title_still_changes_the_hours(stock):
    def chained(title):
        listing = Listing(dealer="acme", vertical="equipment", url="https://acme.example/x", external_id="x")
        listing.raw = {"title": title, "price": "45000 USD"}
        read_listing(listing, currency="USD", country=None, today=date(2026, 3, 1))
        return listing

    older = chained("2016 CAT 745C 5,239 hrs")
    older.hours, older.inference_version = 523, "older"
    stock.crawl(older)
    all_of(stock)
    assert (stock.row("x")["hours"], len(stock.events("x"))) == (5239, 1)
    stock.crawl(chained("2016 CAT 745C 5,239 hrs"))
    assert len(stock.events("x")) == 1
    stock.crawl(chained("2016 CAT 745C 5,300 hrs"))
    assert dict(stock.events("x"))["hours_changed"] == {"hours": [5239, 5300]}


def test_all_code_that_inference_runs_on_is_part_of_its_version():
    """Modules are listed by a process of its own: others of this one's tests have loaded more."""
    program = "import sys, pipelines.inference.infer; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    ours = {name.replace(".", "/") for name in loaded if name.split(".")[0] in ("crawler", "pipelines", "inventory")}
    assert {name for name in ours if not name.startswith(RULES)} == {"inventory", "inventory/listing", "pipelines"}

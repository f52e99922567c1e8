"""Listings that come one by one, stored in whole batches: twice, by two at once, and into a database that goes."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import OperationalError

import pipelines.batch_writer as batch_writer
from inventory.engine import writer_engine
from inventory.ingested import KnownDealer, enter_dealers, known_dealers
from inventory.tables import dealers, events, listing_details, listings, unit_links
from pipelines.batch_writer import BatchWriter, Lost
from pipelines.ingest import Addressing, Problem, read_lines

TODAY = date(2026, 11, 22)
SEEN = datetime(2026, 11, 1, 8, tzinfo=UTC)


def bed(number, **said):
    return {
        "external_id": f"b{number}",
        "title": f"Dog bed {number}",
        "price": f"{number + 10}.00",
        "currency": "USD",
    } | said


def read(records, dealer="paws"):
    addressing = Addressing({}, dealer, "dog")
    return read_lines([addressing.addressed(n, dict(record)) for n, record in enumerate(records, 1)], TODAY)


def ingest(engine, lines):
    """What became of the listings, and the problems."""
    problems: list[Problem] = []
    writer = BatchWriter(engine, problems.append, lambda _: None)
    for line in lines:
        assert not isinstance(line, Problem)
        writer.add(*line)
    writer.close()
    return dict(writer.outcomes), problems


def counts(engine):
    tables = (listings, listing_details, events, unit_links, dealers)
    with engine.connect() as connection:
        return {table.name: connection.scalar(select(func.count()).select_from(table)) for table in tables}


def rows(engine, table):
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table).order_by(table.c[table.c.keys()[0]])).mappings()]


def test_the_same_lines_twice_change_nothing_but_last_seen(any_writer):
    records = [bed(n) for n in range(700)] + [bed(n, observed_at=SEEN.isoformat()) for n in range(700, 720)]
    lines = read(records)
    assert ingest(any_writer, lines) == ({"new": 720}, [])
    before = {table.name: rows(any_writer, table) for table in (listings, listing_details, events, unit_links, dealers)}
    assert [row["source"] for row in before["dealers"]] == ["ingest"]
    assert {row["crawl_id"] for row in before["listings"]} == {None}
    assert ingest(any_writer, read(records)) == ({"unchanged": 720}, [])
    after = {table.name: rows(any_writer, table) for table in (listings, listing_details, events, unit_links, dealers)}
    old = {row["id"]: row.pop("last_seen") for row in before["listings"]}
    new = {row["id"]: row.pop("last_seen") for row in after["listings"]}
    assert before == after
    observed = {row["id"] for row in after["listings"] if row["first_seen"] == SEEN}
    assert len(observed) == 20
    assert all((new[id_] == SEEN) if id_ in observed else (new[id_] > old[id_]) for id_ in new)


def test_observations_of_a_listing_are_its_history_in_their_order(any_writer):
    days = [SEEN + timedelta(days=n) for n in range(4)]
    records = [bed(1, observed_at=f"{day:%Y-%m-%dT%H:%M:%S}", price=f"{50 - n}.00") for n, day in enumerate(days)]
    lines = read(records)
    assert ingest(any_writer, lines) == ({"new": 1, "changed": 3}, [])
    told = [(row["kind"], row["at"]) for row in rows(any_writer, events)]
    assert told == [("listed", days[0]), *[("price_down", day) for day in days[1:]]]
    (row,) = rows(any_writer, listings)
    assert (row["first_seen"], row["last_seen"], str(row["price"])) == (days[0], days[3], "47.00")
    ingest(any_writer, read(records))
    assert len(rows(any_writer, events)) == 4


def test_a_dealer_that_has_a_file_keeps_its_facts(any_writer):
    facts = {"name": "paws", "vertical": "dog", "title": "Paws & Co", "currency": "CAD", "country": "CA"}
    with any_writer.begin() as connection:
        connection.execute(insert(dealers), facts | {"source": "file"})
    assert known_dealers(any_writer) == {"paws": KnownDealer("dog", "CAD", "CA")}
    ingest(any_writer, read([bed(1)]))
    (row,) = rows(any_writer, dealers)
    assert row.items() >= (facts | {"source": "file"}).items()


def test_a_dealer_that_somebody_entered_for_the_other_vertical_meanwhile(any_writer):
    lines = read([bed(1), bed(2)])
    enter_dealers(any_writer, {"paws": "equipment"})
    outcomes, problems = ingest(any_writer, lines)
    assert outcomes == {}
    assert [(one.number, one.reason) for one in problems] == [(1, None), (2, None)]
    assert "the dealer paws of 'equipment'" in problems[0].said


@pytest.mark.parametrize("same_dealer", [True, False], ids=["the same file", "files of two dealers"])
def test_two_at_once_store_each_listing_and_each_event_once(any_settings, same_dealer):
    records = [bed(n) for n in range(600)]
    first = read(records)
    second = read(list(reversed(records)), dealer="paws" if same_dealer else "bark")
    outcomes: Counter[str] = Counter()
    failures: list[BaseException] = []

    def run(lines):
        engine = writer_engine(any_settings)
        try:
            outcomes.update(ingest(engine, lines)[0])
        except BaseException as error:
            failures.append(error)
        finally:
            engine.dispose()

    threads = [threading.Thread(target=run, args=(lines,)) for lines in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert outcomes == ({"new": 600, "unchanged": 600} if same_dealer else {"new": 1200})
    engine = writer_engine(any_settings)
    try:
        wanted = 600 if same_dealer else 1200
        assert counts(engine) == {
            "listings": wanted, "listing_details": wanted, "events": wanted, "unit_links": wanted,
            "dealers": 1 if same_dealer else 2,
        }  # fmt: skip
    finally:
        engine.dispose()


def test_a_database_that_goes_is_tried_again_and_then_the_line_is_named(
    postgres_settings, postgres_url, postgres_database_url, monkeypatch
):
    monkeypatch.setattr(batch_writer, "TRIES_S", (0.05, 0.05))
    engine = writer_engine(postgres_settings)
    notes: list[str] = []
    writer = BatchWriter(engine, lambda _: None, notes.append)
    lines = read([bed(n) for n in range(40)])
    for line in lines[:30]:
        writer.add(*line)
    while writer.outcomes.total() < 30:
        time.sleep(0.02)
    name = postgres_database_url.rpartition("/")[2]
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    for line in lines[30:]:
        writer.add(*line)
    with pytest.raises(Lost) as lost:
        writer.close()
    assert lost.value.number == 31
    assert len(notes) == 2
    assert "again in" in notes[0]
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    engine.dispose()


def test_a_batch_that_fails_for_a_moment_is_stored_whole(any_writer, monkeypatch):
    real, failed = batch_writer.store, []

    def store(*arguments):
        if len(failed) < 2:
            failed.append(1)
            raise OperationalError("insert", {}, Exception("the server is starting"))
        return real(*arguments)

    monkeypatch.setattr(batch_writer, "store", store)
    monkeypatch.setattr(batch_writer, "TRIES_S", (0.01, 0.01))
    assert ingest(any_writer, read([bed(n) for n in range(20)])) == ({"new": 20}, [])


def test_what_the_database_refuses_is_named_with_its_line_and_the_rest_is_stored(any_writer):
    lines = read([bed(n) for n in range(5)])
    lines[2][1].country = "far too long"  # a bound that cleaning would have to miss
    lines[2][1].price_status = "perhaps"
    outcomes, problems = ingest(any_writer, lines)
    assert outcomes == {"new": 4}
    assert [(one.number, one.reason) for one in problems] == [(3, "refused_by_database")]


def test_what_json_can_say_and_no_database_holds_costs_no_listing(any_writer):
    odd = {"a\0": "b\0", "\ud800": "\udc00", "long": 10**30, "deep": [{"\0": [10**40, 1e300]}]}
    records = [
        bed(1, own=odd, **odd),
        bed(2, attributes=odd, raw=odd, provenance={"price\0": "the\0 page"}),
        bed(3, title="Dog \0bed \ud800", description="\0", rating_count=10**30, rating=1e300),
        bed(4, price=10**30, quantity=1e16, weight=float("1e22")),
    ]
    assert ingest(any_writer, read(records)) == ({"new": 4}, [])
    found = rows(any_writer, listings)
    assert [row["title"] for row in found] == ["Dog bed 1", "Dog bed 2", "Dog bed", "Dog bed 4"]
    assert [(row["rating"], row["rating_count"], row["quantity"]) for row in found[2:]] == [(None,) * 3] * 2
    kept = rows(any_writer, listing_details)
    assert (kept[0]["raw"]["a"], kept[0]["raw"]["long"]) == ("b", str(10**30))
    assert kept[3]["attributes"]["weight"] == "1" + "0" * 22

"""A batch of listings becomes rows, details, events and links, in one transaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from inventory.store.batch import UnknownDealer, store
from inventory.tables import events, listing_details, listings
from pipelines.identity.matching import IdentityRules
from tests.inventory.yard import machine, words


def test_a_listing_is_new_then_unchanged_then_changed(yard):
    assert words(yard.crawl(machine())) == {"m1": "new"}
    first = yard.row()
    assert words(yard.crawl(machine())) == {"m1": "unchanged"}
    second = yard.row()
    assert words(yard.crawl(machine(price=Decimal("39900.00")))) == {"m1": "changed"}
    third = yard.row()

    assert (first["price"], first["currency"], first["status"]) == (Decimal("45000.00"), "USD", "active")
    assert first["first_seen"] == first["last_seen"] == first["last_changed"]
    assert second["last_seen"] > first["last_seen"]
    assert second["crawl_id"] != first["crawl_id"]
    assert second["last_changed"] == first["last_changed"]
    assert third["last_changed"] == third["last_seen"] > second["last_seen"]
    assert third["first_seen"] == first["first_seen"]
    assert yard.details()["raw"] == {"price": "$45,000"}
    assert [kind for kind, _ in yard.events()] == ["listed", "price_down"]
    assert yard.events()[1][1] == {"price": ["45000.00", "39900.00"]}
    assert yard.count(listings) == yard.count(listing_details) == 1


def test_every_field_comes_back_as_it_was_stored(yard):
    said = {
        "hours": 5200, "serial_number": "CAT0320DABC12345", "gtin": "04012345123456", "brand": "CAT", "quantity": 2,
        "regular_price": Decimal("49999.99"), "unit_price_per_kg": Decimal("2.05"), "lat": 48.4, "lon": 9.99,
        "country": "DE", "size_value": 21.5, "size_unit": "t", "rating": 4.5, "rating_count": 0,
        "description": "Läuft – gut\nkeine Mängel", "images": ["https://a.example/1.jpg"],
        "breed_sizes": ["small", "medium"], "attributes": {"Motor": {"PS": 160}},
    }  # fmt: skip
    yard.crawl(machine(**said))
    back = yard.row() | yard.details()
    assert {name: back[name] for name in said} == said


def test_a_listing_that_comes_twice_in_a_batch_is_stored_once_as_last_read(sqlite_yard):
    stored = sqlite_yard.crawl(machine(hours=1), machine("m2"), machine(hours=2))
    assert sorted(word for _, word in stored.outcomes) == ["again", "new", "new"]
    assert len(stored.outcomes) == 3
    assert sqlite_yard.row()["hours"] == 2
    assert sqlite_yard.count(listings) == 2


def test_the_same_number_at_two_dealers_is_two_listings(sqlite_yard):
    sqlite_yard.crawl(machine())
    sqlite_yard.crawl(machine(dealer="bolt"), dealer="bolt")
    assert sqlite_yard.count(listings) == 2


def test_what_the_database_refuses_is_left_out_and_the_others_are_stored(yard):
    bad = [
        machine("priceless", price=Decimal(-1)),
        machine("negative", hours=-5),
        machine("unheard", price_status="maybe"),
    ]
    found = [machine(f"m{number}") for number in range(9)]
    found[2:2], found[6:6], found[10:10] = [bad[0]], [bad[1]], [bad[2]]
    stored = yard.crawl(*found)
    assert {listing.external_id for listing, _ in stored.refused} == {"priceless", "negative", "unheard"}
    assert all(reason and "\n" not in reason for _, reason in stored.refused)
    assert words(stored) == {f"m{number}": "new" for number in range(9)}
    assert yard.count(listings) == yard.count(listing_details) == yard.count(events) == 9


def test_a_value_that_no_column_takes_costs_its_listing_only(yard):
    odd = [
        machine("large", quantity=2**63),
        machine("half", title="half a sign \ud83d"),
        machine("wide", hours=10**12, currency="DOLLARS"),
        machine("no json", attributes={"when": datetime(2026, 3, 1, tzinfo=UTC)}),
    ]
    for listing in odd:
        listing.identity_key, listing.content_hash = f"id:{listing.external_id}", "0" * 32
    stored = yard.crawl(machine("a"), *odd, machine("b"))
    assert words(stored).items() >= {"a": "new", "b": "new"}.items()
    assert {listing.external_id for listing, _ in stored.refused} >= {"large", "half", "no json"}
    assert yard.count(listings) == yard.count(events) == len(stored.outcomes)


def test_an_unknown_dealer_is_named(sqlite_yard):
    with pytest.raises(UnknownDealer, match="nobody"):
        store(sqlite_yard.engine, [machine(dealer="nobody")], IdentityRules(), lambda: sqlite_yard.now)


def test_a_batch_larger_than_a_query_takes_is_stored_and_touched(yard):
    found = [machine(f"m{number}") for number in range(600)]
    assert set(words(yard.crawl(*found)).values()) == {"new"}
    found = [machine(f"m{number}", hours=number if number >= 450 else None) for number in range(600)]
    outcomes = words(yard.crawl(*found))
    assert [outcomes[f"m{number}"] for number in (0, 449, 450, 599)] == ["unchanged"] * 2 + ["changed"] * 2
    assert yard.count(listings) == 600
    assert yard.count(events) == 750


def test_nothing_of_a_batch_is_stored_where_the_database_fails(sqlite_yard):
    class Broken(IdentityRules):
        def compare(self, one, other):
            raise OperationalError("INSERT", {}, Exception("disk full"))

    serial = {"serial_number": "CAT0320DABC12345"}
    batch = [machine("a", **serial), machine("b", **serial)]
    with pytest.raises(OperationalError, match="disk full"):
        store(sqlite_yard.engine, batch, Broken(), lambda: sqlite_yard.now)
    assert sqlite_yard.count(listings) == 0
    assert words(sqlite_yard.crawl(*batch)) == {"a": "new", "b": "new"}


def test_the_time_of_observation_counts_not_that_of_writing(sqlite_yard):
    seen = sqlite_yard.now + timedelta(minutes=5)
    sqlite_yard.crawl(machine(observed_at=seen))
    row = sqlite_yard.row()
    assert row["first_seen"] == row["last_seen"] == seen


def test_a_listing_that_was_gone_is_relisted_though_nothing_else_changed(sqlite_yard):
    sqlite_yard.crawl(machine())
    with sqlite_yard.engine.begin() as connection:
        connection.execute(update(listings).values(status="gone", gone_at=sqlite_yard.now))
    assert words(sqlite_yard.crawl(machine())) == {"m1": "changed"}
    row = sqlite_yard.row()
    assert (row["status"], row["gone_at"]) == ("active", None)
    assert sqlite_yard.events()[-1] == ("relisted", {"status": ["gone", "active"]})


def test_a_machine_marked_as_sold_is_sold_once(sqlite_yard):
    sqlite_yard.crawl(machine())
    for _ in range(2):
        sqlite_yard.crawl(machine(price=None, price_period=None, currency=None, price_status="sold"))
    assert sqlite_yard.row()["status"] == "sold"
    assert [kind for kind, _ in sqlite_yard.events()].count("sold_marked") == 1


def test_an_empty_batch_is_nothing(sqlite_yard):
    stored = store(sqlite_yard.engine, [], IdentityRules(), lambda: sqlite_yard.now)
    assert (stored.outcomes, stored.refused) == ([], [])

"""A price that jumps by a digit is no event before it is seen twice; what is late overwrites nothing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from inventory.store.batch import store
from inventory.store.merge import STORED_FIELDS, merge
from inventory.store.sightings import rounds
from pipelines.identity.matching import IdentityRules
from tests.inventory.yard import START, machine, words

KNOWN = {name: getattr(machine(), name) for name in STORED_FIELDS} | {"missing": None, "doubtful": None}


def at(price, **said):
    return machine(price=Decimal(price), **said)


def kinds(yard):
    return [kind for kind, _ in yard.events()]


def observed(yard, *found):
    return store(yard.engine, found, IdentityRules(), lambda: yard.now)


@pytest.mark.parametrize(
    ("price", "doubted"),
    [("4500", True), ("450000", True), ("450", True), ("4700", True), ("0", True), ("5000", False),
     ("420000", False), ("45000", False)],
)  # fmt: skip
def test_a_price_is_doubted_where_it_differs_by_a_digit(price, doubted):
    merged = merge(KNOWN, at(price), (), 7)
    assert (merged.doubtful == {"price": [f"{price}.00", 7]}) == doubted
    assert (merged.values["price"] == Decimal("45000.00")) == (doubted or price == "45000")
    assert ("price" in merged.changes) == (merged.values["price"] != Decimal("45000.00"))


@pytest.mark.parametrize(
    "said",
    [{"currency": "JPY"}, {"price_period": "day"}, {"offer_type": "rent"}, {"provenance": {"price": "correction"}}],
)
def test_another_currency_period_or_offer_and_a_correction_are_believed_at_once(said):
    merged = merge(KNOWN, at("4500", **said), (), 7)
    assert (merged.doubtful, merged.values["price"]) == (None, Decimal("4500.00"))


def test_what_belongs_to_a_doubted_price_is_doubted_with_it():
    merged = merge(KNOWN | {"regular_price": Decimal("50000.00")}, at("4500", regular_price=Decimal(5000)), (), 7)
    assert merged.values["regular_price"] == Decimal("50000.00")


def test_the_second_crawl_that_sees_it_makes_the_event(yard):
    yard.crawl(machine())
    assert words(yard.crawl(at("4500"))) == {"m1": "unchanged"}
    row = yard.row()
    assert (row["price"], row["doubtful"]["price"][0], kinds(yard)) == (Decimal("45000.00"), "4500.00", ["listed"])
    assert row["doubtful"]["price"][1] == row["crawl_id"]
    assert words(yard.crawl(at("4500"))) == {"m1": "changed"}
    row = yard.row()
    assert (row["price"], row["doubtful"]) == (Decimal("4500.00"), None)
    assert yard.events()[-1] == ("price_down", {"price": ["45000.00", "4500.00"]})
    yard.crawl(at("4500"))
    assert len(yard.events()) == 2


def test_prices_within_a_hundredth_agree_and_others_do_not(sqlite_yard):
    sqlite_yard.crawl(machine())
    for price in ("450000", "470000", "471000"):
        sqlite_yard.crawl(at(price))
    assert sqlite_yard.row()["price"] == Decimal("471000.00")
    assert kinds(sqlite_yard) == ["listed", "price_up"]


def test_a_slip_that_is_corrected_leaves_no_trace(sqlite_yard):
    sqlite_yard.crawl(machine())
    for price in ("4500", "45000", "4500", "45000"):
        sqlite_yard.crawl(at(price))
    assert (sqlite_yard.row()["doubtful"], kinds(sqlite_yard)) == (None, ["listed"])


def test_a_page_without_a_price_leaves_the_doubt_and_one_on_request_ends_it(sqlite_yard):
    sqlite_yard.crawl(machine())
    sqlite_yard.crawl(at("4500"))
    sqlite_yard.crawl(machine(price=None, price_status=None, currency=None, price_period=None))
    assert sqlite_yard.row()["doubtful"] is not None
    sqlite_yard.crawl(machine(price=None, price_status="on_request", currency=None, price_period=None))
    row = sqlite_yard.row()
    assert (row["price"], row["doubtful"], kinds(sqlite_yard)) == (None, None, ["listed", "price_hidden"])


def test_the_same_observation_twice_is_one_witness_and_another_time_is_a_second(sqlite_yard):
    times = [START + timedelta(days=day) for day in (1, 2, 3)]
    observed(sqlite_yard, machine(observed_at=times[0]))
    for _ in range(2):
        observed(sqlite_yard, at("4500", observed_at=times[1]))
    assert (sqlite_yard.row()["price"], kinds(sqlite_yard)) == (Decimal("45000.00"), ["listed"])
    observed(sqlite_yard, at("4500", observed_at=times[2]))
    assert (sqlite_yard.row()["price"], kinds(sqlite_yard)) == (Decimal("4500.00"), ["listed", "price_down"])


def test_a_late_observation_only_widens_the_time_in_which_a_listing_is_known(yard):
    observed(yard, machine(observed_at=START))
    earlier = START - timedelta(days=30)
    assert words(observed(yard, at("51000", hours=9, observed_at=earlier))) == {"m1": "unchanged"}
    row = yard.row()
    assert (row["first_seen"], row["last_seen"], row["last_changed"]) == (earlier, START, START)
    assert (row["price"], row["hours"], kinds(yard)) == (Decimal("45000.00"), None, ["listed"])


def test_a_file_that_tells_a_listings_history_is_stored_in_the_order_of_time(yard):
    told = [(3, "47000"), (1, "45000"), (2, "46000"), (2, "46500")]
    found = [at(price, observed_at=START + timedelta(days=day)) for day, price in told]
    stored = observed(yard, *found)
    assert sorted(word for _, word in stored.outcomes) == ["again", "changed", "changed", "new"]
    assert [changes["price"] for kind, changes in yard.events() if kind == "price_up"] == [
        ["45000.00", "46500.00"], ["46500.00", "47000.00"],
    ]  # fmt: skip
    assert (yard.row()["first_seen"], yard.row()["last_seen"]) == (found[1].observed_at, found[0].observed_at)
    again = observed(yard, *found)
    assert {word for _, word in again.outcomes} == {"again", "unchanged"}
    assert len(yard.events()) == 3


def test_sights_of_a_crawl_come_once_as_last_read_and_after_all_observations():
    first, last, old = machine(hours=1), machine(hours=2), machine(hours=3, observed_at=START)
    other = machine("m2")
    parts, left_out = rounds([first, old, other, last])
    assert [list(part.values()) for part in parts] == [[old, other], [last]]
    assert left_out == [first]


def test_what_an_ingested_line_does_not_say_is_not_in_question(sqlite_yard):
    sqlite_yard.crawl(machine(hours=5200))
    for _ in range(4):
        observed(sqlite_yard, machine(hours=None))
    row = sqlite_yard.row()
    assert (row["hours"], row["missing"]) == (5200, None)

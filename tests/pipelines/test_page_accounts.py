"""What a page gave is known when its last listing has passed the pipelines, in whatever order."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations

import pytest

from inventory.pages import PageRead
from pipelines.page_accounts import PageAccounts, contradicts
from tests.inventory.yard import machine


def page(expected, **said):
    facts = {"dealer": "acme", "url": "https://acme.example/m1", "kind": "detail", "section": "all", "reading": "v1"}
    return PageRead(**(facts | said), expected=expected, request_token="acme:1")


def of(external_id, **said):
    listing = machine(external_id, **said)
    listing.request_token = "acme:1"
    return listing


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_page_is_complete_behind_its_last_listing(order):
    accounts = PageAccounts()
    steps = [
        lambda: accounts.arrived(of("m1")),
        lambda: accounts.dropped(of("m2"), "seen_twice"),
        lambda: accounts.dropped(of("m3"), "no_title"),
        lambda: accounts.read(page(3, dropped={"broken_record": 1})),
    ]
    *early, last = [steps[number]() for number in order]
    assert early == [None] * 3
    assert list(last.listings.values()) in ([["id:m1", "id:m2"]], [["id:m2", "id:m1"]])
    assert last.dropped == {"broken_record": 1, "no_title": 1}
    assert (last.broken, last.disagrees) == (False, False)
    assert len(last.record_hash) == 32


def test_the_record_hash_follows_what_the_listings_say():
    def read(**said):
        accounts = PageAccounts()
        accounts.arrived(of("m1", **said))
        return accounts.read(page(1)).record_hash

    assert read() == read()
    assert read(price=Decimal(1)) != read()


def test_a_listing_lost_to_a_bug_breaks_its_page():
    accounts = PageAccounts()
    assert accounts.read(page(1)) is None
    assert accounts.failed(of("m1")).broken


def test_a_page_that_was_not_read_to_its_end_stays_broken():
    accounts = PageAccounts()
    accounts.arrived(of("m1"))
    assert accounts.read(page(1, broken=True)).broken


def test_a_page_without_any_listing_is_complete_at_once():
    assert PageAccounts().read(page(0)).listings == {}


@pytest.mark.parametrize(
    ("list_price", "prices", "contradicted"),
    [
        ("$45,000", {Decimal(45000)}, False),
        ("$44,000", {Decimal(45000)}, True),
        ("$44,000", {Decimal(45000), Decimal(44000)}, False),
        ("$44,000", set(), False),
        ("call us", {Decimal(45000)}, False),
        (None, {Decimal(45000)}, False),
    ],
)
def test_a_list_contradicts_a_page_by_another_price_only(list_price, prices, contradicted):
    assert contradicts(list_price, prices) == contradicted


def test_what_disagreed_in_the_same_way_before_is_taken_as_it_is():
    for doubted, disagrees in ((False, True), (True, False)):
        accounts = PageAccounts()
        accounts.arrived(of("m1"))
        assert accounts.read(page(1, list_price="$1,000", doubted_before=doubted)).disagrees == disagrees

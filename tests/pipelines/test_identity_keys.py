"""Who a listing is, and whether it has changed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from inventory.listing import BOOKKEEPING, FIELD_NAMES, Listing
from pipelines.identify import Identify
from pipelines.identity.keys import content_hash, identify
from pipelines.outcomes import Unusable


def listing(**said):
    return Listing(**({"dealer": "acme", "vertical": "equipment", "title": "Cat 320", "external_id": "7"} | said))


def test_a_listing_is_known_by_its_dealers_number_and_else_by_its_address():
    numbered, addressed = listing(url="https://a.example/7"), listing(external_id=None, url="https://a.example/7")
    identify(numbered)
    identify(addressed)
    assert numbered.identity_key == "id:7"
    assert addressed.identity_key == "url:https://a.example/7"


def test_a_listing_without_either_is_dropped():
    with pytest.raises(Unusable, match="no_identity"):
        identify(listing(external_id=None))


@pytest.mark.parametrize(
    ("serial", "key"),
    [("cat 0320-dabc 12345", "CAT0320DABC12345"), (None, None), ("N/A", None), ("0000000", None), ("123", None)],
)
def test_a_serial_number_has_one_form_and_placeholders_none(serial, key):
    known = listing(serial_number=serial)
    identify(known)
    assert known.serial_key == key


def test_the_hash_does_not_know_when_where_and_by_whom_a_listing_was_read():
    base = listing(price=Decimal("45000.00"), attributes={"a": 1, "b": 2})
    other = replace(
        base, section="excavators", crawl_id=9, request_token="acme:3", raw={"price": "45k"}, provenance={"a": "b"},
        attributes={"b": 2, "a": 1},
    )  # fmt: skip
    assert content_hash(base) == content_hash(other)
    assert len(content_hash(base)) == 32


@pytest.mark.parametrize("name", sorted(set(FIELD_NAMES) - BOOKKEEPING - {"section"}))
def test_the_hash_knows_everything_that_a_listing_says(name):
    base = listing()
    other = replace(base, **{name: "something else"})
    assert content_hash(base) != content_hash(other)


def test_null_is_not_zero_and_not_an_empty_text():
    hashes = {content_hash(listing(hours=value)) for value in (None, 0, "", False)}
    assert len(hashes) == 4


def test_a_crawl_that_sees_a_listing_twice_keeps_the_first():
    pipeline = Identify.from_crawler(SimpleNamespace())
    pipeline.process_item(listing())
    pipeline.process_item(listing(dealer="bolt"))
    with pytest.raises(Unusable) as dropped:
        pipeline.process_item(listing(section="another"))
    assert dropped.value.reason == "seen_twice"

"""Who a listing is, whether it has changed, and whether two offer the same thing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from inventory.listing import BOOKKEEPING, FIELD_NAMES, Listing
from inventory.store.linking import Candidate
from pipelines.identify import Identify
from pipelines.identity.keys import content_hash, identify
from pipelines.identity.ladder import same_thing
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


def candidate(**said):
    known = dict.fromkeys(Candidate.__dataclass_fields__) | {"vertical": "equipment", "offer_type": "sale"}
    return Candidate(**(known | said))


MACHINE = candidate(listing_id=1, serial_key="CAT0320DABC12345", make="Caterpillar")
FOOD = candidate(listing_id=2, vertical="dog", gtin="04012345123456", pack_count=1)


@pytest.mark.parametrize(
    ("one", "other", "method"),
    [
        (MACHINE, replace(MACHINE, listing_id=9, dealer_id=4), "serial"),
        (MACHINE, replace(MACHINE, make=None), "serial"),
        (MACHINE, replace(MACHINE, make="Komatsu"), None),
        (MACHINE, replace(MACHINE, serial_key="CAT0320DABC12346"), None),
        (MACHINE, replace(MACHINE, serial_key=None), None),
        (MACHINE, replace(MACHINE, vertical="dog"), None),
        (replace(MACHINE, serial_key=None), replace(MACHINE, serial_key=None), None),
        (FOOD, replace(FOOD, pack_count=None), "gtin"),
        (FOOD, replace(FOOD, pack_count=6), None),
        (FOOD, replace(FOOD, gtin="04012345123463"), None),
        (replace(MACHINE, gtin="1"), replace(MACHINE, gtin="1", serial_key="CAT0320DABC12346"), None),
    ],
)
def test_two_listings_are_one_thing_by_serial_or_article_number_only(one, other, method):
    for match in (same_thing(one, other), same_thing(other, one)):
        assert (match.method if match else None) == method
        assert match is None or 0 < match.score <= 1


def test_a_serial_is_better_evidence_where_both_name_the_maker():
    assert same_thing(MACHINE, MACHINE).score > same_thing(MACHINE, replace(MACHINE, make=None)).score

"""The Scrapy pipelines in their order: one listing in, a typed one out, or dropped with a reason."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest
from scrapy.settings import Settings
from scrapy.utils.misc import load_object

import crawler.settings
from inventory.listing import Listing
from pipelines.adapter import ListingPipeline
from pipelines.outcomes import Unusable

ORDER = sorted(crawler.settings.ITEM_PIPELINES, key=lambda name: crawler.settings.ITEM_PIPELINES[name])


@pytest.fixture
def chain():
    facts = {"acme": {"currency": "USD", "country": "US"}}
    run = SimpleNamespace(settings=Settings({"DEALER_FACTS": facts}))
    steps = [load_object(name) for name in ORDER[:-1]]
    return [step.from_crawler(run) for step in steps]


def through(chain, listing):
    for step in chain:
        listing = step.process_item(listing)
    return listing


def test_the_store_comes_last_and_cleaning_first():
    assert ORDER[0] == "pipelines.clean.Clean"
    assert ORDER[-2:] == ["pipelines.identify.Identify", "pipelines.store.Store"]


def test_raw_text_leaves_the_chain_typed_and_keyed(chain):
    raw = {
        "title": "2015 Caterpillar 320DL Excavator", "price": "$45,000", "hours": "5,239 hrs",
        "serial_number": "CAT0320D ABC12345", "external_id": 77, "location": "Yard 4",
    }  # fmt: skip
    found = through(chain, Listing(dealer="acme", vertical="equipment", url="https://acme.example/77", raw=raw))
    assert (found.price, found.currency, found.hours, found.year) == (Decimal("45000.00"), "USD", 5239, 2015)
    assert (found.make, found.category) == ("Caterpillar", "excavators")
    assert (found.identity_key, found.serial_key) == ("id:77", "CAT0320DABC12345")
    assert found.country == "US"
    assert found.content_hash


def test_the_same_page_gives_the_same_hash_in_the_next_crawl(chain):
    def page():
        raw = {"title": "Chew toy", "price": "9.99", "external_id": "9", "specs": [["Size", "L"], ["Weight", "1.5 kg"]]}
        return Listing(dealer="acme", vertical="dog", raw=raw)

    again = [step.from_crawler(step.crawler) for step in chain]
    assert through(chain, page()).content_hash == through(again, page()).content_hash


def test_a_dealer_that_no_file_describes_has_no_facts_to_lend(chain):
    found = through(
        chain, Listing(dealer="other", vertical="dog", raw={"title": "Toy", "price": "9", "external_id": "1"})
    )
    assert (found.price, found.currency) == (Decimal("9.00"), None)


def test_an_unusable_listing_is_dropped_quietly_with_reason_and_detail(chain):
    with pytest.raises(Unusable) as dropped:
        through(chain, Listing(dealer="acme", vertical="dog", url="https://acme.example/1"))
    assert (dropped.value.reason, dropped.value.log_level) == ("no_title", "DEBUG")


def test_a_step_must_say_what_it_does():
    with pytest.raises(NotImplementedError):
        ListingPipeline.from_crawler(SimpleNamespace()).process_item(Listing(dealer="a", vertical="dog"))

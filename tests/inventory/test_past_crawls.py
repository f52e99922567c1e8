"""What was usual before a crawl: medians of the last healthy whole crawls of its dealer."""

from __future__ import annotations

from datetime import timedelta

from inventory.ledger import DealerFacts, Report, begin, end
from inventory.past_crawls import Past, past_of
from tests.inventory.yard import START

LEASE = timedelta(minutes=1)


def crawled(engine, name, number, listings, *, seconds=10, outcome="healthy", limited=False, narrowed=False, **fill):
    """One crawl, the `number`-th: its id."""
    at = START + timedelta(hours=number)
    facts = DealerFacts(name, "equipment")
    begun = begin(engine, facts, "one", LEASE, at, narrowed=narrowed, limited=limited)
    report = Report(outcome=outcome, reason="", limited=limited, narrowed=narrowed, listings_seen=listings, fill=fill)
    end(engine, name, "one", begun.crawl_id, report, at + timedelta(seconds=seconds))
    return begun.crawl_id


def test_the_median_of_the_last_five_healthy_whole_crawls_before_it_counts(any_writer):
    for number, listings in enumerate((9000, 30, 10, 50, 20, 40)):
        crawled(any_writer, "acme", number, listings, seconds=number, price=listings / 100, hours=0.5)
    crawled(any_writer, "acme", 10, 1, outcome="failed")
    crawled(any_writer, "acme", 11, 2, limited=True)
    crawled(any_writer, "acme", 12, 3, narrowed=True)
    crawled(any_writer, "bolt", 13, 4, price=1.0)
    this = crawled(any_writer, "acme", 14, 7, price=0.0)
    crawled(any_writer, "acme", 15, 8000)
    usual = past_of(any_writer, {"acme": this})["acme"].usual
    assert (usual.crawls, usual.listings, usual.seconds) == (5, 30, 3)
    assert usual.fill == {"hours": 0.5, "price": 0.3}


def test_a_field_that_a_crawl_did_not_have_counts_as_none(any_writer):
    crawled(any_writer, "acme", 1, 10, price=0.8)
    crawled(any_writer, "acme", 2, 10, price=0.6)
    crawled(any_writer, "acme", 3, 10, hours=0.9)
    this = crawled(any_writer, "acme", 4, 10)
    assert past_of(any_writer, {"acme": this})["acme"].usual.fill == {"hours": 0.0, "price": 0.6}


def test_a_first_crawl_and_one_that_is_not_there_have_no_past(any_writer):
    this = crawled(any_writer, "acme", 1, 10)
    assert past_of(any_writer, {"acme": this, "bolt": this + 99}) == {"acme": Past(), "bolt": Past()}

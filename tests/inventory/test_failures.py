"""What failed for good can be asked for again, a few times, until it comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from inventory.ledger import DealerFacts, Report, begin, end
from inventory.store.failures import MOST_REQUEUED, FailureBatch, FailureRow, store_failures, to_retry, unresolved
from inventory.store.prune import count_old, prune
from inventory.tables import failures

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
VISIT = {"url": "https://acme.example/a", "kind": "detail", "section": "all", "known": {"price": "5"}}


def crawled(engine, name="acme", at=NOW, narrowed=False):
    """A crawl of the dealer that has ended; its id."""
    facts = DealerFacts(name=name, vertical="equipment")
    begun = begin(engine, facts, "me", timedelta(seconds=60), at, narrowed=narrowed, limited=False)
    end(engine, name, "me", begun.crawl_id, Report("healthy", "", narrowed=narrowed), at)
    return begun.crawl_id


def failure(crawl_id, url_hash="a", **said):
    facts = {
        "crawl_id": crawl_id, "dealer": "acme", "url": "https://acme.example/a", "url_hash": url_hash, "kind": "detail",
        "section": "all", "visit": VISIT, "failure_class": "timeout", "message": "took too long", "attempts": 3,
        "first_at": NOW, "last_at": NOW + timedelta(minutes=1),
    }  # fmt: skip
    return FailureRow(**(facts | said))


@pytest.fixture
def crawl_id(any_writer):
    return crawled(any_writer)


def test_a_failure_comes_back_as_it_was_written(any_writer, crawl_id):
    row = failure(crawl_id, status=None)
    store_failures(any_writer, FailureBatch([row, failure(crawl_id, "b", failure_class="http_500", status=500)]), NOW)
    first, second = to_retry(any_writer, "acme")
    assert first == row
    assert (second.failure_class, second.status) == ("http_500", 500)
    assert unresolved(any_writer, "acme") == {"a": 0, "b": 0}


def test_only_the_last_whole_crawls_failures_are_asked_for_again_and_none_of_what_is_gone(any_writer, crawl_id):
    later = crawled(any_writer, at=NOW + timedelta(hours=1))
    other = crawled(any_writer, "bolt")
    told = [
        failure(crawl_id, "old"),
        failure(later, "new"),
        failure(later, "gone", failure_class="http_404"),
        failure(later, "often", requeued=MOST_REQUEUED),
        failure(other, "theirs", dealer="bolt"),
    ]
    store_failures(any_writer, FailureBatch(told), NOW)
    assert [row.url_hash for row in to_retry(any_writer, "acme")] == ["new"]
    assert [row.url_hash for row in to_retry(any_writer, "bolt")] == ["theirs"]
    assert to_retry(any_writer, "nobody") == []


def test_what_a_retry_did_not_come_to_is_asked_for_by_the_next_one(any_writer, crawl_id):
    retry = crawled(any_writer, at=NOW + timedelta(hours=1), narrowed=True)
    whole = [failure(crawl_id, name) for name in ("a", "b", "c")]
    again = [failure(retry, "b", requeued=1), failure(retry, "c", failure_class="http_410")]
    store_failures(any_writer, FailureBatch([*whole, *again]), NOW)
    assert {row.url_hash: row.requeued for row in to_retry(any_writer, "acme")} == {"a": 0, "b": 1}
    crawled(any_writer, at=NOW + timedelta(hours=2))
    assert to_retry(any_writer, "acme") == [], "a whole crawl has asked for everything"


def test_failures_of_a_dealer_that_was_never_crawled_as_a_whole_are_asked_for(any_writer):
    part = crawled(any_writer, narrowed=True)
    store_failures(any_writer, FailureBatch([failure(part)]), NOW)
    assert len(to_retry(any_writer, "acme")) == 1


def test_a_page_that_comes_resolves_its_failures_of_all_crawls(any_writer, crawl_id):
    later = crawled(any_writer, at=NOW + timedelta(hours=1))
    store_failures(any_writer, FailureBatch([failure(crawl_id), failure(later), failure(later, "b")]), NOW)
    store_failures(any_writer, FailureBatch(resolved={"acme": {"a"}, "nobody": {"b"}}), NOW)
    assert unresolved(any_writer, "acme") == {"b": 0}
    with any_writer.connect() as connection:
        found = connection.execute(select(failures.c.url_hash, failures.c.resolved_at)).all()
    assert {(url_hash, at) for url_hash, at in found} == {("a", NOW), ("b", None)}


def test_a_failure_of_a_dealer_that_nobody_knows_is_left_out(any_writer, crawl_id):
    store_failures(any_writer, FailureBatch([failure(crawl_id, dealer="nobody")]), NOW)
    assert unresolved(any_writer, "nobody") == {}


def test_old_failures_are_pruned(any_writer, crawl_id):
    old = [failure(crawl_id, str(number), last_at=NOW - timedelta(days=900)) for number in range(5)]
    store_failures(any_writer, FailureBatch([*old, failure(crawl_id)]), NOW)
    before = NOW - timedelta(days=730)
    assert count_old(any_writer, before)["failures"] == 5
    assert sum(batch.rows for batch in prune(any_writer, before, rows=2) if batch.what == "failures") == 5
    with any_writer.connect() as connection:
        assert connection.execute(select(func.count()).select_from(failures)).scalar_one() == 1


def test_what_is_requeued_is_known_by_its_newest_row(any_writer, crawl_id):
    store_failures(any_writer, FailureBatch([failure(crawl_id), replace(failure(crawl_id), requeued=2)]), NOW)
    assert unresolved(any_writer, "acme") == {"a": 2}

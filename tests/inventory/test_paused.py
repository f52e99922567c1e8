"""A crawl that was paused stays open, goes on under its number, and is nobody's meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from inventory.ledger import Begun, Busy, DealerFacts, Report, begin, end, pause, resume
from inventory.tables import crawls

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)
ACME = DealerFacts(name="acme", vertical="equipment")


def begun(engine, owner="me"):
    found = begin(engine, ACME, owner, LEASE, NOW, narrowed=False, limited=False)
    assert isinstance(found, Begun)
    return found.crawl_id


def row(engine, crawl_id):
    with engine.connect() as connection:
        return connection.execute(select(crawls).where(crawls.c.id == crawl_id)).mappings().one()


def test_a_paused_crawl_goes_on_under_its_number(any_writer):
    crawl_id = begun(any_writer)
    pause(any_writer, "acme", "me", crawl_id)
    assert "paused" in row(any_writer, crawl_id)["reason"]
    assert row(any_writer, crawl_id)["ended_at"] is None
    again = resume(any_writer, "acme", "other", LEASE, NOW, crawl_id=crawl_id)
    assert isinstance(again, Begun)
    assert again.crawl_id == crawl_id
    assert row(any_writer, crawl_id)["reason"] is None
    assert end(any_writer, "acme", "other", crawl_id, Report("healthy", ""), NOW)


def test_a_dealer_that_somebody_crawls_now_is_busy(any_writer):
    crawl_id = begun(any_writer)
    assert isinstance(resume(any_writer, "acme", "other", LEASE, NOW, crawl_id=crawl_id), Busy)


def test_a_paused_crawl_that_another_run_closed_does_not_go_on_and_holds_nobody_up(any_writer):
    crawl_id = begun(any_writer)
    pause(any_writer, "acme", "me", crawl_id)
    theirs = begun(any_writer, "other")
    assert end(any_writer, "acme", "other", theirs, Report("healthy", ""), NOW)
    assert resume(any_writer, "acme", "me", LEASE, NOW, crawl_id=crawl_id) is None
    assert row(any_writer, crawl_id)["failure_class"] == "killed"
    begun(any_writer, "third")

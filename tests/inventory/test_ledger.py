"""The ledger: one process a dealer at a time, one row a crawl, closed once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from inventory.engine import writer_engine
from inventory.ledger import Begun, Busy, DealerFacts, NotDue, Report, begin, end, last_begun, pause, renew
from inventory.tables import crawls, dealers
from tests.inventory.yard import START

ACME = DealerFacts("acme", "equipment", title="Acme", platform="feed", url="https://acme.example", country="US")
LEASE = timedelta(minutes=1)
LATER = START + 2 * LEASE
HEALTHY = Report(outcome="healthy", reason="")


@pytest.fixture
def engine(sqlite_settings):
    engine = writer_engine(sqlite_settings)
    yield engine
    engine.dispose()


def begun(engine, owner="one", now=START, dealer=ACME, **said):
    answer = begin(engine, dealer, owner, LEASE, now, **({"narrowed": False, "limited": False} | said))
    assert isinstance(answer, Begun)
    return answer


def rows(engine, table):
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table).order_by(table.c.id)).mappings()]


def test_a_dealer_is_entered_reserved_and_its_crawl_opened(any_writer):
    crawl = begun(any_writer, narrowed=True, limited=True)
    assert crawl.seen_before == ()
    [dealer] = rows(any_writer, dealers)
    assert (dealer["name"], dealer["title"], dealer["country"], dealer["source"]) == ("acme", "Acme", "US", "file")
    assert (dealer["lease_owner"], dealer["lease_until"]) == ("one", START + LEASE)
    [row] = rows(any_writer, crawls)
    assert (row["id"], row["started_at"], row["ended_at"]) == (crawl.crawl_id, START, None)
    assert (row["outcome"], row["narrowed"], row["limited"]) == ("running", True, True)

    assert begin(any_writer, ACME, "two", LEASE, START, narrowed=False, limited=False) == Busy("one", START + LEASE)

    report = Report(
        outcome="failed", reason="2 of 3 requests failed", failure_class="http_503", pages=3, listings_seen=2,
        listings_new=1, listings_changed=1, listings_dropped=4, dropped={"no_title": 4}, errors={"http_503": 2},
        fill={"price": 0.5}, sections={"all": {"pages": 3, "listings": 2, "complete": False}},
    )  # fmt: skip
    assert end(any_writer, "acme", "one", crawl.crawl_id, report, START + timedelta(seconds=5))
    [row] = rows(any_writer, crawls)
    assert row["ended_at"] == START + timedelta(seconds=5)
    assert row["sections"] == {"all": {"pages": 3, "listings": 2, "complete": False}}
    assert (row["outcome"], row["failure_class"], row["listings_seen"]) == ("failed", "http_503", 2)
    assert (row["dropped"], row["errors"], row["fill"]) == ({"no_title": 4}, {"http_503": 2}, {"price": 0.5})
    [dealer] = rows(any_writer, dealers)
    assert (dealer["lease_owner"], dealer["lease_until"]) == (None, None)


def test_a_crawl_ends_once(engine):
    crawl = begun(engine)
    assert end(engine, "acme", "one", crawl.crawl_id, HEALTHY, START)
    late = Report(outcome="failed", reason="late")
    assert not end(engine, "acme", "one", crawl.crawl_id, late, LATER)
    assert rows(engine, crawls)[0]["outcome"] == "healthy"


def test_a_dealer_is_free_after_the_crawl(engine):
    crawl = begun(engine)
    end(engine, "acme", "one", crawl.crawl_id, HEALTHY, START)
    assert begun(engine, "two").crawl_id != crawl.crawl_id


def test_who_found_a_dealer_due_when_somebody_else_did_leaves_it_alone(any_writer):
    crawl, day = begun(any_writer), timedelta(days=1)
    end(any_writer, "acme", "one", crawl.crawl_id, HEALTHY, START)
    also = {"narrowed": False, "limited": False, "unless_since": LATER - day}
    assert begin(any_writer, ACME, "two", LEASE, LATER, **also) == NotDue(START)
    [dealer] = rows(any_writer, dealers)
    assert (dealer["lease_owner"], len(rows(any_writer, crawls))) == (None, 1)
    tomorrow = START + day
    part = begun(any_writer, "two", tomorrow, narrowed=True, unless_since=START)
    end(any_writer, "acme", "two", part.crawl_id, replace(HEALTHY, narrowed=True), tomorrow)
    assert begun(any_writer, "two", tomorrow, unless_since=START), "a part of its sections is no crawl of it"


def test_a_crawl_counts_for_due_while_it_goes_on_or_waits_and_not_where_it_died(any_writer):
    crawl = begun(any_writer)
    assert last_begun(any_writer, START) == {"acme": START}
    assert last_begun(any_writer, LATER) == {}, "its process died"
    pause(any_writer, "acme", "one", crawl.crawl_id)
    assert last_begun(any_writer, LATER) == {"acme": START}
    also = {"narrowed": False, "limited": False, "unless_since": START - LEASE}
    assert begin(any_writer, ACME, "two", LEASE, LATER, **also) == NotDue(START)


@pytest.mark.parametrize(("name", "counts"), [("queue_lost", False), ("lease_lost", False), ("http_503", True)])
def test_what_was_ended_by_something_else_than_the_dealer_leaves_it_due(any_writer, name, counts):
    crawl = begun(any_writer)
    end(any_writer, "acme", "one", crawl.crawl_id, Report(outcome="failed", reason="x", failure_class=name), START)
    assert last_begun(any_writer, LATER) == ({"acme": START} if counts else {})
    also = {"narrowed": False, "limited": False, "unless_since": START - LEASE}
    found = begin(any_writer, ACME, "two", LEASE, LATER, **also)
    assert isinstance(found, NotDue if counts else Begun)


def test_the_crawl_of_a_process_that_died_is_closed_by_the_next_one(engine):
    dead = begun(engine)
    living = begun(engine, "two", LATER)
    first, second = rows(engine, crawls)
    assert (first["id"], first["outcome"], first["failure_class"]) == (dead.crawl_id, "stopped", "killed")
    assert first["ended_at"] == LATER
    assert (second["id"], second["outcome"]) == (living.crawl_id, "running")


def test_a_process_that_was_thought_dead_takes_nothing_from_its_successor(engine):
    slow = begun(engine)
    begun(engine, "two", LATER)
    assert not end(engine, "acme", "one", slow.crawl_id, HEALTHY, LATER)
    renew(engine, ["acme"], "one", LATER + 10 * LEASE)
    [dealer] = rows(engine, dealers)
    assert (dealer["lease_owner"], dealer["lease_until"]) == ("two", LATER + LEASE)
    assert rows(engine, crawls)[0]["failure_class"] == "killed"


def test_a_renewed_lease_holds(engine):
    begun(engine)
    renew(engine, ["acme", "nobody"], "one", LATER + LEASE)
    assert isinstance(begin(engine, ACME, "two", LEASE, LATER, narrowed=False, limited=False), Busy)


def test_a_dealer_whose_file_changed_is_brought_up_to_date(engine):
    crawl = begun(engine)
    end(engine, "acme", "one", crawl.crawl_id, HEALTHY, START)
    begun(engine, dealer=DealerFacts("acme", "equipment", title="Acme Inc", platform="shopify", currency="CAD"))
    [dealer] = rows(engine, dealers)
    assert (dealer["title"], dealer["platform"], dealer["currency"], dealer["country"]) == (
        "Acme Inc", "shopify", "CAD", None,
    )  # fmt: skip


def test_a_crawl_is_compared_with_the_last_five_healthy_whole_ones(engine):
    reports = [
        (Report(outcome="healthy", reason="", listings_seen=seen), False, False) for seen in (1, 10, 20, 30, 40, 50)
    ]
    reports += [
        (Report(outcome="failed", reason="", listings_seen=3), False, False),
        (Report(outcome="healthy", reason="", listings_seen=4, limited=True), False, True),
        (Report(outcome="healthy", reason="", listings_seen=5, narrowed=True), True, False),
    ]
    for hour, (report, narrowed, limited) in enumerate(reports):
        now = START + timedelta(hours=hour)
        crawl = begun(engine, now=now, narrowed=narrowed, limited=limited)
        end(engine, "acme", "one", crawl.crawl_id, report, now)
    assert begun(engine, now=START + timedelta(days=1)).seen_before == (50, 40, 30, 20, 10)


def test_a_crawl_says_what_it_proved_of_its_dealers_sitemaps(any_writer):
    def crawled(**said):
        crawl = begun(any_writer)
        end(any_writer, "acme", "one", crawl.crawl_id, Report(outcome="healthy", reason="", **said), LATER)
        [dealer] = rows(any_writer, dealers)
        return dealer["lastmod_proofs"], dealer["lastmod_missed_at"]

    assert crawled() == (0, None)
    assert crawled(lastmod_proved=True) == (1, None)
    assert crawled(lastmod_missed=True) == (0, LATER)
    assert crawled(lastmod_proved=True) == (0, LATER)  # one miss is enough, until a fresh crawl

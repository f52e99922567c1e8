"""What is gone: only what several crawls that could have seen it did not see, section by section."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from inventory import ledger
from inventory.ledger import Begun, DealerFacts, Report
from inventory.store.batch import store
from inventory.store.gone import seen_since
from inventory.tables import crawls, events, listings
from pipelines.identity.matching import IdentityRules
from tests.inventory.yard import START, machine

ACME = DealerFacts("acme", "equipment")
LEASE = timedelta(minutes=1)


@pytest.fixture
def acme(yard):
    """The dealer on both databases."""
    return Acme(yard)


@pytest.fixture
def sqlite_acme(sqlite_yard):
    """The dealer where the database makes no difference."""
    return Acme(sqlite_yard)


class Acme:
    """Crawls of one dealer, by the ledger: each an hour after the last."""

    def __init__(self, yard):
        self.yard = yard

    def begin(self):
        self.yard.now += timedelta(hours=1)
        begun = ledger.begin(
            self.yard.engine, ACME, "one", LEASE, self.yard.now, narrowed=False, limited=False
        )  # fmt: skip
        assert isinstance(begun, Begun)
        return begun

    def see(self, crawl_id, *found):
        for listing in found:
            listing.crawl_id = crawl_id
        return store(self.yard.engine, found, IdentityRules(), lambda: self.yard.now)

    def end(self, crawl_id, sections=("all",), *, comparable=True, after=2, **said):
        walked = {
            name: {"pages": 1, "listings": 1, "complete": True, "comparable": comparable and name in sections}
            for name in ("all", "dozers")
        }
        report = Report(outcome="healthy", reason="", comparable=comparable, sections=walked, **said)
        return ledger.end(self.yard.engine, "acme", "one", crawl_id, report, self.yard.now, after)

    def crawl(self, *found, sections=("all",), **said):
        """A whole crawl; what it delisted by its row."""
        crawl_id = self.begin().crawl_id
        self.see(crawl_id, *found)
        assert self.end(crawl_id, sections, **said)
        return self.row(crawl_id)["listings_delisted"]

    def row(self, crawl_id):
        with self.yard.engine.connect() as connection:
            return dict(connection.execute(select(crawls).where(crawls.c.id == crawl_id)).mappings().one())

    def status(self, external_id="m1"):
        return self.yard.row(external_id)["status"]

    def kinds(self, external_id="m1"):
        return [kind for kind, _ in self.yard.events(external_id)]


def here(name="m1", section="all", **said):
    return machine(name, section=section, **said)


def test_what_two_comparable_crawls_miss_is_gone_once_and_comes_back_as_relisted(acme):
    assert acme.crawl(here(), here("m2")) == 0
    assert acme.crawl(here("m2")) == 0
    assert acme.status() == "active"
    assert acme.crawl(here("m2")) == 1
    row = acme.yard.row()
    assert (row["status"], row["gone_at"], row["last_changed"]) == ("gone", acme.yard.now, acme.yard.now)
    assert acme.yard.events()[-1] == ("delisted", {"status": ["active", "gone"]})
    assert acme.crawl(here("m2")) == 0
    assert acme.crawl(here(), here("m2")) == 0
    row = acme.yard.row()
    assert (row["status"], row["gone_at"]) == ("active", None)
    assert acme.kinds() == ["listed", "delisted", "relisted"]
    assert acme.kinds("m2") == ["listed"]


def test_a_crawl_that_sees_it_starts_the_count_again_whatever_became_of_the_crawl(sqlite_acme):
    sqlite_acme.crawl(here(), here("m2"))
    sqlite_acme.crawl(here("m2"))
    sqlite_acme.crawl(here(), comparable=False)
    assert sqlite_acme.crawl(here("m2")) == 0
    assert sqlite_acme.crawl(here("m2")) == 1


def test_crawls_that_are_not_comparable_count_for_nothing(sqlite_acme):
    sqlite_acme.crawl(here(), here("m2"))
    sqlite_acme.crawl(here("m2"))
    for _ in range(4):
        assert sqlite_acme.crawl(here("m2"), comparable=False) == 0
    assert sqlite_acme.status() == "active"
    assert sqlite_acme.crawl(here("m2")) == 1


def test_a_section_judges_only_its_own(acme):
    acme.crawl(here("a"), here("d", "dozers"), here("x", "elsewhere"), here("n", None), sections=("all", "dozers"))
    for _ in range(3):
        acme.crawl(sections=("all",))
    assert {name: acme.status(name) for name in "adxn"} == {"a": "gone", "d": "active", "x": "active", "n": "active"}
    assert acme.crawl(sections=("dozers",)) == 0
    assert acme.crawl(sections=("all", "dozers")) == 1
    assert acme.status("d") == "gone"


def test_another_dealers_stock_is_left_alone(sqlite_acme):
    sqlite_acme.yard.crawl(here("b", dealer="bolt"), dealer="bolt")
    for _ in range(3):
        sqlite_acme.crawl()
    assert sqlite_acme.status("b") == "active"


def test_the_operator_says_after_how_many(sqlite_acme):
    sqlite_acme.crawl(here())
    assert [sqlite_acme.crawl(after=3) for _ in range(3)] == [0, 0, 1]
    sqlite_acme.crawl(here())
    assert sqlite_acme.crawl(after=1) == 1


def test_what_is_sold_stays_sold_when_it_disappears(sqlite_acme):
    sqlite_acme.crawl(here())
    sqlite_acme.crawl(here(price=None, price_status="sold"))
    assert [sqlite_acme.crawl() for _ in range(3)] == [0, 0, 0]
    assert sqlite_acme.status() == "sold"
    assert sqlite_acme.kinds() == ["listed", "sold_marked", "price_hidden"]


def test_a_listing_that_moved_to_another_section_is_judged_there(sqlite_acme):
    sqlite_acme.crawl(here(), sections=("all", "dozers"))
    sqlite_acme.crawl(here(section="dozers"), sections=("all", "dozers"))
    assert sqlite_acme.yard.row()["section"] == "dozers"
    assert [sqlite_acme.crawl(sections=("all",)) for _ in range(3)] == [0, 0, 0]


def test_an_ingested_listing_of_a_section_that_is_crawled_is_gone_like_others(sqlite_acme):
    sqlite_acme.crawl(here("m2"))
    yard = sqlite_acme.yard
    store(yard.engine, [here("fed"), here("free", None)], IdentityRules(), lambda: yard.now)
    assert [sqlite_acme.crawl(here("m2")) for _ in range(2)] == [0, 1]
    assert (sqlite_acme.status("fed"), sqlite_acme.status("free")) == ("gone", "active")


def test_what_an_ingest_has_seen_meanwhile_is_not_gone(sqlite_acme):
    sqlite_acme.crawl(here())
    sqlite_acme.crawl()
    yard = sqlite_acme.yard
    store(yard.engine, [here()], IdentityRules(), lambda: yard.now + timedelta(minutes=5))
    assert yard.row()["crawl_id"] is not None  # still the crawl that saw it last
    assert [sqlite_acme.crawl() for _ in range(2)] == [0, 1]


def test_only_who_closes_a_crawl_delists(acme):
    acme.crawl(here())
    acme.crawl()
    crawl_id = acme.begin().crawl_id
    assert acme.end(crawl_id)
    assert not acme.end(crawl_id)
    assert acme.kinds() == ["listed", "delisted"]


def test_a_killed_crawl_delists_nothing_and_its_late_end_neither(acme):
    acme.crawl(here())
    acme.crawl()
    slow = acme.begin().crawl_id
    acme.yard.now += 2 * LEASE
    acme.begin()
    assert not acme.end(slow)
    assert acme.status() == "active"
    assert acme.row(slow)["failure_class"] == "killed"


def test_many_at_once_are_delisted_in_batches_with_one_event_each(acme):
    acme.crawl(*(here(f"m{number}") for number in range(950)))
    assert [acme.crawl() for _ in range(3)] == [0, 950, 0]
    with acme.yard.engine.connect() as connection:
        told = select(events.c.listing_id).where(events.c.kind == "delisted")
        assert len(set(connection.execute(told).scalars())) == 950
        gone = select(func.count()).select_from(listings).where(listings.c.status == "gone")
        assert connection.execute(gone).scalar_one() == 950
        assert connection.execute(select(func.count()).select_from(told.subquery())).scalar_one() == 950


def test_the_missing_are_found_by_an_index(sqlite_acme):
    plan = text(
        "EXPLAIN QUERY PLAN SELECT id FROM listings WHERE dealer_id = 1 AND section = 'all' AND status = 'active'"
        " AND crawl_id < 9 AND last_seen < '2026-01-01'"
    )
    with sqlite_acme.yard.engine.connect() as connection:
        [row] = connection.execute(plan).mappings()
    assert "ix_listings_dealer_id_section (dealer_id=? AND section=?)" in row["detail"]


def test_a_section_is_judged_by_its_own_last_comparable_crawls():
    def crawl(number, *judged):
        return {"id": number, "started_at": START, "sections": {name: {"comparable": True} for name in judged}}

    newest_first = [crawl(9, "a", "b"), crawl(8, "b", "c"), crawl(7, "a"), crawl(6, "a", "b", "c")]
    assert {name: since.crawl_id for name, since in seen_since(newest_first, 2).items()} == {"a": 7, "b": 8}
    assert {name: since.crawl_id for name, since in seen_since(newest_first, 3).items()} == {"a": 6, "b": 6}
    assert seen_since(newest_first, 1).keys() == {"a", "b"}
    assert seen_since(newest_first, 4) == seen_since([], 1) == {}


def test_a_crawl_learns_what_its_sections_held_before(sqlite_acme):
    for held, complete in ((5, True), (6, True), (1, False), (7, True)):
        crawl_id = sqlite_acme.begin().crawl_id
        walk = {"all": {"listings": held, "complete": complete}}
        report = Report(outcome="healthy", reason="", listings_seen=held, sections=walk)
        ledger.end(sqlite_acme.yard.engine, "acme", "one", crawl_id, report, sqlite_acme.yard.now)
    begun = sqlite_acme.begin()
    assert (begun.seen_before, begun.sections_before) == ((7, 1, 6, 5), {"all": (7, 6, 5)})

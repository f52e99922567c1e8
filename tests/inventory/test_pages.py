"""The memory of pages: written behind the listings, recalled where it can be relied on, touched in a batch."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from scrapy.http import Response
from sqlalchemy import delete, select, update

from crawler.platforms.visit import Visit
from crawler.revisits.memory import PageMemory
from inventory.pages import PageRead, PageUnchanged, digest
from inventory.store.pages import FORGOTTEN_AFTER, follows_of, recall, store_pages
from inventory.tables import dealers, events, listings, pages
from tests.crawler.dealer_files import dealer
from tests.inventory.yard import Yard, machine

URL = "https://acme.example/m1"


@pytest.fixture
def yard(any_writer):
    return Yard(any_writer)


def read(*keys, url=URL, **said):
    facts = {"dealer": "acme", "kind": "detail", "section": "dozers", "reading": "v1", "etag": '"a"', "lastmod": "2026"}
    return PageRead(url=url, listings={"title price": list(keys)} if keys else {}, **(facts | said))


def recalled(yard, reading="v1", fresh=False, later=timedelta(0)):
    return recall(yard.engine, "acme", reading, yard.now + later, fresh=fresh)


def again(yard, url=URL, **said):
    found = recalled(yard)
    page = found.pages[digest(url.encode())]
    groups = {
        fields: {number: found.identity[number] for number in numbers} for fields, numbers in page.listings.items()
    }
    return PageUnchanged(dealer="acme", url=url, section="dozers", page_id=page.page_id, listings=groups, **said)


def one(yard, query):
    with yard.engine.connect() as connection:
        return connection.execute(query).mappings().one()


def test_a_page_is_recalled_with_what_it_gave(yard):
    yard.crawl(machine("m1"), machine("m2"))
    [outcome] = store_pages(
        yard.engine, [read("id:m1", "id:m2", dropped={"no_title": 1}, follows=[{"url": "x"}])], yard.now
    )
    assert outcome.kept
    found = recalled(yard)
    page = found.pages[digest(URL.encode())]
    ids = {yard.row("m1")["id"], yard.row("m2")["id"]}
    assert set(page.listings["title price"]) == ids == found.identity.keys()
    assert (page.etag, page.dropped, page.leads_on, page.fetched_at) == ('"a"', {"no_title": 1}, True, yard.now)
    assert follows_of(yard.engine, page.page_id) == [{"url": "x"}]
    assert recalled(yard, "v2").pages == {}
    assert recall(yard.engine, "bolt", "v1", yard.now, fresh=False).pages == {}


def test_a_page_is_known_by_the_address_it_was_asked_for_and_shown_without_its_secret(yard):
    visit = Visit("https://acme.example/stock?key=s3cret", "section", "dozers")
    acme = dealer()
    acme.keep_secret(["s3cret"])
    seen = PageMemory("acme", 1, "v1").reading(visit, Response(visit.url, body=b"<p>"), acme.without_secrets)
    store_pages(yard.engine, [seen], yard.now)
    assert one(yard, select(pages.c.url, pages.c.url_hash)) == {
        "url": "https://acme.example/stock?key=***", "url_hash": digest(visit.url.encode())
    }  # fmt: skip
    memory = PageMemory("acme", 2, "v1", recalled(yard))
    assert memory.known(visit) is not None
    assert memory.known(replace(visit, url="https://acme.example/stock?key=***")) is None


def test_a_page_read_again_replaces_what_was_remembered(yard):
    yard.crawl(machine("m1"))
    store_pages(yard.engine, [read("id:m1")], yard.now)
    store_pages(yard.engine, [read("id:m1", etag='"b"', reading="v2")], yard.now)
    assert recalled(yard).pages == {}
    assert [page.etag for page in recalled(yard, "v2").pages.values()] == ['"b"']


@pytest.mark.parametrize("said", [{"broken": True}, {"follows": None}, {"listings": {"title": ["id:m1", "id:m9"]}}])
def test_a_page_that_cannot_be_relied_on_is_forgotten(said, yard):
    yard.crawl(machine("m1"))
    store_pages(yard.engine, [read("id:m1")], yard.now)
    page = read("id:m1")
    for name, value in said.items():
        setattr(page, name, value)
    [outcome] = store_pages(yard.engine, [page], yard.now)
    assert not outcome.kept
    assert yard.count(pages) == 0


def test_an_unchanged_page_moves_last_seen_of_its_listings_only(yard):
    first = yard.crawl(machine("m1"), machine("m2"))
    store_pages(yard.engine, [read("id:m1")], yard.now)
    before, other = yard.row("m1"), yard.row("m2")
    later = yard.now + timedelta(days=1)
    [outcome] = store_pages(yard.engine, [again(yard, crawl_id=before["crawl_id"], lastmod="2027")], later)
    assert outcome.present == {before["id"]}
    assert yard.row("m1") == before | {"last_seen": later}
    assert yard.row("m2") == other
    row = one(yard, select(pages))
    assert (row["seen_at"], row["fetched_at"], row["lastmod"]) == (later, later, "2027")
    assert len(first.outcomes) == yard.count(events) == 2


def test_a_skipped_page_was_seen_and_not_fetched(yard):
    yard.crawl(machine("m1"))
    store_pages(yard.engine, [read("id:m1")], yard.now)
    later = yard.now + timedelta(days=1)
    store_pages(yard.engine, [again(yard, skipped=True)], later)
    row = one(yard, select(pages))
    assert (row["seen_at"], row["fetched_at"], row["lastmod"]) == (later, yard.now, "2026")
    assert yard.row("m1")["last_seen"] == later


@pytest.mark.parametrize(("price_status", "status"), [("priced", "active"), ("sold", "sold")])
def test_a_listing_that_was_gone_is_back_as_it_was(price_status, status, yard):
    yard.crawl(machine("m1", price_status=price_status))
    store_pages(yard.engine, [read("id:m1")], yard.now)
    with yard.engine.begin() as connection:
        connection.execute(update(listings).values(status="gone", gone_at=yard.now))
    later = yard.now + timedelta(days=1)
    [outcome] = store_pages(yard.engine, [again(yard)], later)
    assert outcome.relisted == 1
    row = yard.row("m1")
    assert (row["status"], row["gone_at"], row["last_changed"]) == (status, None, later)
    assert yard.events("m1")[-1][1] == {"status": ["gone", status]}


def test_a_page_whose_listing_has_a_value_in_question_is_read_whole(yard):
    yard.crawl(machine("m1"))
    store_pages(yard.engine, [read("id:m1")], yard.now)
    yard.crawl(machine("m1", year=None))
    assert yard.row("m1")["missing"]
    assert recalled(yard).pages == {}


def test_a_page_whose_listing_is_gone_from_the_database_is_not_relied_on(yard):
    yard.crawl(machine("m1"), machine("m2"))
    store_pages(yard.engine, [read("id:m1", "id:m2")], yard.now)
    seen = again(yard)
    with yard.engine.begin() as connection:
        connection.execute(delete(listings).where(listings.c.external_id == "m2"))
    assert recalled(yard).pages == {}
    [outcome] = store_pages(yard.engine, [seen], yard.now)
    assert outcome.present == {yard.row("m1")["id"]}
    assert yard.count(pages) == 0


def test_a_page_that_nobody_has_seen_for_long_is_forgotten(yard):
    store_pages(yard.engine, [read()], yard.now)
    assert recalled(yard, later=FORGOTTEN_AFTER).pages
    assert not recalled(yard, later=FORGOTTEN_AFTER + timedelta(days=1)).pages
    assert yard.count(pages) == 0


def test_of_a_dealer_only_so_many_pages_are_kept_the_last_seen(yard, monkeypatch):
    monkeypatch.setattr("inventory.store.pages.KEPT_PAGES", 2)
    for day in (3, 1, 2):
        store_pages(yard.engine, [read(url=f"{URL}{day}")], yard.now + timedelta(days=day))
    store_pages(yard.engine, [read(url=URL, dealer="bolt")], yard.now)
    assert recalled(yard).pages.keys() == {digest(f"{URL}{day}".encode()) for day in (2, 3)}
    assert yard.count(pages) == 3


def test_a_miss_is_written_down_at_once_and_forgotten_only_by_a_fresh_crawl(yard):
    with yard.engine.begin() as connection:
        connection.execute(update(dealers).where(dealers.c.name == "acme").values(lastmod_proofs=4))
    store_pages(yard.engine, [read(record_before="r", record_hash="r")], yard.now)
    assert (recalled(yard).lastmod_proofs, recalled(yard).lastmod_missed) == (4, False)
    store_pages(yard.engine, [read(record_before="r", record_hash="other")], yard.now)
    assert (recalled(yard).lastmod_proofs, recalled(yard).lastmod_missed) == (0, True)
    assert recalled(yard, fresh=True).pages == {}
    assert not recalled(yard).lastmod_missed
    assert recalled(yard).pages


def test_a_page_that_the_database_refuses_is_forgotten_and_the_others_are_remembered(yard):
    """PostgreSQL takes no NUL, which JSON may carry; SQLite does."""
    other = "https://acme.example/m2"
    hostile = read(follows=[{"url": "x", "known": {"description": "a\x00b"}}], etag='"\x00"')
    outcomes = store_pages(yard.engine, [hostile, read(url=other)], yard.now)
    assert [outcome.page.url for outcome in outcomes] == [URL, other]
    assert digest(other.encode()) in recalled(yard).pages
    assert outcomes[0].kept == (digest(URL.encode()) in recalled(yard).pages)
    assert outcomes[1].kept

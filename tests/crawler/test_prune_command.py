"""`scrapy prune`: what is long gone goes with all that belongs to it, and nothing else does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update

from inventory.engine import writer_engine
from inventory.settings import Settings
from inventory.store.prune import age_of, count_old, prune
from inventory.tables import events, listing_details, listing_keys, listings, pages, unit_links, units
from tests.crawl.crawling import environment, scrapy
from tests.inventory.yard import Yard, machine

NOW = datetime.now(UTC)
CUT = NOW - timedelta(days=730)


@pytest.fixture
def yard(any_settings: Settings) -> Iterator[Yard]:
    """m1 to m4 are machines of their own; s1 and s2 are one machine at two dealers."""
    engine = writer_engine(any_settings)
    found = Yard(engine)
    found.crawl(*(machine(f"m{number}", year=2000 + number, serial_number=f"A{number}77777") for number in range(1, 5)))
    found.crawl(machine("s1", serial_number="CAT0320DVBWZ00123"))
    found.crawl(machine("s2", serial_number="CAT0320DVBWZ00123", dealer="bolt"), dealer="bolt")
    yield found
    engine.dispose()


def make_old(yard: Yard, *ids: str, status: str = "gone", days: int = 800) -> None:
    """As if they had gone so many days ago."""
    then = NOW - timedelta(days=days)
    old = {"status": status, "last_seen": then, "last_changed": then, "gone_at": then if status == "gone" else None}
    with yard.engine.begin() as connection:
        connection.execute(update(listings).where(listings.c.external_id.in_(ids)).values(old))
        mine = select(listings.c.unit_id).where(listings.c.external_id.in_(ids))
        connection.execute(update(units).where(units.c.id.in_(mine)).values(status=status, last_seen=then))


def remember_page(yard: Yard, seen_at: datetime) -> None:
    row: dict[str, Any] = {
        "dealer_id": yard.row("m1")["dealer_id"], "url_hash": str(seen_at.timestamp()), "url": "https://acme.example/p",
        "kind": "detail", "section": "all", "reading": "1", "content_hash": "c", "record_hash": "r", "list_hash": "l",
        "disagrees": False, "fetched_at": seen_at, "seen_at": seen_at, "listings": {}, "dropped": {},
    }  # fmt: skip
    with yard.engine.begin() as connection:
        connection.execute(insert(pages).values(row))


def left(yard: Yard) -> set[str]:
    with yard.engine.connect() as connection:
        return set(connection.execute(select(listings.c.external_id)).scalars())


def pruned(yard: Yard, rows: int = 500) -> dict[str, int]:
    found: dict[str, int] = {}
    for batch in prune(yard.engine, CUT, rows=rows):
        found[batch.what] = found.get(batch.what, 0) + batch.rows
    return found


@pytest.mark.parametrize("rows", [1, 2, 500])
def test_what_is_long_gone_or_sold_goes_with_all_that_belongs_to_it(yard: Yard, rows: int) -> None:
    make_old(yard, "m1")
    make_old(yard, "m2", status="sold")
    assert count_old(yard.engine, CUT) == {"units": 2, "listings": 2, "events": 2, "pages": 0, "failures": 0}
    assert pruned(yard, rows) == {"units": 2, "listings": 2, "events": 2}
    assert left(yard) == {"m3", "m4", "s1", "s2"}
    assert count_old(yard.engine, CUT) == {"units": 0, "listings": 0, "events": 0, "pages": 0, "failures": 0}
    with yard.engine.connect() as connection:
        for table in (listing_details, unit_links, events):
            assert connection.execute(select(func.count(table.c.listing_id.distinct()))).scalar_one() == 4
        assert connection.execute(select(func.count(units.c.id))).scalar_one() == 3
        orphans = select(listing_keys).where(listing_keys.c.listing_id.not_in(select(listings.c.id)))
        assert connection.execute(orphans).all() == []


def test_what_is_on_offer_or_went_lately_stays_however_old_it_is(yard: Yard) -> None:
    make_old(yard, "m1", status="active")
    make_old(yard, "m2", days=729)
    assert pruned(yard) == {}
    assert len(left(yard)) == 6


def test_a_unit_stays_whole_while_one_of_its_listings_is_young(yard: Yard) -> None:
    assert yard.row("s1")["unit_id"] == yard.row("s2")["unit_id"]
    make_old(yard, "s1", "s2")
    with yard.engine.begin() as connection:
        young = update(listings).where(listings.c.external_id == "s2")
        connection.execute(young.values(gone_at=NOW - timedelta(days=10)))
    assert pruned(yard) == {}
    make_old(yard, "s2")
    assert pruned(yard) == {"units": 1, "listings": 2, "events": 2}


def test_a_listing_that_was_never_linked_goes_alone(yard: Yard) -> None:
    make_old(yard, "m3")
    alone = yard.row("m3")
    with yard.engine.begin() as connection:
        connection.execute(update(listings).where(listings.c.id == alone["id"]).values(unit_id=None))
        connection.execute(delete(unit_links).where(unit_links.c.listing_id == alone["id"]))
        connection.execute(delete(units).where(units.c.id == alone["unit_id"]))
    found = pruned(yard)
    assert (found["listings"], left(yard)) == (1, {"m1", "m2", "m4", "s1", "s2"})


def test_what_pages_gave_is_forgotten_when_they_are_old(yard: Yard) -> None:
    remember_page(yard, NOW - timedelta(days=731))
    remember_page(yard, NOW)
    assert count_old(yard.engine, CUT)["pages"] == 1
    assert pruned(yard) == {"pages": 1}


def test_what_comes_back_after_that_is_stored_as_new(yard: Yard) -> None:
    make_old(yard, "m1")
    pruned(yard)
    stored = yard.crawl(machine("m1", year=2001, serial_number="A177777"))
    assert [word for _, word in stored.outcomes] == ["new"]


@pytest.mark.parametrize(
    ("text", "days"), [("730d", 730), ("104w", 728), ("2y", 730), ("1d", 1)], ids=["days", "weeks", "years", "a day"]
)
def test_an_age_is_a_number_with_its_unit(text: str, days: int) -> None:
    assert age_of(text) == timedelta(days=days)


@pytest.mark.parametrize("text", ["", "730", "d", "0d", "-5d", "1.5y", "2 y", "99999999d"])
def test_anything_else_is_no_age(text: str) -> None:
    with pytest.raises(ValueError, match="730d"):
        age_of(text)


def test_the_command_tells_first_and_takes_away_only_when_told_to(yard: Yard, any_url: str) -> None:
    make_old(yard, "m1", "m2")
    status, out, _ = scrapy(environment(any_url), "prune", "--keep", "730d")
    told = json.loads(out)
    assert (status, told["deleted"], told["listings"], len(left(yard))) == (0, False, 2, 6)
    status, out, _ = scrapy(environment(any_url), "prune", "--keep", "2y", "--delete")
    told = json.loads(out)
    assert (status, told["deleted"], told["listings"], told["events"]) == (0, True, 2, 2)
    assert left(yard) == {"m3", "m4", "s1", "s2"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--keep 730d"),
        (("--keep", "soon"), "'soon' is not an age"),
        (("--keep", "99999y"), "before the calendar"),
        (("--keep", "1y", "more"), "takes only options"),
    ],
)
def test_wrong_use_is_said_in_a_line(arguments: tuple[str, ...], said: str, sqlite_url: str) -> None:
    status, out, error = scrapy(environment(sqlite_url), "prune", *arguments)
    assert (status, out, error.count("\n")) == (2, "", 1)
    assert said in error

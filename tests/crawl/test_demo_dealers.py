"""The demo dealers, crawled as a user would: every listing stored once, and what happens on the second day."""

from collections import Counter
from typing import Any

import pytest

from demo.running import running
from inventory.listing import Vertical
from tests.crawl.crawling import crawl, environment, rows

pytestmark = pytest.mark.long

DEALERS: dict[str, Vertical] = {
    "ridgeline": "equipment",
    "hofmann": "equipment",
    "skyline": "equipment",
    "quarry": "equipment",
    "pawhaus": "dog",
    "barkwood": "dog",
}


@pytest.fixture(scope="module")
def demo():
    with running() as found:
        yield found


@pytest.fixture(scope="module")
def crawled(demo, tmp_path_factory):
    """A database with one crawl of all six dealers."""
    url = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'demo.sqlite'}"
    for vertical in ("equipment", "dog"):
        status, _, err = crawl(vertical, environment(url, **demo.env))
        assert status == 0, err
    return url


def path_of(url: str) -> str:
    return url.partition("//")[2].partition("/")[2]


def same(field: str, found: Any, expected: Any) -> bool:
    if field == "price" and found is not None and expected is not None:
        return float(found) == expected
    if field == "gtin" and expected is not None:
        return found == expected.zfill(14)
    return bool(found == expected)


@pytest.mark.parametrize("dealer", DEALERS)
def test_every_listing_of_a_demo_dealer_is_stored_exactly_once(dealer, demo, crawled):
    wanted = Counter(path_of(entry["url"]) for entry in demo.truth(dealer) if entry["usable"])
    stored = Counter(path_of(row["url"]) for row in rows(crawled, "listings") if row["dealer"] == dealer)
    assert stored == wanted


LEAST_RIGHT = {
    "price": 0.99, "currency": 0.99, "price_status": 0.99, "offer_type": 0.99, "price_period": 0.99,
    "make": 0.97, "model": 0.95, "year": 0.99, "hours": 0.98, "serial_number": 0.97,
    "sku": 0.99, "category": 0.95, "brand": 0.97,
}  # fmt: skip


@pytest.mark.parametrize(("field", "least"), LEAST_RIGHT.items())
def test_what_is_stored_agrees_with_what_the_demo_dealers_sell(field, least, demo, crawled):
    stored = {(row["dealer"], path_of(row["url"])): row for row in rows(crawled, "listings")}
    wanted, right = 0, 0
    for dealer in DEALERS:
        for entry in demo.truth(dealer):
            if entry["usable"] and field in entry and (entry["price"] or field not in ("currency", "price_period")):
                wanted += 1
                found = stored[dealer, path_of(entry["url"])][field]
                right += same(field, found, entry[field])
    assert wanted
    assert right / wanted >= least


def test_every_crawl_of_the_demo_is_healthy_and_says_what_it_found(demo, crawled):
    stored = Counter(row["dealer"] for row in rows(crawled, "listings"))
    for row in rows(crawled, "crawls"):
        assert row["outcome"] == "healthy", row["reason"]
        assert row["listings_seen"] == row["listings_new"] == stored[row["dealer"]]
        assert row["fill"]["title"] == 1.0
        assert row["pages"] > 0
        assert all(section["complete"] for section in row["sections"].values())


def test_a_second_crawl_adds_nothing_and_touches_last_seen(demo, crawled):
    before = rows(crawled, "listings")
    events = len(rows(crawled, "events"))
    assert crawl("dog", environment(crawled, **demo.env))[0] == 0
    after = {row["id"]: row for row in rows(crawled, "listings")}
    assert len(after) == len(before)
    assert len(rows(crawled, "events")) == events
    for row in before:
        moved = after[row["id"]]["last_seen"] > row["last_seen"]
        assert moved == (row["vertical"] == "dog")


def test_a_price_that_the_dealer_changed_gives_one_event(demo, crawled):
    entry = next(entry for entry in demo.truth("quarry") if entry["usable"] and entry["price"])
    before = len(rows(crawled, "events"))
    demo.switch("quarry", price={"id": entry["external_id"], "to": entry["price"] + 500})
    try:
        assert crawl("equipment", environment(crawled, **demo.env), "-a", "dealer=quarry")[0] == 0
        assert crawl("equipment", environment(crawled, **demo.env), "-a", "dealer=quarry")[0] == 0
    finally:
        demo.switch("quarry", reset=True)
    new = rows(crawled, "events")[before:]
    assert [event["kind"] for event in new] == ["price_up"]
    old_price, new_price = new[0]["changes"]["price"]
    assert float(new_price) - float(old_price) == 500


def test_a_machine_that_stands_at_two_dealers_is_one_unit(demo, crawled):
    by_serial: dict[str, set[int]] = {}
    dealers: dict[str, set[str]] = {}
    for row in rows(crawled, "listings"):
        if row["serial_key"]:
            by_serial.setdefault(row["serial_key"], set()).add(row["unit_id"])
            dealers.setdefault(row["serial_key"], set()).add(row["dealer"])
    shared = [serial for serial, found in dealers.items() if len(found) > 1]
    assert len(shared) >= 20
    assert all(len(by_serial[serial]) == 1 for serial in shared)

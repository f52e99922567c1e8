"""Listings of one thing share a unit; everything else has a unit of its own."""

from __future__ import annotations

from inventory.tables import unit_links, units
from tests.inventory.yard import machine

SERIAL = {"serial_number": "CAT0320D-ABC12345"}


def units_of(yard, *names):
    return [yard.row(name)["unit_id"] for name in names]


def test_one_machine_at_two_dealers_is_one_unit(yard):
    yard.crawl(machine("a", **SERIAL), machine("other"))
    yard.crawl(machine("b", dealer="bolt", serial_number="CAT 0320D ABC12345"), dealer="bolt")
    first, second, other = units_of(yard, "a", "b", "other")
    assert first == second != other
    assert None not in (first, other)
    link = yard.link("b")
    assert (link["unit_id"], link["method"]) == (first, "serial")
    assert 0.5 < link["score"] <= 1
    assert link["evidence"]["with_listing"] == yard.row("a")["id"]
    assert (yard.link("a")["method"], yard.link("a")["evidence"]) == ("alone", None)
    assert yard.count(units) == 2
    assert yard.count(unit_links) == 3


def test_twins_in_one_batch_are_linked_to_the_first(yard):
    twins = [machine(name, **SERIAL) for name in ("a", "b", "c")]
    yard.crawl(*twins, machine("other", serial_number="KMT0PC210-99887766"))
    first, second, third, other = units_of(yard, "a", "b", "c", "other")
    assert first == second == third != other


def test_one_product_is_known_by_its_article_number(sqlite_yard):
    food = {"vertical": "dog", "make": None, "model": None, "gtin": "04012345123456"}
    sqlite_yard.crawl(machine("bag", pack_count=None, **food), machine("one", pack_count=1, **food))
    sqlite_yard.crawl(machine("six", dealer="bolt", pack_count=6, **food), dealer="bolt")
    bag, one, six = units_of(sqlite_yard, "bag", "one", "six")
    assert bag == one != six
    assert sqlite_yard.link("one")["method"] == "gtin"


def test_equal_serials_of_two_makers_are_two_machines(sqlite_yard):
    sqlite_yard.crawl(machine("a", serial_number="10012345"), machine("b", make="Komatsu", serial_number="10012345"))
    first, second = units_of(sqlite_yard, "a", "b")
    assert first != second


def test_an_article_number_does_not_join_two_serials(sqlite_yard):
    number = {"gtin": "04012345123456"}
    sqlite_yard.crawl(
        machine("a", serial_number="10012345", **number), machine("b", serial_number="10012346", **number)
    )
    first, second = units_of(sqlite_yard, "a", "b")
    assert first != second


def test_a_listing_keeps_its_unit_when_it_is_read_again(sqlite_yard):
    sqlite_yard.crawl(machine("a", **SERIAL), machine("b", **SERIAL))
    before = units_of(sqlite_yard, "a", "b")
    sqlite_yard.crawl(machine("a", hours=1, **SERIAL), machine("b", hours=2))
    assert units_of(sqlite_yard, "a", "b") == before
    assert sqlite_yard.count(unit_links) == 2


def test_a_serial_number_that_is_read_later_links_its_listing(yard):
    yard.crawl(machine("a", **SERIAL))
    yard.crawl(machine("b", dealer="bolt"), dealer="bolt")
    apart = units_of(yard, "a", "b")
    assert apart[0] != apart[1]
    yard.crawl(machine("b", dealer="bolt", **SERIAL), dealer="bolt")
    first, second = units_of(yard, "a", "b")
    assert first == second == apart[0]
    assert yard.link("b")["method"] == "serial"
    assert yard.count(units) == 1


def test_rentals_and_several_pieces_stand_for_themselves(sqlite_yard):
    sqlite_yard.crawl(machine("a", **SERIAL), machine("rent", offer_type="rent", **SERIAL))
    sqlite_yard.crawl(machine("three", dealer="bolt", quantity=3, **SERIAL), dealer="bolt")
    assert len(set(units_of(sqlite_yard, "a", "rent", "three"))) == 3

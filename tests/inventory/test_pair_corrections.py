"""What a person says of two listings decides, whatever the rules make of them and in whatever order they come."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from inventory.store.relink import relink
from inventory.tables import listing_pairs, units
from pipelines.identity.matching import IdentityRules
from tests.inventory.correcting import fields, pairs
from tests.inventory.yard import machine

ONE = {"serial_number": "CAT0320DKABC12345"}
OTHER = {"serial_number": "CAT0320DKABC99999"}
BOLT = {"dealer": "bolt"}


def together(yard, *names):
    """The listings parted by unit, by name."""
    found = {}
    for name in names:
        found.setdefault(yard.row(name)["unit_id"], set()).add(name)
    return {frozenset(part) for part in found.values()}


def parts(*texts):
    return {frozenset(text.split()) for text in texts}


def test_different_parts_what_the_rules_say_is_one(yard):
    yard.crawl(machine("a", **ONE))
    yard.crawl(machine("b", **ONE, **BOLT), dealer="bolt")
    assert together(yard, "a", "b") == parts("a b")
    pairs(yard, "acme,a,bolt,b,different")
    assert together(yard, "a", "b") == parts("a", "b")
    assert yard.count(listing_pairs) == 0  # nothing for a person to look at any more
    yard.crawl(machine("b", hours=10, **ONE, **BOLT), dealer="bolt")
    assert together(yard, "a", "b") == parts("a", "b")
    pairs(yard)
    assert together(yard, "a", "b") == parts("a b")
    assert yard.count(units) == 1


def test_same_joins_what_shares_no_key_and_what_a_veto_parts(yard):
    yard.crawl(machine("a", **ONE))
    yard.crawl(machine("b", **OTHER, **BOLT), dealer="bolt")
    yard.crawl(machine("c", title="Trailer", make=None, model=None, year=None, **BOLT), dealer="bolt")
    assert len(together(yard, "a", "b", "c")) == 3
    pairs(yard, "acme,a,bolt,b,same", "bolt,c,acme,a,same")
    assert together(yard, "a", "b", "c") == parts("a b c")
    link = yard.link("c")
    assert (link["method"], link["score"]) == ("correction", 1.0)
    assert (link["evidence"]["reason"], link["evidence"]["by"]) == ("seen on site", "eva")
    yard.crawl(machine("a", hours=77, **ONE))
    assert together(yard, "a", "b", "c") == parts("a b c")
    pairs(yard)
    assert len(together(yard, "a", "b", "c")) == 3
    assert yard.count(listing_pairs) == 0


def test_a_listing_stays_beside_its_twin_when_a_person_joins_that_with_another(yard):
    yard.crawl(machine("a", **ONE))
    yard.crawl(machine("c", **ONE, **BOLT), machine("b", **OTHER, **BOLT), dealer="bolt")
    pairs(yard, "acme,a,bolt,b,same")
    assert together(yard, "a", "b", "c") == parts("a b c")


def test_who_is_different_stays_apart_through_a_third_that_is_like_both(yard):
    yard.crawl(machine("a", **ONE))
    yard.crawl(machine("b", **ONE, **BOLT), dealer="bolt")
    pairs(yard, "acme,a,bolt,b,different")
    yard.crawl(machine("a", **ONE), machine("c", **ONE))
    found = together(yard, "a", "b", "c")
    assert len(found) == 2
    assert frozenset("ab") not in found


def test_both_wait_for_listings_that_are_not_there(yard):
    pairs(yard, "acme,a,bolt,b,same", "acme,a,bolt,c,different")
    yard.crawl(machine("a", **ONE))
    yard.crawl(machine("b", **OTHER, **BOLT), machine("c", **ONE, **BOLT), dealer="bolt")
    assert together(yard, "a", "b", "c") == parts("a b", "c")


@pytest.mark.parametrize("again", [1, 500])
def test_units_made_anew_obey_too(yard, again):
    yard.crawl(machine("a", **ONE))
    yard.crawl(machine("b", **OTHER, **BOLT), machine("c", **ONE, **BOLT), dealer="bolt")
    pairs(yard, "acme,a,bolt,b,same", "acme,a,bolt,c,different")
    before = [yard.link(name) for name in "abc"]
    done = list(relink(yard.engine, IdentityRules(), lambda: yard.now + timedelta(days=1), rows=again))
    assert sum(batch.moved for batch in done) == 0
    assert [yard.link(name) for name in "abc"] == before


def test_a_listing_without_an_id_is_named_by_its_address(yard):
    yard.crawl(machine(None, url="https://acme.example/x", **ONE), machine("b", **OTHER))
    fields(yard, "https://acme.example/x,year,1999")
    pairs(yard, "acme,b,acme,https://acme.example/x,same")
    assert yard.row(None)["year"] == 1999
    assert yard.row(None)["unit_id"] == yard.row("b")["unit_id"]


def test_the_partition_does_not_depend_on_the_order(sqlite_yard):
    yard = sqlite_yard
    found = []
    for number, order in enumerate(permutations("abcw")):
        serials = {"a": f"CAT0320DKAB{number:03}11", "b": f"CAT0320DKAB{number:03}22", "c": f"CAT0320DKAB{number:03}11"}
        n = {name: f"{name}{number}" for name in "abc"}
        for name in order:
            if name == "w":
                pairs(
                    yard,
                    f"acme,{n['a']},bolt,{n['b']},same",
                    f"bolt,{n['b']},bolt,{n['c']},different",
                    file=f"{number}.csv",
                )
            else:
                dealer = "acme" if name == "a" else "bolt"
                yard.crawl(machine(n[name], dealer=dealer, serial_number=serials[name], year=None), dealer=dealer)
        found.append({frozenset(name[0] for name in part) for part in together(yard, *n.values())})
    assert all(parted == parts("a b", "c") for parted in found)

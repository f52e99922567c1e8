"""Groups: the same whatever the order, never across a veto, and ties stay open."""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from inventory.store.matching import Pair
from pipelines.identity.clustering import cluster
from pipelines.identity.compare import compare
from pipelines.identity.vetoes import veto
from tests.identity.candidates import candidate, day, food, machine

PIN = "CAT0320DKABC12345"


def judged(members):
    """All pairs of the members that are not different."""
    pairs = [Pair(a.name, b.name, compare(a, b)) for a, b in combinations(members, 2)]
    return [pair for pair in pairs if pair.judgement.verdict != "different"]


def groups(*members):
    """The names of each group of two or more, as one text a listing."""
    found = cluster(members, judged(members))
    return [[f"{dealer} {key[3:]}" for dealer, key in group.members] for group in found if len(group.members) > 1]


def test_equal_machines_of_two_dealers_are_one_group_with_a_reason():
    members = [machine(), machine("bolt"), machine("crag", make="Komatsu")]
    joined, alone = cluster(members, judged(members))
    assert joined.members == (("acme", "id:1"), ("bolt", "id:1"))
    assert [(pair.one, pair.other, pair.judgement.method) for pair in joined.why] == [(*joined.members, "machine")]
    assert (alone.members, alone.why) == ((("crag", "id:1"),), ())


def test_a_listing_equally_like_two_of_one_dealer_joins_neither():
    assert groups(machine(hours=6210), machine("bolt", "1", hours=6230), machine("bolt", "2", hours=6235)) == []


def test_a_clearly_better_of_two_candidates_is_taken():
    assert groups(machine(), machine("bolt", "1"), machine("bolt", "2", hours=6240)) == [["acme 1", "bolt 1"]]


def test_a_serial_number_settles_what_else_were_a_tie():
    pair = [machine(serial_key=PIN), machine("bolt", "1", serial_key=PIN, hours=6240)]
    assert groups(*pair, machine("bolt", "2", hours=6230), machine("crag", hours=9000)) == [["acme 1", "bolt 1"]]


def test_a_listing_equally_like_two_of_other_serials_joins_neither():
    first, second = machine(serial_key=PIN), machine("bolt", serial_key="CAT0320DKABC99999")
    assert groups(first, second, machine("crag")) == []


def test_a_listing_equally_like_two_that_differ_joins_neither_whoever_offers_them():
    ends = machine(hours=6200), machine("bolt", hours=6600)
    assert compare(*ends).verdict == "different"
    assert groups(*ends, machine("crag", hours=6400)) == []


def test_a_chain_of_likenesses_joins_no_two_that_differ():
    near, between, far = machine(hours=6200), machine("bolt", hours=6240), machine("crag", hours=6420)
    assert compare(near, far).verdict == "different"
    assert compare(between, far).verdict == "same"
    assert groups(near, between, far) == [["acme 1", "bolt 1"]]


def test_a_group_has_one_listing_of_a_dealer_unless_the_number_is_equal():
    twice = [machine(number="1", serial_key=PIN), machine(number="2", serial_key=PIN), machine("bolt", serial_key=PIN)]
    assert groups(*twice) == [["acme 1", "acme 2", "bolt 1"]]
    assert groups(machine(number="1"), machine(number="2"), machine("bolt")) == []


def test_a_relisted_machine_brings_its_twin_elsewhere_along():
    before = machine(number="1", last_seen=day(5), gone_at=day(5))
    again = machine(number="2", first_seen=day(20), last_seen=day(30))
    assert groups(before, again, machine("bolt", last_seen=day(30))) == [["acme 1", "acme 2", "bolt 1"]]


def test_one_product_of_many_shops_is_one_group():
    shops = [food(name, title=f"NORTHPAW LAMB AND RICE ADULT {name} 15KG") for name in ("acme", "bolt", "crag", "dene")]
    plain = [food(shop.name[0]) for shop in shops]
    assert groups(*plain) == [["acme 1", "bolt 1", "crag 1", "dene 1"]]


HOURS = st.sampled_from([6200, 6205, 6230, 6300])
LISTINGS = st.lists(
    st.tuples(
        st.sampled_from(["acme", "bolt", "crag"]), HOURS, st.sampled_from([None, PIN, "ABC12345", "CAT0320DKZZZ99999"]),
        st.sampled_from([68000, 70000, 77000]), st.sampled_from([None, day(1)]), st.sampled_from([day(0), day(2)]),
    ),
    max_size=7,
)  # fmt: skip


@given(LISTINGS, st.randoms(use_true_random=False))
def test_the_groups_part_the_members_whatever_the_order_and_no_veto_is_inside(rows, order: random.Random):
    members = [
        machine(dealer, str(i), hours=h, serial_key=s, price=Decimal(p), gone_at=g, first_seen=f, last_seen=f)
        for i, (dealer, h, s, p, g, f) in enumerate(rows)
    ]
    pairs = judged(members)
    found = cluster(members, pairs)
    assert sorted(name for group in found for name in group.members) == sorted(m.name for m in members)
    by_name = {member.name: member for member in members}
    for group in found:
        assert list(group.members) == sorted(group.members)
        assert len(group.why) == len(group.members) - 1
        assert not any(veto(by_name[a], by_name[b]) for a, b in combinations(group.members, 2))
    order.shuffle(members)
    turned = [Pair(p.other, p.one, p.judgement) if order.random() < 0.5 else p for p in pairs]
    order.shuffle(turned)
    assert cluster(members, turned) == found


def test_pairs_of_listings_that_are_no_members_are_left_out():
    stray = [Pair(("acme", "id:1"), ("gone", "id:1"), compare(machine(), machine("gone")))]
    assert [group.members for group in cluster([machine()], stray)] == [(("acme", "id:1"),)]
    assert cluster([], []) == ()


def test_what_says_nothing_stays_alone():
    assert groups(*(candidate(dealer, vertical="dog") for dealer in ("acme", "bolt"))) == []

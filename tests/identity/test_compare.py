"""Who is one thing with whom: the ladder's rungs and the traps of domain knowledge, one by one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.identity.blocking import keys_of
from pipelines.identity.compare import compare
from pipelines.identity.machines import CROWD_STEPS
from tests.identity.candidates import candidate, day, food, machine

PIN = "CAT0320DKABC12345"
NO_HOURS = {"hours": None}


def verdict(one, other):
    assert compare(one, other) == compare(other, one)
    return compare(one, other).verdict


def meet(one, other):
    """Whether the store would find the one for the other."""
    return any(
        mine.key == theirs.key and abs(mine.place - theirs.place) <= max(mine.reach, theirs.reach)
        for mine in keys_of(one)
        for theirs in keys_of(other)
    )


SAME_MACHINES = {
    "equal serials though all else is unsaid": (
        candidate(vertical="equipment", serial_key=PIN, make="Caterpillar"),
        candidate("bolt", vertical="equipment", serial_key=PIN, make="Caterpillar"),
    ),
    "equal serials at one dealer": (machine(serial_key=PIN), machine(number="2", serial_key=PIN)),
    "the serial's end and the same model": (
        machine(serial_key=PIN), machine("bolt", serial_key="ABC12345", hours=9000),
    ),
    "same model, year and price, 30 hours later": (machine(), machine("bolt", hours=6230, price=Decimal(70000))),
    "hours read later, within 3 %": (machine(), machine("bolt", hours=6370, first_seen=day(60), last_seen=day(60))),
    "the make in the model": (machine(), machine("bolt", make=None, model="Caterpillar 320 D")),
    "a signless model": (machine(model="320D L"), machine("bolt", model="320DL")),
    "a gross price beside a net one": (
        machine(price_tax="net"), machine("bolt", price=Decimal(81600), price_tax="gross"),
    ),
    "relisted by its dealer after a month": (
        machine(last_seen=day(5), gone_at=day(6)),
        machine(number="2", hours=6210, first_seen=day(36), last_seen=day(40)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("trap", SAME_MACHINES)
def test_machines_that_are_one(trap):
    one, other = SAME_MACHINES[trap]
    assert verdict(one, other) == "same"
    assert meet(one, other)


OTHER_MACHINES = {
    "different serials": (machine(serial_key=PIN), machine("bolt", serial_key="CAT0320DKABC12346")),
    "equal serials of two makers": (machine(serial_key=PIN), machine("bolt", serial_key=PIN, make="Komatsu")),
    "a short serial of two series": (
        machine(serial_key="401234"), machine("bolt", serial_key="401234", model="D6N", base_model="D6"),
    ),
    "two listings of one dealer at one time": (machine(), machine(number="2")),
    "new machines at one dealer": (
        machine(hours=5, gone_at=day(1)), machine(number="2", hours=5, first_seen=day(3), last_seen=day(3)),
    ),
    "a rental": (machine(offer_type="rent"), machine("bolt", serial_key=None)),
    "a rental with a serial": (machine(offer_type="rent", serial_key=PIN), machine("bolt", serial_key=PIN)),
    "three available": (machine(quantity=3), machine("bolt")),
    "the other vertical": (machine(), machine("bolt", vertical="dog")),
    "another model": (machine(), machine("bolt", model="320E", hours=6210)),
    "another make": (machine(), machine("bolt", make="Komatsu")),
    "years apart": (machine(), machine("bolt", year=2010, hours=6240)),
    "hours out of reach": (machine(), machine("bolt", hours=6500)),
    "a meter that ran back": (machine(), machine("bolt", hours=6120, first_seen=day(90), last_seen=day(90))),
    "half the price": (machine(), machine("bolt", hours=6380, price=Decimal(34000))),
    "relisted after a year": (
        machine(last_seen=day(5), gone_at=day(6)), machine(number="2", first_seen=day(400), last_seen=day(400)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("trap", OTHER_MACHINES)
def test_machines_that_are_two(trap):
    assert verdict(*OTHER_MACHINES[trap]) == "different"


UNSURE_MACHINES = {
    "no hours": (machine(), machine("bolt", hours=None)),
    "new at two dealers": (machine(hours=3), machine("bolt", hours=4)),
    "the serial's end without a make": (machine(serial_key=PIN), machine("bolt", serial_key="ABC12345", make=None)),
}


@pytest.mark.parametrize("trap", UNSURE_MACHINES)
def test_machines_that_a_person_may_look_at(trap):
    assert verdict(*UNSURE_MACHINES[trap]) == "maybe"


SAME_FOODS = {
    "equal GTINs, other words": (food(gtin="1"), food("bolt", gtin="1", title="NP lamb 15", brand=None)),
    "a maker's number": (food(mpn="NP-1501"), food("bolt", mpn="np1501", title="NORTHPAW LAMB 15KG")),
    "capitals, order and words left out": (food(), food("bolt", title="NORTHPAW DOG ADULT LAMB AND RICE 15KG")),
    "33 lb for 15 kg": (food(), food("bolt", title="Northpaw Adult Lamb & Rice Dog Food", net_weight_g=14968.5)),
    "the weight in the title is not the variant's": (
        food(net_weight_g=3500.0, title="Northpaw Adult Lamb & Rice 3.5kg"),
        food("bolt", net_weight_g=5000.0, title="NORTHPAW ADULT LAMB AND RICE 3.5KG"),
    ),
    "adult unsaid": (food(), food("bolt", title="NORTHPAW LAMB AND RICE 15KG", life_stage=None)),
    "a misspelled breed": (
        food(title="Northpaw Dachsund 15kg"), food("bolt", title="Northpaw Dachshund Dry Dog Food"),
    ),
    "a brand written apart": (
        food(brand="ZiwiPeak", title="ZiwiPeak Lamb Dog Food"), food("bolt", brand="Ziwi Peak", title="Ziwi Peak Lamb"),
    ),
    "a brand with its line": (food(), food("bolt", brand="Northpaw Natural")),
    "a brand only in the title": (food(), food("bolt", brand=None)),
}  # fmt: skip


@pytest.mark.parametrize("trap", SAME_FOODS)
def test_products_that_are_one(trap):
    one, other = SAME_FOODS[trap]
    assert verdict(one, other) == "same"
    assert meet(one, other)


OTHER_FOODS = {
    "different GTINs": (food(gtin="1"), food("bolt", gtin="2")),
    "a case with the GTIN of a can": (food(gtin="1", pack_count=12), food("bolt", gtin="1")),
    "other pack sizes": (food(), food("bolt", net_weight_g=3000.0, title="Northpaw Adult Lamb & Rice")),
    "other pieces in the title": (
        food(title="Northpaw Sticks 10 pack", net_weight_g=None),
        food("bolt", title="Northpaw Sticks 6 pack", net_weight_g=None),
    ),
    "other flavours": (food(), food("bolt", title="Northpaw Adult Chicken & Rice Dry Dog Food 15kg")),
    "other life stages": (
        food(), food("bolt", title="Northpaw Puppy Lamb & Rice Dry Dog Food 15kg", life_stage="puppy"),
    ),
    "other dog sizes": (
        food(breed_sizes=("s",)), food("bolt", breed_sizes=("l", "xl")),
    ),
    "another line": (food(title="Northpaw Dental Lamb 15kg"), food("bolt", title="Northpaw Working Lamb 15kg")),
    "other dogs' weights": (
        candidate(vertical="dog", brand="Tickaway", title="Tickaway Chews 4-10 kg"),
        candidate("bolt", vertical="dog", brand="Tickaway", title="Tickaway Chews 10-25 kg"),
    ),
    "other lengths": (
        candidate(vertical="dog", brand="Northpaw", title="Northpaw Pork Roll 15cm"),
        candidate("bolt", vertical="dog", brand="Northpaw", title="Northpaw Pork Roll 30cm"),
    ),
    "other colours": (
        candidate(vertical="dog", brand="Northpaw", title="Northpaw Collar Red", size_label="M"),
        candidate("bolt", vertical="dog", brand="Northpaw", title="Northpaw Collar Blue", size_label="M"),
    ),
    "other size labels": (
        candidate(vertical="dog", brand="Northpaw", title="Northpaw Collar Red", size_label="M"),
        candidate("bolt", vertical="dog", brand="Northpaw", title="Northpaw Collar Red", size_label="L"),
    ),
    "other brands": (food(), food("bolt", brand="Southpaw", title="Southpaw Adult Lamb & Rice Dry Dog Food 15kg")),
    "two listings of one dealer": (food(), food(number="2")),
}  # fmt: skip


@pytest.mark.parametrize("trap", OTHER_FOODS)
def test_products_that_are_two(trap):
    assert verdict(*OTHER_FOODS[trap]) == "different"


def test_a_product_for_small_dogs_is_not_taken_for_the_plain_one():
    small = food(title="Northpaw Small Breed Adult Lamb & Rice Dry Dog Food 15kg", breed_sizes=("s",))
    assert verdict(small, food("bolt")) == "maybe"


def test_a_weight_that_only_one_shop_gives_is_not_enough():
    assert verdict(food(), food("bolt", title="Northpaw Adult Lamb & Rice Dry Dog Food", net_weight_g=None)) == "maybe"


@pytest.mark.parametrize("alone", [machine(offer_type="rent"), machine(quantity=2), food(offer_type="rent")])
def test_what_can_have_no_twin_has_no_keys(alone):
    assert keys_of(alone) == ()


def test_keys_are_the_same_in_every_process_and_fit_a_signed_bigint():
    keys = keys_of(candidate(vertical="equipment", serial_key=PIN))
    assert [key.key for key in keys] == [3767778454812071797]
    keys = keys_of(machine(serial_key=PIN)) + keys_of(food(gtin="1", mpn="A-15"))
    assert len({key.key for key in keys}) == len(keys) == 8
    assert all(-(2**63) <= key.key < 2**63 for key in keys)


said = st.fixed_dictionaries(
    {
        "make": st.sampled_from([None, "Caterpillar", "Komatsu"]),
        "model": st.sampled_from([None, "320D", "320DL", "320E"]),
        "base_model": st.sampled_from([None, "320"]),
        "year": st.sampled_from([None, 2014, 2015, 2019]),
        "hours": st.sampled_from([None, 0, 15, 6200, 6210, 6380, 9000]),
        "serial_key": st.sampled_from([None, PIN, "ABC12345", "401234"]),
        "gtin": st.sampled_from([None, "1", "2"]),
        "price": st.sampled_from([None, Decimal(0), Decimal(68000), Decimal(70000)]),
        "title": st.sampled_from([None, "", "Northpaw Lamb 15kg", "Northpaw Fish 6 x 400 g", "x" * 500, "ñ 12-"]),
        "brand": st.sampled_from([None, "Northpaw", "x"]),
        "net_weight_g": st.sampled_from([None, 0.0, 15000.0, 2400.0]),
        "pack_count": st.sampled_from([None, 0, 1, 6]),
        "quantity": st.sampled_from([None, 0, 1, 3]),
        "offer_type": st.sampled_from(["sale", "rent"]),
        "gone_at": st.sampled_from([None, day(2)]),
        "first_seen": st.sampled_from([day(0), day(3), day(300)]),
        "vertical": st.sampled_from(["equipment", "dog"]),
        "condition": st.sampled_from([None, "new", "used"]),
    }
)
any_candidate = st.builds(
    lambda dealer, number, fields: candidate(dealer, number, **fields),
    st.sampled_from(["acme", "bolt"]), st.sampled_from(["1", "2"]), said,
)  # fmt: skip


@given(any_candidate, any_candidate)
def test_a_verdict_does_not_depend_on_who_comes_first(one, other):
    other = replace(other, name=(other.name[0], "id:9"))
    judged = compare(one, other)
    assert judged == compare(other, one)
    assert 0 <= judged.score <= 1


@given(any_candidate)
def test_a_listings_keys_are_distinct_and_few(one):
    keys = keys_of(one)
    assert len(set(keys)) == len(keys) <= 40
    assert keys == keys_of(replace(one, listing_id=99))


def test_the_more_machines_are_alike_the_less_it_says_that_two_are_near_each_other():
    scores = [
        compare(machine(hours=6200, crowd=crowd), machine("bolt", hours=6240, crowd=crowd)).score
        for crowd in (0, *CROWD_STEPS)
    ]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0.9
    assert scores[-1] < 0.5


def test_an_equal_meter_is_more_than_chance_in_a_crowd_too():
    pair = [
        machine(dealer, hours=6213, crowd=64, city="Reno", region="NV", country="US") for dealer in ("acme", "bolt")
    ]
    assert compare(*pair).verdict == "same"

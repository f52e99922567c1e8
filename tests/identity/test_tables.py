"""The files of weights and words: a wrong row is an error by name; the measure of the rules measures."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bench.training.same_thing import find, free_labels, score
from pipelines.identity import score as scoring
from pipelines.identity.product_words import in_common, words_of
from pipelines.identity.score import BadWeights, Evidence, bits_of, probability, weight, weight_along
from tests.identity.candidates import machine

HEAD = "subject,field,level,m,u,source\n"


@pytest.mark.parametrize(
    "rows",
    [
        "machine,year,equal,0,1,counted\n",
        "machine,year,equal,0.5,1.5,counted\n",
        "machine,year,equal,0.5,0.5,\n",
        "boat,year,equal,0.5,0.5,counted\n",
        "machine,year,equal,0.5,0.5,counted\nmachine,year,equal,0.4,0.5,counted\n",
    ],
)
def test_a_weight_without_sense_or_source_is_refused(rows, tmp_path, monkeypatch):
    (tmp_path / "match_weights.csv").write_text(HEAD + rows)
    monkeypatch.setattr(scoring, "DATA", tmp_path)
    scoring._weights.cache_clear()
    with pytest.raises(BadWeights, match=r"match_weights\.csv"):
        weight("machine", "year", "equal")
    scoring._weights.cache_clear()


def test_an_agreement_that_the_file_does_not_know_is_an_error():
    with pytest.raises(BadWeights, match="machine year 'maybe'"):
        Evidence("machine").add("year", "maybe")


def test_more_words_in_common_never_count_for_less():
    along = [weight_along("product", "text", share / 20) for share in range(21)]
    assert along == sorted(along)
    assert bits_of(probability(3.0)) == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("one", "other", "share", "own"),
    [
        ("Puppies Growth Lamb 15kg", "PUPPY LAMB 3 KG", 1.0, "none"),
        ("Casserole with Chicken", "Chicken Casserole", 0.95, "none"),
        ("Dental Care", "Digestive Care", 0.17, "each"),
        ("Low Fat Digestive", "Digestive", 0.33, "one"),
        ("Diet c/d", "Diet u/d", 0.08, "each"),
    ],
)
def test_words_in_common_are_weighed(one, other, share, own):
    common = in_common(words_of(one).all, words_of(other).all)
    assert common.share == pytest.approx(share, abs=0.05)
    assert common.own == own


def test_the_rules_are_judged_on_serial_numbers_that_they_do_not_see():
    pairs = [
        machine(dealer, str(i), year=2010 + i, serial_key=f"CAT0320DKABC1234{i}", price=Decimal(60000 + i))
        for i in range(4)
        for dealer in ("acme", "bolt")
    ]
    hidden, true = free_labels([*pairs, machine("crag", make="Komatsu")])
    assert {one.serial_key for one in hidden} == {None}
    assert score(find(pairs), true)[:5] == (4, 4, 1.0, 1.0, 1.0)
    assert score(find(hidden), true, {one.name for one in pairs}).f1 == 1.0

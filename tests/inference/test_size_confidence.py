"""Confidence in a size class grows with the evidence for it, and stays a chance."""

from hypothesis import given
from hypothesis import strategies as st

from inventory.taxonomy.size_classes import size_class
from pipelines.inference.model_size import Vote, size_from_model
from pipelines.inference.size_confidence import AT_MOST, chance, confidence, evidence, said

CHOSEN = size_class("excavators", 22.0)
FOR = Vote(1.0, 22.0, 0.03, None, "descriptor", "model table", make="Acme", likeness=1.0)
AUCTION = Vote(1.0, None, 0.0, CHOSEN, "base model", "auction class", auction=True)
AGAINST = Vote(1.0, None, 0.0, size_class("excavators", 35.0), "base model", "auction class", auction=True)


@given(st.floats(0, 1), st.floats(0.1, 500))
def test_a_confidence_is_a_chance(share: float, size: float) -> None:
    assert CHOSEN is not None
    assert 0 < confidence("excavators", [FOR, AUCTION, AGAINST], CHOSEN, share, size) < 1


@given(st.floats(0.72, 0.9))
def test_more_votes_and_more_agreement_are_more_likely_right(share: float) -> None:
    def likely(votes: list[Vote], of_votes: float) -> float:
        assert CHOSEN is not None
        return chance("excavators", evidence("excavators", votes, CHOSEN, of_votes, 22.0))

    assert likely([FOR], share + 0.05) > likely([FOR], share)
    assert likely([FOR, AUCTION], share) > likely([FOR], share)
    assert likely([FOR, AUCTION, AGAINST], share) < likely([FOR, AUCTION], share)
    assert likely([FOR], share) > likely([FOR._replace(size=35.0)], share)


def test_what_is_not_sure_enough_says_less_than_four_fifths() -> None:
    assert said("excavators", 0.9) == said("excavators", 0.85) == AT_MOST < 0.8
    assert said("excavators", 0.95) == 0.95
    assert said("excavators", 0.4) == 0.4
    assert said("telehandlers", 0.95) == AT_MOST, "no labelled machine ever tested it"


def test_relatives_alone_never_make_sure() -> None:
    assert CHOSEN is not None
    alone = Vote(9.0, 22.0, 0.01, None, "rule", "between two neighbours")
    assert confidence("excavators", [alone] * 5, CHOSEN, 0.99, 22.0) < 0.8


def test_a_number_that_two_makers_share_is_less_sure_without_the_make() -> None:
    known = size_from_model("dozers", "Case", "750")
    unknown = size_from_model("dozers", None, "750")
    assert known is not None
    assert unknown is not None
    assert known.confidence > unknown.confidence


def test_split_votes_are_never_sure() -> None:
    assert CHOSEN is not None
    assert confidence("excavators", [FOR, AUCTION], CHOSEN, 0.4, 22.0) <= 0.7

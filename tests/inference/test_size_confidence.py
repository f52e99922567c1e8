"""Confidence in a size class grows with the evidence for it, and stays a chance."""

from hypothesis import given
from hypothesis import strategies as st

from inventory.taxonomy.size_classes import size_class
from pipelines.inference.model_size import Vote, size_from_model
from pipelines.inference.size_confidence import confidence

CHOSEN = size_class("excavators", 22.0)
FOR = Vote(1.0, 22.0, 0.03, None, "descriptor", "model table")
AUCTION = Vote(1.0, None, 0.0, CHOSEN, "base model", "auction class", auction=True)
AGAINST = Vote(1.0, None, 0.0, size_class("excavators", 35.0), "base model", "auction class", auction=True)


@given(st.floats(0, 1), st.floats(0.1, 500))
def test_a_confidence_is_a_chance(share: float, size: float) -> None:
    assert CHOSEN is not None
    assert 0 < confidence([FOR, AUCTION, AGAINST], CHOSEN, share, size) < 1


@given(st.floats(0.72, 0.9))
def test_more_votes_and_more_agreement_are_more_sure(share: float) -> None:
    assert CHOSEN is not None
    alone = confidence([FOR], CHOSEN, share, 22.0)
    assert confidence([FOR], CHOSEN, share + 0.05, 22.0) > alone
    assert confidence([FOR, AUCTION], CHOSEN, share, 22.0) > alone
    assert confidence([FOR, AUCTION, AGAINST], CHOSEN, share, 22.0) < confidence([FOR, AUCTION], CHOSEN, share, 22.0)


def test_a_number_that_two_makers_share_is_less_sure_without_the_make() -> None:
    known = size_from_model("dozers", "Case", "750")
    unknown = size_from_model("dozers", None, "750")
    assert known is not None
    assert unknown is not None
    assert known.confidence > unknown.confidence


def test_split_votes_are_never_sure() -> None:
    assert CHOSEN is not None
    assert confidence([FOR, AUCTION], CHOSEN, 0.4, 22.0) <= 0.7

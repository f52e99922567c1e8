"""The search for cycles rests while a batch is stored, and only then."""

from __future__ import annotations

import gc

import pytest

from inventory.store.batch import store
from inventory.store.uncollected import uncollected
from pipelines.identity.matching import IdentityRules
from tests.inventory.yard import START, machine


class Looking(IdentityRules):
    def __init__(self):
        self.searched = []

    def keys_of(self, one):
        self.searched.append(gc.isenabled())
        return super().keys_of(one)


def test_the_search_for_cycles_rests_while_a_batch_is_stored(yard):
    rules = Looking()
    store(yard.engine, [machine("a"), machine("b")], rules, lambda: START)
    assert set(rules.searched) == {False}
    assert gc.isenabled()


def test_it_goes_on_after_an_error():
    with pytest.raises(KeyError), uncollected():
        raise KeyError
    assert gc.isenabled()


def test_who_has_switched_it_off_finds_it_off():
    gc.disable()
    try:
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_of_two_that_overlap_the_first_ends_it():
    with uncollected():
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()

"""A breaker opens after a burst of failures, tries again with one request, and gives up in the end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetching.breaker import Breaker, BreakerRules

RULES = BreakerRules(pause_s=10, longest_s=25, in_a_row=3, window=6, share=0.5, most_opens=4, recovered_after=5)


def opened(at=0.0):
    breaker = Breaker(RULES)
    assert [breaker.failed(at) for _ in range(3)] == [False, False, True]
    return breaker


def test_a_few_failures_among_answers_open_nothing():
    breaker = Breaker(RULES)
    for _ in range(20):
        assert not breaker.failed(0)
        assert not breaker.succeeded(0)
        assert not breaker.succeeded(0)
    assert breaker.state(0) == "closed"


def test_a_burst_opens_it_for_its_pause():
    breaker = opened(at=100)
    assert breaker.until == 110
    assert breaker.state(109.9) == "open"
    assert breaker.state(110) == "half_open"


def test_every_second_request_failing_opens_it_as_well():
    breaker = Breaker(RULES)
    told = []
    for _ in range(3):
        told += [breaker.succeeded(0), breaker.failed(0)]
    assert told == [False] * 5 + [True]


def test_what_was_under_way_when_it_opened_proves_nothing():
    breaker = opened()
    assert not breaker.failed(1)
    assert not breaker.succeeded(1)
    assert breaker.state(1) == "open"
    assert breaker.opens == 1


def test_a_probe_that_succeeds_closes_it():
    breaker = opened()
    assert breaker.succeeded(10)
    assert breaker.state(10) == "closed"
    assert not breaker.failed(11)


def test_each_probe_that_fails_doubles_the_pause_up_to_its_limit_and_the_last_gives_up():
    breaker = opened()
    pauses = []
    now = breaker.until
    while breaker.failed(now) and breaker.state(now) != "given_up":
        pauses.append(breaker.until - now)
        now = breaker.until
    assert pauses == [20, 25]
    assert breaker.opens == 4
    assert not breaker.succeeded(now + 1e6)
    assert breaker.state(now + 1e6) == "given_up"


@pytest.mark.parametrize(("answers", "opens"), [(4, 2), (5, 1)])
def test_former_pauses_are_forgotten_only_after_enough_answers(answers, opens):
    breaker = opened()
    assert breaker.succeeded(10)
    for _ in range(answers):
        breaker.succeeded(11)
    for _ in range(3):
        breaker.failed(12)
    assert breaker.opens == opens


@given(st.lists(st.tuples(st.floats(0, 30), st.booleans()), max_size=200))
def test_whatever_happens_a_dead_dealer_is_asked_a_bounded_number_of_times(steps):
    breaker, now, asked_while_dead = Breaker(RULES), 0.0, 0
    for wait_s, well in steps:
        now += wait_s
        before = breaker.state(now)
        changed = breaker.succeeded(now) if well else breaker.failed(now)
        if before in ("open", "given_up"):
            assert not changed
            assert breaker.state(now) == before
        asked_while_dead = 0 if well else asked_while_dead + (before in ("closed", "half_open"))
        assert asked_while_dead <= RULES.in_a_row + RULES.most_opens
        assert breaker.opens <= RULES.most_opens

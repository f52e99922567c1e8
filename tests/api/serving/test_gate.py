"""The gate before heavy queries."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.gate import Gate
from api.problems import Problem


def test_no_more_run_at_a_time_than_the_gate_lets_through_and_all_are_served() -> None:
    gate = Gate(2, most_waiting=20)
    lock = threading.Lock()
    running: list[int] = []
    most = 0

    def work(number: int) -> int:
        nonlocal most
        with gate.passing():
            with lock:
                running.append(number)
                most = max(most, len(running))
            time.sleep(0.01)
            with lock:
                running.remove(number)
        return number

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(work, range(12))) == list(range(12))
    assert most == 2


def test_who_waits_too_long_is_told_when_to_come_back() -> None:
    gate = Gate(1, longest_wait_s=0.05)
    with gate.passing(), pytest.raises(Problem) as refused, gate.passing():
        pass
    assert (refused.value.status, refused.value.kind) == (503, "busy")
    assert int(refused.value.headers["Retry-After"]) >= 1
    with gate.passing():
        pass


def test_where_too_many_wait_the_next_is_refused_at_once() -> None:
    gate = Gate(1, longest_wait_s=30, most_waiting=0)
    with gate.passing():
        started = time.monotonic()
        with pytest.raises(Problem), gate.passing():
            pass
        assert time.monotonic() - started < 5


def test_a_failure_inside_frees_its_place() -> None:
    gate = Gate(1, longest_wait_s=0.05)
    with pytest.raises(ValueError, match="inside"), gate.passing():
        raise ValueError("inside")
    with gate.passing():
        pass

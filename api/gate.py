"""A gate before what costs much: few run at a time, some wait for a while, the rest are told when to come back.

with heavy_of(request).passing():
    rows = connection.execute(whole_table_statistics)
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, cast

from starlette.requests import Request

from api.problems import Problem

LONGEST_WAIT_S: Final = 10.0
WAITING_FOR_EACH: Final = 4
"""Who waits holds a thread of the server: so many for each that runs, no more."""


class Gate:
    """Lets `at_once` through at a time in this process. Threads use it; who comes first is served first."""

    def __init__(
        self, at_once: int, *, longest_wait_s: float = LONGEST_WAIT_S, most_waiting: int | None = None
    ) -> None:
        self.at_once = at_once
        self.longest_wait_s = longest_wait_s
        self.most_waiting = at_once * WAITING_FOR_EACH if most_waiting is None else most_waiting
        self._condition = threading.Condition()
        self._running = 0
        self._queue: list[object] = []

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Raises `Problem` 503 with `Retry-After` where too many wait already, or where the wait was too long.

        Take no connection before the gate: who waits must not keep one from others.
        """
        self._enter()
        try:
            yield
        finally:
            with self._condition:
                self._running -= 1
                self._condition.notify_all()

    def _enter(self) -> None:
        with self._condition:
            if self._running < self.at_once and not self._queue:
                self._running += 1
                return
            if len(self._queue) >= self.most_waiting:
                raise self._refusal()
            place = object()
            self._queue.append(place)
            try:
                self._wait(place)
            finally:
                self._queue.remove(place)
                self._condition.notify_all()
            self._running += 1

    def _wait(self, place: object) -> None:
        deadline = time.monotonic() + self.longest_wait_s
        while self._running >= self.at_once or self._queue[0] is not place:
            left = deadline - time.monotonic()
            if left <= 0:
                raise self._refusal()
            self._condition.wait(left)

    def _refusal(self) -> Problem:
        detail = (
            f"Statistics over all rows run {self.at_once} at a time. Try again soon, or narrow the query by filters."
        )
        seconds = str(max(1, math.ceil(self.longest_wait_s / 2)))
        return Problem(503, "busy", "Too many heavy queries at once", detail, headers={"Retry-After": seconds})


def heavy_of(request: Request) -> Gate:
    """The gate of the app that serves the request, for what reads all rows."""
    return cast(Gate, request.app.state.heavy)

"""What was counted over many rows, kept for a minute: it stands beside pages, and changes little from page to page."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Final, Generic, TypeVar

Value = TypeVar("Value")

HOLDS_S: Final = 60.0
MOST: Final = 2_000


class Kept(Generic[Value]):
    """Values by key for a while, the last used `most` of them; only those that it was work to make (`worth`).

    Threads share it; two may make the same value at once.
    """

    def __init__(
        self,
        worth: Callable[[Value], bool],
        holds_s: float = HOLDS_S,
        most: int = MOST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._worth, self._holds_s, self._most, self._clock = worth, holds_s, most, clock
        self._lock = Lock()
        self._known: OrderedDict[Hashable, tuple[float, Value]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value that was made for the key a short while ago, else the one that `make` gives now."""
        now = self._clock()
        with self._lock:
            found = self._known.get(key)
            if found is not None and now - found[0] < self._holds_s:
                self._known.move_to_end(key)
                return found[1]
        value = make()
        if not self._worth(value):
            return value
        with self._lock:
            self._known[key] = now, value
            self._known.move_to_end(key)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return value

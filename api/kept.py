"""What was counted over many rows, kept for a minute: it stands beside pages, and changes little from page to page.

When the minute is over, whoever asks first makes it anew; who asks meanwhile gets what was known, so that no page but
one waits for it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Final, Generic, TypeVar

Value = TypeVar("Value")

HOLDS_S: Final = 60.0
MOST: Final = 2_000
LONGEST_KEY: Final = 2_000
"""Characters. Whoever asks for 60 kB each time would fill memory with what nobody asks for again."""


class Kept(Generic[Value]):
    """Values by key for a while, the last used `most` of them; only those that it was work to make (`worth`).

    Threads share it. A value that was never made may be made by two at once; one that is old, by one. It is given on
    for as long again at most, whatever becomes of its making.
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
        self._renewed: set[Hashable] = set()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value that was made for the key a short while ago, else the one that `make` gives now."""
        if isinstance(key, tuple) and sum(len(part) for part in key if isinstance(part, str)) > LONGEST_KEY:
            return make()
        now = self._clock()
        with self._lock:
            found = self._known.get(key)
            if found is not None:
                age_s = now - found[0]
                if age_s < self._holds_s or (age_s < 2 * self._holds_s and key in self._renewed):
                    self._known.move_to_end(key)
                    return found[1]
            self._renewed.add(key)
        try:
            value = make()
        finally:
            with self._lock:
                self._renewed.discard(key)
        if not self._worth(value):
            return value
        with self._lock:
            self._known[key] = now, value
            self._known.move_to_end(key)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return value

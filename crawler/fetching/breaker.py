"""A circuit breaker: when a dealer that keeps failing is left alone, for how long, and when for good. Pure.

closed ──a burst of failures──▶ open ──pause over──▶ half open ──the probe succeeds──▶ closed
                                 ▲                       │
                                 └──the probe fails──────┘   each pause is twice as long; after `most_opens`: given up
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final, Literal

State = Literal["closed", "open", "half_open", "given_up"]


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """When it opens, and for how long."""

    pause_s: float = 30.0
    longest_s: float = 600.0
    in_a_row: int = 6
    """Failures one after the other that open it: more than one page that fails each time makes in its own tries."""
    window: int = 20
    share: float = 0.5
    """Share of the last `window` answers that opens it: a server that drops every second request is not well either."""
    most_opens: int = 4
    """The time at which it opens for good: with pauses of 30, 60 and 120 s, about four minutes after the first."""
    recovered_after: int = 20
    """Answers in a row after which former pauses are forgotten."""


@dataclass(slots=True)
class Breaker:
    """One dealer's. Times are Unix times; `until` is the end of the pause while it is open."""

    rules: BreakerRules = field(default_factory=BreakerRules)
    opens: int = 0
    until: float = 0.0
    _state: State = "closed"
    _failures: int = 0
    _successes: int = 0
    _last: deque[bool] = field(default_factory=deque)

    def state(self, now: float) -> State:
        """Where it stands now."""
        return "half_open" if self._state == "open" and now >= self.until else self._state

    def succeeded(self, now: float) -> bool:
        """An answer came; True where it closes the breaker. What was under way when it opened proves nothing."""
        state = self.state(now)
        if state in ("open", "given_up"):
            return False
        if state == "half_open":
            self._state = "closed"
            self._forget()
            return True
        self._note(failed=False)
        self._failures = 0
        self._successes += 1
        if self._successes >= self.rules.recovered_after:
            self.opens = 0
        return False

    def failed(self, now: float) -> bool:
        """A request failed; True where that opens the breaker (`until`), or is given up for good (`state`)."""
        state = self.state(now)
        if state in ("open", "given_up"):
            return False
        self._note(failed=True)
        self._failures += 1
        self._successes = 0
        if state == "half_open" or self._failures >= self.rules.in_a_row or self._often():
            self._open(now)
            return True
        return False

    def _open(self, now: float) -> None:
        self.opens += 1
        self._forget()
        if self.opens >= self.rules.most_opens:
            self._state = "given_up"
            return
        self._state = "open"
        self.until = now + min(self.rules.pause_s * 2 ** (self.opens - 1), self.rules.longest_s)

    def _note(self, *, failed: bool) -> None:
        self._last.append(failed)
        if len(self._last) > self.rules.window:
            self._last.popleft()

    def _often(self) -> bool:
        return len(self._last) == self.rules.window and sum(self._last) / self.rules.window >= self.rules.share

    def _forget(self) -> None:
        self._failures = self._successes = 0
        self._last.clear()


GIVEN_UP: Final = "given_up"
"""Why a crawl was cut short whose dealer kept failing."""

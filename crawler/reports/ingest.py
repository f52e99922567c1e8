"""What became of listings that were handed in: counts, the first lines that were refused, and a bar meanwhile."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from crawler.reports.progress import LongWork
from pipelines.ingest import NO_LISTING, Problem

SHOWN: Final = 20
"""Lines that are named; the others are counted."""


class IngestAccount:
    """Counts of one run. `dropped`: reason → lines that were read but cannot be stored; `refused` are the others."""

    def __init__(self, note: Any) -> None:
        self.lines = self.refused = self._problems = 0
        self.dropped: Counter[str] = Counter()
        self._note = note
        self._lock = threading.Lock()
        self._started = time.monotonic()

    def problem(self, problem: Problem) -> None:
        """A line gives no listing. Called by the thread that stores, too."""
        with self._lock:
            if problem.reason is None:
                self.refused += 1
            else:
                self.dropped[problem.reason] += 1
            self._problems += 1
            if self._problems <= SHOWN:
                self._note(f"line {problem.number} {problem.said}")

    @property
    def left(self) -> int:
        """Lines that should have given a listing and did not."""
        return self.refused + self.dropped.total() - self.dropped[NO_LISTING]

    def end(self) -> None:
        """Say how many lines were not named."""
        if self._problems > SHOWN:
            self._note(f"… and {self._problems - SHOWN:,} more lines")

    def as_json(self, outcomes: Mapping[str, int], store_s: float) -> dict[str, Any]:
        """For a pipe. `store_s` is the time that the database took of all `seconds`, which it overlaps."""
        seconds = time.monotonic() - self._started
        stored = sum(outcomes.values())
        return {
            "lines": self.lines,
            "new": outcomes.get("new", 0),
            "changed": outcomes.get("changed", 0),
            "unchanged": outcomes.get("unchanged", 0),
            "repeated": outcomes.get("again", 0),
            "refused": self.refused,
            "dropped": dict(self.dropped.most_common()),
            "seconds": round(seconds, 1),
            "listings_per_s": round(stored / max(seconds, 0.001), 1),
            "store_seconds": round(store_s, 1),
        }

    def table(self, outcomes: Mapping[str, int], store_s: float) -> Table:
        """For a terminal."""
        said = self.as_json(outcomes, store_s)
        table = Table(box=None, pad_edge=False)
        for name in ("lines", "new", "changed", "unchanged", "repeated", "refused", "dropped", "listings/s"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("dropped for", overflow="fold")
        counts = [said[name] for name in ("lines", "new", "changed", "unchanged", "repeated", "refused")]
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in said["dropped"].items())
        dropped, rate = sum(said["dropped"].values()), said["listings_per_s"]
        table.add_row(*(f"{count:,}" for count in (*counts, dropped)), f"{rate:,.0f}", reasons)
        return table


class IngestProgress(LongWork):
    """How far an ingest is: by the bytes of its file, where it has a size."""

    def __init__(self, source: str | None) -> None:
        size = None
        if source is not None and not source.endswith(".gz") and os.path.isfile(source):
            size = os.path.getsize(source)
        self._size, self._read = size, 0
        super().__init__(BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn(), total=size)

    def counted(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The blocks as they are, and how much of the file they are."""
        for block in blocks:
            self._read += len(block)
            yield block

    def at(self, lines: int, stored: int) -> None:
        """So many lines are read and so many listings stored."""
        if self.due:
            rate = stored / (time.monotonic() - self.started)
            done = None if self._size is None else self._read
            self.tell(f"{stored:,} listings stored · {rate:,.0f}/s · line {lines:,}", done=done)

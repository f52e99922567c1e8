"""How far a long command is, on standard error: a bar on a terminal, else a line every ten seconds."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

LINE_S: Final = 10.0
BAR_S: Final = 0.25


class LongWork:
    """Base: a subclass gives the bar's columns and its total, and calls `tell` with what there is to say by now."""

    def __init__(self, *columns: ProgressColumn, total: int | None, text: str = "") -> None:
        self.started = self._said = time.monotonic()
        console = Console(stderr=True)
        self._bar: Progress | None = None
        if console.is_terminal:
            self._bar = Progress(*columns, console=console, transient=True)
            self._task: TaskID = self._bar.add_task(text, total=total)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    @property
    def due(self) -> bool:
        """Whether it is time to tell something."""
        return time.monotonic() - self._said >= (LINE_S if self._bar is None else BAR_S)

    def tell(self, text: str, *, line: str | None = None, done: int | None = None) -> None:
        """How far it is: `text` beside the bar, `line` (the same, if not given) where there is none."""
        self._said = time.monotonic()
        if self._bar is None:
            sys.stderr.write(f"{text if line is None else line}\n")
        else:
            self._bar.update(self._task, description=text, completed=done)

    def note(self, text: str) -> None:
        """A line that stays."""
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)
        else:
            sys.stderr.write(f"{text}\n")


class ListingsProgress(LongWork):
    """How many of the listings are gone through."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        super().__init__(*columns, total=total, text="listings")

    def add(self, listings: int) -> None:
        """So many more are done."""
        self._done += listings
        if self.due:
            self.tell("listings", line=f"{self._done} of {self._total} listings", done=self._done)

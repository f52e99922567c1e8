"""How checks look to a person: a line while they run, a table at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table

from crawler.checking.check import HEALTHY, Checked
from crawler.checking.promise import Fill


class CheckProgress:
    """Says on standard error how far the checks are: one living line on a terminal, else a line a dealer."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._under_way: dict[str, int] = {}
        console = Console(stderr=True)
        self._status = Status("", console=console) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._status is not None:
            self._status.stop()

    def asked(self, name: str) -> None:
        """A dealer is asked for one more page."""
        self._under_way[name] = self._under_way.get(name, 0) + 1
        self._show()

    def done(self, checked: Checked) -> None:
        """A dealer's check has ended."""
        self._done += 1
        self._under_way.pop(checked.dealer.name, None)
        if self._status is None:
            why = f": {checked.reason}" if checked.reason else ""
            sys.stderr.write(f"{self._done} of {self._total}: {checked.dealer.name} {checked.outcome}{why}\n")
        self._show()

    def _show(self) -> None:
        if self._status is not None:
            going = ", ".join(f"{name} ({pages})" for name, pages in list(self._under_way.items())[:4])
            self._status.update(f"{self._done} of {self._total} dealers checked; asking {going}")


def check_table(checks: Iterable[Checked]) -> Table:
    """A row a dealer."""
    table = Table(box=None, pad_edge=False)
    for column in ("dealer", "outcome"):
        table.add_column(column, no_wrap=True)
    for column in ("pages", "listings"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("promised fields", overflow="fold")
    table.add_column("why", overflow="fold")
    for checked in checks:
        colour = "green" if checked.outcome == HEALTHY else "red"
        fill = "  ".join(_share(name, fill) for name, fill in checked.fill.items())
        example = next((f.url for f in checked.failures if f.url), None)
        why = " · ".join(part for part in (checked.reason, checked.dealer.without_secrets(example or "")) if part)
        table.add_row(
            checked.dealer.name,
            f"[{colour}]{checked.outcome}[/]",
            str(checked.pages),
            str(checked.listings),
            fill,
            escape(why),
        )
    return table


def _share(name: str, fill: Fill) -> str:
    said = f"{name} {fill.found:.3g}/{fill.of}"
    return f"[red]{said}[/]" if fill.short else said

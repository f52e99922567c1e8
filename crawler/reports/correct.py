"""What became of files of corrections: wrong lines, stale rows and counts; a table for a person, lines for a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from inventory.store.entering import Entered
from pipelines.corrections.reading import CorrectionFile
from pipelines.corrections.stale import Stale


@dataclass(frozen=True, slots=True)
class CorrectReport:
    """`left_out` are files of which rows are stored and that are not in the folder; `entered` is None for a check."""

    files: Sequence[CorrectionFile]
    stale: Sequence[Stale]
    left_out: Sequence[str]
    entered: Entered | None

    @property
    def to_look_at(self) -> bool:
        """Whether a person should do something."""
        return bool(self.stale or self.left_out or any(file.faults for file in self.files))

    def lines(self) -> Iterator[dict[str, Any]]:
        """For a pipe: what is to be looked at, then the counts."""
        for fault in self._faults():
            yield {"state": "wrong", **asdict(fault)}
        for row in self.stale:
            yield asdict(row)
        for name in self.left_out:
            yield {"state": "left_out", "file": name, "said": _LEFT_OUT}
        yield self._counts()

    def table(self) -> RenderableType:
        """For a terminal."""
        counts = self._counts()
        head = ", ".join(f"{value:,} {name.replace('_', ' ')}" for name, value in counts.items() if name != "check")
        if not self.to_look_at:
            return head
        table = Table(box=None, pad_edge=False)
        for name in ("file", "line", "state"):
            table.add_column(name, no_wrap=True, justify="right" if name == "line" else "left")
        table.add_column("why", overflow="fold")
        for fault in self._faults():
            why = f"{fault.column} {fault.said}" if fault.column else fault.said
            table.add_row(escape(fault.file), str(fault.line), "wrong", escape(why))
        for row in self.stale:
            table.add_row(escape(row.file), str(row.line), row.state, escape(row.said))
        for name in self.left_out:
            table.add_row(escape(name), "", "left out", _LEFT_OUT)
        return Group(head, table)

    def _faults(self) -> list[Any]:
        return sorted((fault for file in self.files for fault in file.faults), key=lambda one: (one.file, one.line))

    def _counts(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "check": self.entered is None,
            "files": len(self.files),
            "rows": sum(len(file.fields) + len(file.pairs) for file in self.files),
            "wrong": len(self._faults()),
            "stale": len(self.stale),
        }
        return found | (asdict(self.entered) if self.entered is not None else {})


_LEFT_OUT = "its rows are in force and it is not in this folder; to take them back, enter it with its header only"

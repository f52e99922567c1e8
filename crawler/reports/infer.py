"""How inferred listings look to a person: rows as they come, and how far a long run is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

_COLUMNS: Final = (("line", 6), ("category", 21), ("make", 13), ("model", 14), ("year", 4), ("size", 16), ("sure", 4))
SHOWN_AFTER_S: Final = 2.0
SHOWN_EVERY_S: Final = 0.25


class InferredRows:
    """Rows of one width throughout, because what still comes is not known."""

    def __init__(self) -> None:
        self._console = Console()
        self._begun = False

    def show(self, records: Sequence[tuple[int, dict[str, Any]]]) -> None:
        """Print a row a record (number of its line, what is known)."""
        if not records:
            return
        table = Table(box=None, pad_edge=False, show_header=not self._begun)
        self._begun = True
        for name, width in _COLUMNS:
            table.add_column(name, width=width, no_wrap=True, justify="right" if name in ("line", "sure") else "left")
        rest = self._console.width - sum(width + 2 for _, width in _COLUMNS)
        table.add_column("title", width=max(rest, 12), no_wrap=True)
        for number, record in records:
            sure = min((record[n] for n in ("category_confidence", "size_confidence") if record.get(n)), default=None)
            cells = (
                number, record.get("category"), record.get("make") or record.get("brand"), record.get("model"),
                record.get("year"), size_text(record), None if sure is None else f"{sure:.2f}", record.get("title"),
            )  # fmt: skip
            table.add_row(*(Text("" if cell is None else str(cell)) for cell in cells))  # no markup: it is the dealer's
        self._console.print(table)


def size_text(record: dict[str, Any]) -> str:
    """The size as a person says it: the class, else the number, else the pack or the dogs."""
    unit = record.get("size_unit") or ""
    low, high = record.get("size_min"), record.get("size_max")
    if low is not None or high is not None:
        return f"over {low:g} {unit}" if high is None else f"{low or 0:g}–{high:g} {unit}"
    weight = record.get("net_weight_g")
    if weight is not None:
        return f"{weight / 1000:.3g} kg" if weight >= 1000 else f"{weight:.4g} g"
    if record.get("size_value") is not None:
        return f"{record['size_value']:g} {unit}"
    return str(record.get("size_label") or " ".join(record.get("breed_sizes") or ()))


class LineProgress:
    """A living line on standard error for what takes longer than a moment; nothing where no person looks."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        alone = console.is_terminal and not Console().is_terminal  # rows on the same terminal tell by themselves
        self._status: Status | None = Status("", console=console) if alone else None
        self._started = self._shown = time.monotonic()
        self._running = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._running and self._status is not None:
            self._status.stop()

    def at(self, lines: int) -> None:
        """So many lines are done."""
        now = time.monotonic()
        if self._status is None or now - self._started < SHOWN_AFTER_S or now - self._shown < SHOWN_EVERY_S:
            return
        self._shown = now
        self._status.update(f"{lines:,} lines · {lines / (now - self._started):,.0f} lines/s")
        if not self._running:
            self._status.start()
            self._running = True

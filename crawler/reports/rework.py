"""What a rework changed: counted by field while it runs, a table for a person, one object for a pipe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from pipelines.rework import EDGES, Change, Reworked

SIZE_CLASS: Final = "size_class"
_NUMBERS: Final = frozenset(
    {
        "category_confidence", "size_value", "size_confidence", "operating_weight_kg", "net_weight_g", "unit_weight_g",
        "dog_weight_min_kg", "dog_weight_max_kg", "unit_price_per_kg", "hours", "serial_number", "serial_key",
    }
)  # fmt: skip
"""Fields whose pairs of old and new are nearly all different: only how many changed is told."""

_NOT_TOLD: Final = frozenset({"attributes", "provenance", "serial_key", "corrections", "uncorrected"})
MAX_PAIRS: Final = 5000
"""Different pairs of old and new that are told apart for a field; memory stays flat beyond."""

TOP: Final = 10


class Account:
    """Counts of what changed. `left`: id → why a listing was left as it is (the first ones)."""

    def __init__(self) -> None:
        self.looked_at = self.changed = self.left = 0
        self.reasons: dict[int, str] = {}
        self.fields: Counter[str] = Counter()
        self._pairs: dict[str, Counter[tuple[str, str]]] = {}

    def add(self, batch: Reworked) -> None:
        """A batch is done."""
        self.looked_at += len(batch.changes) + len(batch.left)
        self.left += len(batch.left)
        for listing_id, why in batch.left.items():
            if len(self.reasons) < MAX_PAIRS:
                self.reasons[listing_id] = why
        for changes in batch.changes:
            told = _told(changes)
            self.changed += bool(told)
            for name, (old, new) in told.items():
                self.fields[name] += 1
                if name not in _NUMBERS:
                    self._count_pair(name, _text(old), _text(new))

    def top(self, name: str) -> list[tuple[str, str, int]]:
        """The most frequent changes of a field: from, to, how often."""
        return [(old, new, n) for (old, new), n in self._pairs.get(name, Counter()).most_common(TOP)]

    def as_json(self, *, version: str, dry_run: bool) -> dict[str, Any]:
        """For a pipe."""
        fields = {
            name: {"changed": n, "top": [{"from": old, "to": new, "count": c} for old, new, c in self.top(name)]}
            for name, n in self.fields.most_common()
        }
        return {
            "inference_version": version,
            "dry_run": dry_run,
            "looked_at": self.looked_at,
            "changed": self.changed,
            "unchanged": self.looked_at - self.changed - self.left,
            "left": self.left,
            "fields": fields,
        }

    def tables(self, *, dry_run: bool) -> RenderableType:
        """For a terminal."""
        words = "would change" if dry_run else "changed"
        unchanged = self.looked_at - self.changed - self.left
        head = f"{self.looked_at:,} listings: {self.changed:,} {words}, {unchanged:,} unchanged, {self.left:,} left"
        if not self.fields:
            return head
        table = Table(box=None, pad_edge=False)
        table.add_column("field", no_wrap=True)
        table.add_column(words, justify="right", no_wrap=True)
        table.add_column("mostly", overflow="fold")
        for name, n in self.fields.most_common():
            pairs = "\n".join(f"{escape(old)} → {escape(new)}  ({count:,})" for old, new, count in self.top(name)[:5])
            table.add_row(name.replace("_", " "), f"{n:,}", pairs)
        return Group(head, table)

    def _count_pair(self, name: str, old: str, new: str) -> None:
        pairs = self._pairs.setdefault(name, Counter())
        if (old, new) in pairs or len(pairs) < MAX_PAIRS:
            pairs[old, new] += 1


def _told(changes: Mapping[str, Change]) -> dict[str, Change]:
    """The changes as a person counts them: the edges of a size class are one thing."""
    told = {name: change for name, change in changes.items() if name not in _NOT_TOLD and name not in EDGES}
    if EDGES[0] in changes:
        (low, new_low), (high, new_high) = (changes[edge] for edge in EDGES)
        told[SIZE_CLASS] = (_class(low, high), _class(new_low, new_high))
    return told


def _class(low: Any, high: Any) -> str:
    if low is None and high is None:
        return "unknown"
    return f"over {low:g}" if high is None else f"{low or 0:g}–{high:g}"


def _text(value: Any) -> str:
    if value is None:
        return "unknown"
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)[:100]

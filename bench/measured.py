"""One figure of a bench."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Measured:
    """`wanted` is what the project asks of it, empty where nothing. Without a value it could not be measured."""

    bench: str
    what: str
    value: float | None
    unit: str
    wanted: str = ""

    def as_json(self) -> dict[str, Any]:
        """For the file."""
        return asdict(self)

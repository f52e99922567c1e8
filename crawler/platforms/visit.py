"""One page to ask for: what a platform yields and what a request carries, as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Kind = Literal["section", "detail"]


@dataclass(frozen=True, slots=True)
class Visit:
    """A page of a dealer.

    `section` pages lead on; `detail` pages hold one thing. `known` is what was already said about the page where
    its link stood (JSON only), such as the price beside it.
    """

    url: str
    kind: Kind
    section: str
    page_number: int = 1
    known: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For `cb_kwargs`: JSON types only, so that JOBDIR and the queue can keep it."""
        return asdict(self)

"""One page to ask for: what a platform yields and what a request carries, as JSON."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from typing import Any, Final, Literal

Kind = Literal["section", "detail"]
DETAIL_PRIORITY: Final = 10
"""Details before further pages of a section: what is listed is read while it is there, and the queue stays short."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A page of a dealer.

    `section` pages lead on; `detail` pages hold one thing. `known` is what was already said about the page where
    its link stood (JSON only), such as the price beside it. `page_number` counts a section's pages, and the steps from
    a list to a detail page. `lastmod` is what a sitemap says of it. Of detail pages
    those with the higher `urgency` (-9 to 0) are asked for first.
    """

    url: str
    kind: Kind
    section: str
    page_number: int = 1
    known: dict[str, Any] = field(default_factory=dict)
    lastmod: str | None = None
    urgency: int = 0

    def as_json(self) -> dict[str, Any]:
        """For `cb_kwargs`: JSON types only, so that JOBDIR and the queue can keep it."""
        return {
            "url": self.url,
            "kind": self.kind,
            "section": self.section,
            "page_number": self.page_number,
            "known": deepcopy(self.known) if self.known else {},
            "lastmod": self.lastmod,
            "urgency": self.urgency,
        }

    def as_short_json(self) -> dict[str, Any]:
        """The same without what is as usual: what a page led to is remembered for a long time."""
        usual = _usual()
        return {name: value for name, value in self.as_json().items() if value != usual[name]}


@cache
def _usual() -> dict[str, Any]:
    return {
        part.name: part.default if part.default_factory is MISSING else part.default_factory() for part in fields(Visit)
    }

"""What the pipelines say to those who count: a listing that cannot be used, and listings that are stored."""

from __future__ import annotations

from typing import Final

from scrapy.exceptions import DropItem

listings_stored: Final = object()
"""Signal: a batch is committed. Receivers get `outcomes`, a list of (Listing, new | changed | unchanged | again), and
where it went to a database `seconds`, how long that took with its tries."""

pages_stored: Final = object()
"""Signal: sightings of pages are committed. Receivers get `outcomes`, a list of `PageOutcome`."""

REFUSED: Final = "refused_by_database"
"""Why a listing is not stored: the database has something against this one."""

STORE_FAILED: Final = "store_failed"
"""Why a listing is not stored: the database cannot be written at all."""


class Unusable(DropItem):
    """A listing that cannot be stored. `reason` is counted per crawl, `detail` is for a person."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}", log_level="DEBUG")
        self.reason = reason
        self.detail = detail

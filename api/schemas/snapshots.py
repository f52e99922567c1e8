"""What `/v1/snapshots` answers with."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.schemas.answers import Answer


class SnapshotRow(Answer):
    """A Parquet file with all listings of a vertical."""

    vertical: str
    rows: int
    bytes: int
    written_at: datetime
    data_as_of: datetime | None = Field(description="When the newest whole healthy crawl in it ended")
    licence: str | None = Field(description="Licence of the data, as the operator set it")
    url: str


class SnapshotList(Answer):
    """The snapshots that there are."""

    data: list[SnapshotRow]

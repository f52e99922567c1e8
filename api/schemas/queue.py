"""What `/v1/queue` answers with."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.schemas.answers import Answer


class QueueRow(Answer):
    """A dealer's crawl that is queued."""

    dealer: str
    vertical: str
    crawl_id: int = Field(description="As in `/v1/crawls`")
    started_at: datetime | None
    state: Literal["running", "stopped", "held", "ending"] = Field(
        description="`stopped`: by hand, until it is resumed; `held`: until `held_until`; `ending`: cut short"
    )
    requests: int = Field(description="All that is to be done: the three that follow, added up")
    waiting: int
    delayed: int = Field(description="Tried before, and to be tried again later")
    leased: int = Field(description="In the hands of a worker")
    pages: int = Field(description="Asked for so far")
    delay_s: float = Field(description="Between two requests of all workers together, as it is now")
    held_until: datetime | None = Field(description="Until when the dealer is left alone")
    held_why: str | None


class QueueAnswer(Answer):
    """What crawlers share, if they do."""

    distributed: bool = Field(description="Whether crawlers share a queue here (`DISTRIBUTED`); else each has its own")
    workers_alive: int
    data: list[QueueRow]

"""What failed, as rows of `failures`: nothing in them is secret. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from crawler.platforms.visit import Visit
from crawler.tracking.dealer_crawl import DealerCrawl
from crawler.tracking.retry_marks import FIRST_FAILED
from inventory.pages import digest
from inventory.store.failures import FailureRow
from pipelines.parsing.urls import canonical_url

NOT_KEPT: Final = frozenset({"robots", "offsite", "shutdown", "lease_lost"})
"""What a dealer forbids or does not own, and what another process goes on with, is not to be asked for again."""


def row_of(
    crawl: DealerCrawl,
    visit: Visit,
    failed: tuple[str, str, int | None],
    *,
    meta: Mapping[str, Any],
    attempts: int,
    requeued: int,
    now: datetime,
) -> FailureRow:
    """The row of a visit that failed: class, message and status. `meta` is its request's."""
    assert crawl.crawl_id is not None
    name, message, status = failed
    hidden = crawl.dealer.without_secrets
    first = meta.get(FIRST_FAILED)
    return FailureRow(
        crawl_id=crawl.crawl_id,
        dealer=crawl.dealer.name,
        url=hidden(visit.url),
        url_hash=hash_of(visit.url),
        kind=visit.kind,
        section=visit.section,
        visit=_without(visit.as_short_json(), hidden),
        failure_class=name[:30],
        status=status,
        message=hidden(message),
        attempts=attempts,
        first_at=datetime.fromtimestamp(first, UTC) if first else now,
        last_at=now,
        requeued=requeued,
    )


def hash_of(url: str) -> str:
    """By which a page is known in `failures`."""
    return digest(canonical_url(url).encode())


def _without(value: Any, hidden: Callable[[str], str]) -> Any:
    """A JSON value with what is secret hidden in its texts."""
    if isinstance(value, str):
        return hidden(value)
    if isinstance(value, dict):
        return {name: _without(entry, hidden) for name, entry in value.items()}
    return [_without(entry, hidden) for entry in value] if isinstance(value, list) else value

"""Requests that failed for good: written in batches, told to whoever asks again, resolved once the page comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, RowMapping, bindparam, func, insert, select, update

from inventory.tables import crawls, dealers, failures

MOST_REQUEUED: Final = 3
"""A page that failed in so many retries is not asked for by a further one; a whole crawl asks for everything anyway."""

GONE: Final = ("http_404", "http_410")
"""Classes of pages that are not there any more: nothing is asked for again."""

MOST_OPEN: Final = 50_000
"""Unresolved failures of a dealer that a crawl keeps in mind, the newest ones: a hash and a number each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRow:
    """A request that failed for good. `visit` is JSON and holds what is needed to ask again; nothing holds a secret."""

    crawl_id: int
    dealer: str
    url: str
    url_hash: str
    kind: str
    section: str
    visit: Mapping[str, Any]
    failure_class: str
    message: str
    attempts: int
    first_at: datetime
    last_at: datetime
    status: int | None = None
    requeued: int = 0


@dataclass(slots=True)
class FailureBatch:
    """What is written at once: new rows, and by dealer the `url_hash` of pages that came at last."""

    rows: list[FailureRow] = field(default_factory=list)
    resolved: dict[str, set[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows) + sum(map(len, self.resolved.values()))


def store_failures(engine: Engine, batch: FailureBatch, now: datetime) -> None:
    """Write a batch, in one transaction."""
    with engine.begin() as connection:
        ids = {name: number for number, name in connection.execute(select(dealers.c.id, dealers.c.name).where(
            dealers.c.name.in_({row.dealer for row in batch.rows} | batch.resolved.keys())))}  # fmt: skip
        for name, hashes in batch.resolved.items():
            done = (
                update(failures)
                .where(failures.c.dealer_id == ids.get(name), failures.c.url_hash == bindparam("hash"))
                .where(failures.c.resolved_at.is_(None))
                .values(resolved_at=now)
            )
            connection.execute(done, [{"hash": found} for found in sorted(hashes)])
        rows = [_columns(row) | {"dealer_id": ids[row.dealer]} for row in batch.rows if row.dealer in ids]
        if rows:
            connection.execute(insert(failures), rows)


def unresolved(engine: Engine, dealer: str) -> dict[str, int]:
    """Of a dealer's pages that failed in former crawls and did not come since: `url_hash` → how often requeued."""
    query = (
        select(failures.c.url_hash, failures.c.requeued)
        .join(dealers, dealers.c.id == failures.c.dealer_id)
        .where(dealers.c.name == dealer, failures.c.resolved_at.is_(None))
        .order_by(failures.c.id.desc())
        .limit(MOST_OPEN)
    )
    with engine.connect() as connection:
        found: dict[str, int] = {}
        for url_hash, requeued in connection.execute(query):
            found.setdefault(url_hash, requeued)
        return found


def to_retry(engine: Engine, dealer: str, most_requeued: int = MOST_REQUEUED) -> list[FailureRow]:
    """What failed since a dealer's last whole crawl began and is worth asking for again, in the order of failing.

    Partial crawls since (retries, single sections, trial runs) may have been stopped before they asked for it. Each
    page is told once, as it failed last; left out is what is gone then, what came since, and what was asked for by
    `most_requeued` retries already.
    """
    since = (
        select(func.max(crawls.c.id))
        .join(dealers, dealers.c.id == crawls.c.dealer_id)
        .where(dealers.c.name == dealer, crawls.c.ended_at.is_not(None))
        .where(crawls.c.narrowed.is_(False), crawls.c.limited.is_(False))
        .scalar_subquery()
    )
    query = (
        select(failures)
        .join(dealers, dealers.c.id == failures.c.dealer_id)
        .join(crawls, crawls.c.id == failures.c.crawl_id)
        .where(dealers.c.name == dealer, failures.c.crawl_id >= func.coalesce(since, 0))
        .where(failures.c.resolved_at.is_(None), crawls.c.ended_at.is_not(None))
        .order_by(failures.c.id)
    )
    with engine.connect() as connection:
        rows = connection.execute(query).mappings().all()
    last = {row["url_hash"]: row for row in rows}
    return [
        _row(row, dealer)
        for row in last.values()
        if row["failure_class"] not in GONE and row["requeued"] < most_requeued
    ]


def _columns(row: FailureRow) -> dict[str, Any]:
    names: Iterable[str] = FailureRow.__dataclass_fields__
    return {name: getattr(row, name) for name in names if name != "dealer"}


def _row(found: RowMapping, dealer: str) -> FailureRow:
    names: Sequence[str] = [name for name in FailureRow.__dataclass_fields__ if name != "dealer"]
    return FailureRow(dealer=dealer, **{name: found[name] for name in names})

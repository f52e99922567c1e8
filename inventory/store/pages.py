"""The memory of pages in the database: recalled once at a crawl's beginning, written behind the listings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from sys import intern
from typing import Any, Final

from sqlalchemy import Connection, Engine, bindparam, delete, insert, select, update

from inventory.pages import KnownPage, PageRead, PageSeen, PageUnchanged, Recalled, digest
from inventory.store.dialect import REFUSALS, chunks, is_of_a_row
from inventory.store.history import events_of
from inventory.store.many_rows import upsert
from inventory.tables import dealers, events, listings, pages

FORGOTTEN_AFTER: Final = timedelta(days=180)
"""A page that no crawl has seen for so long is not expected back."""

KEPT_PAGES: Final = 200_000
"""Of one dealer, the last seen: a shop that writes sessions into its addresses has new ones at every crawl."""

_LIGHT: Final = (
    pages.c.id.label("page_id"),
    *(pages.c[name] for name in KnownPage.__dataclass_fields__ if name not in ("page_id", "leads_on")),
    pages.c.follows.is_not(None).label("leads_on"),
)


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """What became of a page's sighting: `present` and `relisted` are ids of its listings; `kept` in the memory."""

    page: PageSeen
    present: frozenset[int] = field(default_factory=frozenset)
    relisted: int = 0
    kept: bool = True


def recall(engine: Engine, dealer: str, reading: str, now: datetime, *, fresh: bool) -> Recalled:
    """What is remembered of a dealer's pages that were read by these rules (`reading`).

    Left out are pages of which a listing is gone from the database or has values in question (`missing`,
    `doubtful`): they are read whole. `fresh` forgets how honest `lastmod` was, and recalls no page.
    """
    with engine.begin() as connection:
        if fresh:
            forget = update(dealers).where(dealers.c.name == dealer)
            connection.execute(forget.values(lastmod_proofs=0, lastmod_missed_at=None))
        row = connection.execute(
            select(dealers.c.id, dealers.c.lastmod_proofs, dealers.c.lastmod_missed_at).where(dealers.c.name == dealer)
        ).one()
        of_dealer = pages.c.dealer_id == row.id
        connection.execute(delete(pages).where(of_dealer, pages.c.seen_at < now - FORGOTTEN_AFTER))
        last_seen_first = select(pages.c.id).where(of_dealer).order_by(pages.c.seen_at.desc(), pages.c.id)
        connection.execute(delete(pages).where(pages.c.id.in_(last_seen_first.offset(KEPT_PAGES))))
        if fresh:
            return Recalled()
        settled = select(listings.c.id, listings.c.identity_key).where(
            listings.c.dealer_id == row.id, listings.c.missing.is_(None), listings.c.doubtful.is_(None)
        )
        identity: dict[int, str] = dict(connection.execute(settled).all())
        query = select(pages.c.url_hash, *_LIGHT).where(of_dealer, pages.c.reading == reading)
        found = {}
        for entry in connection.execute(query).mappings():
            if all(number in identity for group in entry["listings"].values() for number in group):
                found[entry["url_hash"]] = _known(entry)
    return Recalled(found, identity, row.lastmod_proofs, row.lastmod_missed_at is not None)


def _known(entry: Mapping[Any, Any]) -> KnownPage:
    """A row as a page; what most pages of a dealer have alike is held once."""
    values = {name: value for name, value in entry.items() if name != "url_hash"}
    for name in ("section", "list_hash", "lastmod", "last_modified"):
        values[name] = values[name] and intern(values[name])
    values["listings"] = {intern(fields): numbers for fields, numbers in entry["listings"].items()}
    return KnownPage(**values)


def follows_of(engine: Engine, page_id: int) -> list[dict[str, Any]] | None:
    """The visits that a page led to; None where it is remembered no more."""
    with engine.connect() as connection:
        found: list[dict[str, Any]] | None = connection.execute(
            select(pages.c.follows).where(pages.c.id == page_id)
        ).scalar()
    return found


def store_pages(engine: Engine, seen: Sequence[PageSeen], now: datetime) -> list[PageOutcome]:
    """Touch the listings of unchanged pages, and remember those that were read; the listings of both are committed.

    A page of which the database refuses something is forgotten, and the others are stored. Raises SQLAlchemy's
    `OperationalError` where the database is out of reach: nothing of it is stored then.
    """
    try:
        with engine.begin() as connection:
            return [
                *_see_again(connection, [page for page in seen if isinstance(page, PageUnchanged)], now),
                *_remember(connection, [page for page in seen if isinstance(page, PageRead)], now),
            ]
    except REFUSALS as error:
        if not is_of_a_row(error) or (len(seen) == 1 and not _emptied(seen[0])):
            raise
    half = len(seen) // 2
    parts = (seen[:half], seen[half:]) if half else (seen,)
    return [outcome for part in parts for outcome in store_pages(engine, part, now)]


def _emptied(page: PageSeen) -> bool:
    """Take from a page what a database may refuse, so that it is forgotten; False where nothing was left to take."""
    if isinstance(page, PageUnchanged) or page.follows is None:
        return False
    page.listings, page.follows = {}, None
    return True


def _see_again(connection: Connection, unchanged: Sequence[PageUnchanged], now: datetime) -> list[PageOutcome]:
    crawl_of = {number: page.crawl_id for page in unchanged for number in page.listing_ids}
    present: dict[int, bool] = {}
    for chunk in chunks(sorted(crawl_of)):
        query = select(listings.c.id, listings.c.status, listings.c.price_status).where(listings.c.id.in_(chunk))
        for row in connection.execute(query.order_by(listings.c.id).with_for_update()):
            wanted = "sold" if row.price_status == "sold" else "active"
            present[row.id] = row.status != wanted
            if present[row.id]:
                _relist(connection, row.id, row.status, wanted, crawl_of[row.id], now)
    for crawl_id in set(crawl_of.values()):
        for chunk in chunks(sorted(number for number in present if crawl_of[number] == crawl_id)):
            touch = update(listings).where(listings.c.id.in_(chunk))
            connection.execute(touch.values(last_seen=now, crawl_id=crawl_id))
    _touch_pages(connection, unchanged, present, now)
    outcomes = []
    for page in unchanged:
        ids = frozenset(number for number in page.listing_ids if number in present)
        outcomes.append(PageOutcome(page, ids, sum(present[number] for number in ids)))
    return outcomes


def _relist(
    connection: Connection, listing_id: int, before: str, wanted: str, crawl_id: int | None, now: datetime
) -> None:
    """A listing that was taken as gone stands there as it was."""
    back = update(listings).where(listings.c.id == listing_id)
    connection.execute(back.values(status=wanted, gone_at=None, last_changed=now))
    for event in events_of({}, before, wanted):
        row = {"listing_id": listing_id, "crawl_id": crawl_id, "at": now, "kind": event.kind, "changes": event.changes}
        connection.execute(insert(events), row)


def _touch_pages(
    connection: Connection, unchanged: Sequence[PageUnchanged], present: Mapping[int, bool], now: datetime
) -> None:
    lost = [page.page_id for page in unchanged if any(number not in present for number in page.listing_ids)]
    skipped = [page.page_id for page in unchanged if page.skipped]
    fetched = [{"b_id": page.page_id, "b_lastmod": page.lastmod} for page in unchanged if not page.skipped]
    for chunk in chunks(lost):
        connection.execute(delete(pages).where(pages.c.id.in_(chunk)))
    for chunk in chunks(skipped):
        connection.execute(update(pages).where(pages.c.id.in_(chunk)).values(seen_at=now))
    if fetched:
        checked = update(pages).where(pages.c.id == bindparam("b_id"))
        connection.execute(checked.values(seen_at=now, fetched_at=now, lastmod=bindparam("b_lastmod")), fetched)


def _remember(connection: Connection, read: Sequence[PageRead], now: datetime) -> list[PageOutcome]:
    of_dealers = dealers.c.name.in_({page.dealer for page in read})
    ids: dict[str, int] = dict(connection.execute(select(dealers.c.name, dealers.c.id).where(of_dealers)).all())
    stored = _listing_ids(connection, ids, read)
    rows: dict[tuple[int, str], dict[str, Any]] = {}
    forgotten: list[tuple[int, str]] = []
    outcomes = []
    for page in read:
        key = (ids[page.dealer], page.url_hash or digest(page.url.encode()))
        gave = {
            fields: [stored[key[0], name] for name in names if (key[0], name) in stored]
            for fields, names in page.listings.items()
        }
        whole = sum(map(len, gave.values())) == sum(map(len, page.listings.values()))
        kept = whole and not page.broken and page.follows is not None
        if kept:
            rows[key] = _row(page, key, gave, now)
        else:
            forgotten.append(key)
        outcomes.append(PageOutcome(page, kept=kept))
    for dealer_id, url_hash in forgotten:
        connection.execute(delete(pages).where(pages.c.dealer_id == dealer_id, pages.c.url_hash == url_hash))
    if rows:
        upsert(connection, pages, list(rows.values()), ("dealer_id", "url_hash"))
    liars = {ids[page.dealer] for page in read if page.lastmod_missed}
    if liars:
        missed = update(dealers).where(dealers.c.id.in_(liars), dealers.c.lastmod_missed_at.is_(None))
        connection.execute(missed.values(lastmod_missed_at=now, lastmod_proofs=0))
    return outcomes


def _listing_ids(
    connection: Connection, dealer_ids: Mapping[str, int], read: Sequence[PageRead]
) -> dict[tuple[int, str], int]:
    """(dealer id, identity key) → id of each listing of these pages that is stored."""
    wanted: dict[int, set[str]] = {}
    for page in read:
        wanted.setdefault(dealer_ids[page.dealer], set()).update(*page.listings.values())
    found: dict[tuple[int, str], int] = {}
    for dealer_id, keys in wanted.items():
        for chunk in chunks(sorted(keys)):
            query = select(listings.c.identity_key, listings.c.id).where(
                listings.c.dealer_id == dealer_id, listings.c.identity_key.in_(chunk)
            )
            found.update({(dealer_id, row.identity_key): row.id for row in connection.execute(query)})
    return found


def _row(page: PageRead, key: tuple[int, str], gave: dict[str, list[int]], now: datetime) -> dict[str, Any]:
    same = ("url", "kind", "section", "reading", "etag", "last_modified", "content_hash", "record_hash", "list_hash")
    return {name: getattr(page, name) for name in (*same, "disagrees", "lastmod", "dropped")} | {
        "dealer_id": key[0],
        "url_hash": key[1],
        "fetched_at": now,
        "seen_at": now,
        "listings": gave,
        "follows": page.follows or None,
    }

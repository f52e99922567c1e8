"""The ledger of crawls: who crawls which dealer now (a lease), and one `crawls` row a dealer and run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, func, insert, or_, select, update

from inventory.store.gone import HEALTHY_MISSES, delist
from inventory.store.many_rows import insert_rows
from inventory.store.turns import in_turn
from inventory.tables import crawls, dealers

SHELLS_REMEMBERED = timedelta(days=7)
"""How long a dealer's pages go straight to the browser after plain HTTP brought them empty."""

HISTORY = 5
"""How many healthy crawls a dealer is judged against."""

_WHOLE = crawls.c.limited.is_(False) & crawls.c.narrowed.is_(False)

NEVER_RAN = ("killed", "queue_lost", "queue_refused", "lease_lost")
"""Failure classes of crawls that were ended by something else than the dealer: it is as due as before."""

PAUSED = "paused: it goes on when the same command is run with the same JOBDIR"
_RAN = _WHOLE & (crawls.c.ended_at.is_not(None) & func.coalesce(crawls.c.failure_class, "").not_in(NEVER_RAN))
_WAITS = _WHOLE & crawls.c.ended_at.is_(None) & (crawls.c.reason == PAUSED)


@dataclass(frozen=True, slots=True)
class DealerFacts:
    """What the `dealers` table says of a dealer; its file is the source."""

    name: str
    vertical: str
    title: str | None = None
    platform: str | None = None
    url: str | None = None
    country: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A crawl that may start: its id, and how many listings the last healthy crawls saw (newest first).

    `sections_before` has the same of each section, where it was walked to its end.
    """

    crawl_id: int
    seen_before: tuple[int, ...]
    sections_before: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    browser_first: bool = False
    """Whether its pages were empty without a browser not long ago."""


@dataclass(frozen=True, slots=True)
class Busy:
    """The dealer is being crawled by somebody else, at least until then."""

    owner: str
    until: datetime


@dataclass(frozen=True, slots=True)
class NotDue:
    """Somebody crawled the dealer meanwhile: its last whole crawl began then."""

    begun: datetime


@dataclass(slots=True)
class Report:
    """How a crawl went: the columns of its `crawls` row, and whether it proved its dealer's sitemaps honest or not."""

    outcome: str
    reason: str
    failure_class: str | None = None
    limited: bool = False
    narrowed: bool = False
    comparable: bool = False
    """Whether what it did not see may be gone; in which sections, each says for itself (`comparable`)."""

    pages: int = 0
    pages_unchanged: int = 0
    pages_skipped: int = 0
    pages_rendered: int = 0
    credits_used: int = 0
    listings_seen: int = 0
    listings_new: int = 0
    listings_changed: int = 0
    listings_unchanged: int = 0
    listings_dropped: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    fill: dict[str, float] = field(default_factory=dict)
    sections: dict[str, dict[str, Any]] = field(default_factory=dict)
    lastmod_proved: bool = False
    lastmod_missed: bool = False
    shells_seen: bool = False


def begin(
    engine: Engine,
    dealer: DealerFacts,
    owner: str,
    lease: timedelta,
    now: datetime,
    *,
    narrowed: bool,
    limited: bool,
    unless_since: datetime | None = None,
) -> Begun | Busy | NotDue:
    """Reserve a dealer and open its crawl, or say who has it; or that a whole crawl of it began after `unless_since`.

    A crawl of a lease that ran out (its process died) is closed as `stopped`. That a dealer is due is looked at while
    it is reserved: two who found it due at the same moment do not crawl it one after the other.
    """
    with engine.begin() as connection:
        dealer_id = _enter(connection, dealer)
        taken = connection.execute(
            update(dealers)
            .where(dealers.c.id == dealer_id, _free(owner, now))
            .values(lease_owner=owner, lease_until=now + lease)
        )
        if taken.rowcount == 0:
            row = connection.execute(
                select(dealers.c.lease_owner, dealers.c.lease_until).where(dealers.c.id == dealer_id)
            ).one()
            return Busy(row.lease_owner, row.lease_until)
        # What is still open is nobody's: the reservation is ours.
        whole = select(func.max(crawls.c.started_at)).where(_RAN | _WAITS, crawls.c.dealer_id == dealer_id)
        last: datetime | None = connection.execute(whole).scalar()
        if unless_since is not None and last is not None and last > unless_since:
            connection.rollback()
            return NotDue(last)
        connection.execute(
            update(crawls)
            .where(crawls.c.dealer_id == dealer_id, crawls.c.ended_at.is_(None))
            .values(ended_at=now, outcome="stopped", reason="its process ended without a word", failure_class="killed")
        )
        crawl_id = connection.execute(
            insert(crawls)
            .values(dealer_id=dealer_id, started_at=now, narrowed=narrowed, limited=limited)
            .returning(crawls.c.id)
        ).scalar_one()
        return Begun(crawl_id, *_seen_before(connection, dealer_id), _browser_first(connection, dealer_id, now))


def _free(owner: str, now: datetime) -> ColumnElement[bool]:
    """Whether a dealer may be reserved: nobody has it, any more, or the owner himself."""
    return or_(dealers.c.lease_until.is_(None), dealers.c.lease_until < now, dealers.c.lease_owner == owner)


def pause(engine: Engine, name: str, owner: str, crawl_id: int) -> None:
    """Give a dealer free and leave its crawl open, for `resume`. The next `begin` would close it."""
    with engine.begin() as connection:
        mine = (crawls.c.id == crawl_id) & crawls.c.ended_at.is_(None)
        connection.execute(update(crawls).where(mine).values(reason=PAUSED))
        held = (dealers.c.name == name) & (dealers.c.lease_owner == owner)
        connection.execute(update(dealers).where(held).values(lease_owner=None, lease_until=None))


def resume(
    engine: Engine, name: str, owner: str, lease: timedelta, now: datetime, *, crawl_id: int
) -> Begun | Busy | None:
    """Reserve a dealer again for a crawl that was paused, or say who has it. None where that crawl was closed."""
    with engine.begin() as connection:
        mine = (
            update(dealers)
            .where(dealers.c.name == name, _free(owner, now))
            .values(lease_owner=owner, lease_until=now + lease)
        )
        dealer_id = connection.execute(mine.returning(dealers.c.id)).scalar_one_or_none()
        if dealer_id is None:
            held = select(dealers.c.lease_owner, dealers.c.lease_until).where(dealers.c.name == name)
            row = connection.execute(held).one()
            return Busy(row.lease_owner, row.lease_until)
        still = (crawls.c.id == crawl_id) & crawls.c.ended_at.is_(None)
        if connection.execute(update(crawls).where(still).values(reason=None)).rowcount == 1:
            return Begun(crawl_id, *_seen_before(connection, dealer_id), _browser_first(connection, dealer_id, now))
        connection.execute(update(dealers).where(dealers.c.id == dealer_id).values(lease_owner=None, lease_until=None))
        return None


def renew(engine: Engine, names: Sequence[str], owner: str, until: datetime) -> set[str]:
    """Keep this process's leases for longer; the names of those that it still has."""
    with engine.begin() as connection:
        mine = dealers.c.name.in_(names) & (dealers.c.lease_owner == owner)
        connection.execute(update(dealers).where(mine).values(lease_until=until))
        return set(connection.execute(select(dealers.c.name).where(mine)).scalars())


def renew_each(engine: Engine, owners: Mapping[str, str], until: datetime) -> set[str]:
    """Keep leases of many owners (dealer → owner) for longer; the names of the dealers that still are theirs."""
    with engine.begin() as connection:
        owned = select(dealers.c.name, dealers.c.lease_owner).where(dealers.c.name.in_(list(owners)))
        kept = {name for name, owner in connection.execute(owned.order_by(dealers.c.name)) if owner == owners[name]}
        for name in sorted(kept):
            mine = (dealers.c.name == name) & (dealers.c.lease_owner == owners[name])
            connection.execute(update(dealers).where(mine).values(lease_until=until))
        return kept


def last_begun(engine: Engine, now: datetime) -> dict[str, datetime]:
    """When each dealer's last crawl began; none are trial runs, those of a part of its sections, and those that ended
    without a word or with their queue."""
    goes_on = _WHOLE & crawls.c.ended_at.is_(None) & (dealers.c.lease_until >= now)
    counted = or_(_RAN, _WAITS, goes_on)
    query = select(dealers.c.name, func.max(crawls.c.started_at)).join(crawls).where(counted).group_by(dealers.c.name)
    with engine.connect() as connection:
        return dict(connection.execute(query).all())


def ended(engine: Engine, crawl_id: int) -> tuple[str, str, str | None] | None:
    """Outcome, reason and failure class of a crawl; None while it runs (or where there is none)."""
    query = select(crawls.c.outcome, crawls.c.reason, crawls.c.failure_class)
    with engine.connect() as connection:
        row = connection.execute(query.where(crawls.c.id == crawl_id, crawls.c.ended_at.is_not(None))).one_or_none()
    return None if row is None else (row.outcome, row.reason or "", row.failure_class)


def end(
    engine: Engine,
    name: str,
    owner: str,
    crawl_id: int,
    report: Report,
    now: datetime,
    delist_after: int = HEALTHY_MISSES,
) -> bool:
    """Close a crawl, take away what is gone, and give its dealer free; all of it or nothing.

    False where somebody else closed it already: then nothing is taken away.
    """
    return in_turn(engine, lambda connection: _end(connection, name, owner, crawl_id, report, now, delist_after))


def _end(
    connection: Connection, name: str, owner: str, crawl_id: int, report: Report, now: datetime, delist_after: int
) -> bool:
    columns = asdict(report)
    proved, missed = columns.pop("lastmod_proved"), columns.pop("lastmod_missed")
    shells_seen = columns.pop("shells_seen")
    closed = connection.execute(
        update(crawls).where(crawls.c.id == crawl_id, crawls.c.ended_at.is_(None)).values(ended_at=now, **columns)
    )
    if closed.rowcount == 1:
        if proved or missed:
            _believe(connection, name, now, missed=missed)
        if shells_seen:
            connection.execute(update(dealers).where(dealers.c.name == name).values(shells_seen_at=now))
        if report.comparable:
            gone = delist(connection, crawl_id, delist_after, now)
            connection.execute(update(crawls).where(crawls.c.id == crawl_id).values(listings_delisted=gone))
    connection.execute(
        update(dealers)
        .where(dealers.c.name == name, dealers.c.lease_owner == owner)
        .values(lease_owner=None, lease_until=None)
    )
    return closed.rowcount == 1


def _believe(connection: Connection, name: str, now: datetime, *, missed: bool) -> None:
    """What a crawl proved of its dealer's sitemaps."""
    honest = update(dealers).where(dealers.c.name == name, dealers.c.lastmod_missed_at.is_(None))
    if missed:
        connection.execute(honest.values(lastmod_missed_at=now, lastmod_proofs=0))
    else:
        connection.execute(honest.values(lastmod_proofs=dealers.c.lastmod_proofs + 1))


def _enter(connection: Connection, dealer: DealerFacts) -> int:
    """The dealer's id; its row is made, or brought up to date with its file."""
    facts = asdict(dealer)
    insert_rows(connection, dealers, [facts | {"source": "file"}], unless=("name",))
    known = connection.execute(select(dealers).where(dealers.c.name == dealer.name)).mappings().one()
    if any(known[name] != value for name, value in facts.items()):
        connection.execute(update(dealers).where(dealers.c.id == known["id"]).values(**facts, source="file"))
    return int(known["id"])


def _browser_first(connection: Connection, dealer_id: int, now: datetime) -> bool:
    """Straight to the browser, as long as that is no old story: once in a while plain HTTP is tried again."""
    query = select(dealers.c.id).where(dealers.c.id == dealer_id, dealers.c.shells_seen_at > now - SHELLS_REMEMBERED)
    return connection.execute(query).first() is not None


def _seen_before(connection: Connection, dealer_id: int) -> tuple[tuple[int, ...], dict[str, tuple[int, ...]]]:
    query = (
        select(crawls.c.listings_seen, crawls.c.sections)
        .where(crawls.c.dealer_id == dealer_id, crawls.c.outcome == "healthy")
        .where(crawls.c.limited.is_(False), crawls.c.narrowed.is_(False))
        .order_by(crawls.c.started_at.desc())
        .limit(HISTORY)
    )
    rows = connection.execute(query).all()
    of_sections: dict[str, tuple[int, ...]] = {}
    for row in rows:
        for name, walk in (row.sections or {}).items():
            if walk.get("complete"):
                of_sections[name] = (*of_sections.get(name, ()), walk["listings"])
    return tuple(row.listings_seen for row in rows), of_sections

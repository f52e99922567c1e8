"""How fresh the data are: when they were last seen well, and which dealers' stock is older than it should be.

Read from dealers and crawls, never from the listings' rows, and kept for a few seconds: it stands beside every page.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, exists, func, literal, select

from api.filters import Filter
from inventory.tables import crawls, dealers, listings

KEPT_S: Final = 5.0
LONGEST_KEPT_S: Final = 60.0
QUICK_S: Final = 0.02
"""Reading what took less is nothing to save."""
LOOKED_BACK: Final = 6
"""Good crawls of a dealer from whose distances it is told when the next was due."""
FEWEST_GAPS: Final = 3
USUAL: Final = timedelta(days=7)
"""A dealer of which too few crawls are known is expected to be seen well once in this time."""
SOONEST: Final = timedelta(days=1)
"""However often a dealer is crawled, its stock is not called stale before."""
MOST_STALE: Final = 20
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sight:
    """When a dealer was last seen well (None: never), and within which time that was expected again.

    `stocked`: it has listings on offer, so that their age matters to somebody.
    """

    dealer: str
    vertical: str
    last_good: datetime | None
    expected_within: timedelta
    stocked: bool = True

    def stale(self, now: datetime) -> bool:
        """Whether its stock is older than expected."""
        return self.stocked and (self.last_good is None or now - self.last_good > self.expected_within)


def expected_within(good: Iterable[datetime]) -> timedelta:
    """Within which time the next good crawl is expected: three times the median distance of those before."""
    times = sorted(good)
    gaps_s = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    return max(timedelta(seconds=3 * median(gaps_s)), SOONEST) if len(gaps_s) >= FEWEST_GAPS else USUAL


def freshness(
    sights: Sequence[Sight], filters: Iterable[Filter], now: datetime, as_of: date | None = None
) -> dict[str, Any]:
    """`data_as_of` and `stale_dealers` of the dealers that the filters leave, now or at the end of a day. Pure."""
    concerned = _concerned(sights, filters)
    stale = sorted((sight for sight in concerned if sight.stale(now)), key=lambda sight: sight.last_good or _EVER)
    return {
        "as_of": as_of,
        "data_as_of": max((sight.last_good for sight in concerned if sight.last_good), default=None),
        "stale_dealers": {
            "count": len(stale),
            "dealers": [
                {
                    "dealer": sight.dealer,
                    "last_good_at": sight.last_good,
                    "expected_within_hours": round(sight.expected_within / timedelta(hours=1), 1),
                }
                for sight in stale[:MOST_STALE]
            ],
            "truncated": len(stale) > MOST_STALE,
        },
    }


def _concerned(sights: Sequence[Sight], filters: Iterable[Filter]) -> Sequence[Sight]:
    for filter_ in filters:
        if filter_.operator == "in" and filter_.column.name == "dealer":
            sights = [sight for sight in sights if sight.dealer in filter_.values]
        elif filter_.operator == "in" and filter_.column.name == "vertical":
            sights = [sight for sight in sights if sight.vertical in filter_.values]
    return sights


class Sights:
    """What is known of all dealers, read anew when it is older than a few seconds. Threads share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: tuple[float, list[Sight]] | None = None
        self._of_version: tuple[str, list[Sight]] | None = None
        self._names: frozenset[str] = frozenset()
        self._told: tuple[Sequence[Sight], int, dict[str, Any]] | None = None
        self._ingested = LastIngested(clock)

    def names(self) -> frozenset[str]:
        """Of the dealers that were last read."""
        return self._names

    def told(self, known: Sequence[Sight], filters: Iterable[Filter], now: datetime) -> dict[str, Any]:
        """`freshness` of what is known, reckoned once a second: it stands beside every page."""
        filters = [one for one in filters if one.column.name in ("dealer", "vertical")]
        if filters:
            return freshness(known, filters, now)
        second = int(now.timestamp())
        told = self._told
        if told is None or told[0] is not known or told[1] != second:
            told = self._told = known, second, freshness(known, (), now)
        return told[2]

    def known_at(self, connection: Connection, version: str) -> list[Sight]:
        """As of this version of the data, for an answer that is kept as long as that stands."""
        kept = self._of_version
        if kept is None or kept[0] != version:
            kept = self._of_version = version, read_sights(connection, ingested=self._ingested)
            self._names = frozenset(sight.dealer for sight in kept[1])
        return kept[1]

    def known(self, connection: Connection) -> list[Sight]:
        """One of the threads reads, the others take what was known before."""
        kept = self._kept
        if kept is not None and (self._clock() - kept[0] < KEPT_S or not self._lock.acquire(blocking=False)):
            return kept[1]
        if kept is None:
            self._lock.acquire()
        try:
            if self._kept is None or self._clock() - self._kept[0] >= KEPT_S:
                found = read_sights(connection, ingested=self._ingested)
                self._kept = self._clock(), found
                self._names = frozenset(sight.dealer for sight in found)
            return self._kept[1]
        finally:
            self._lock.release()


def last_ingested(connection: Connection, dealer_ids: Sequence[int]) -> dict[int, datetime]:
    """When a listing of each dealer was last seen. It reads all of them: no index holds what every sight changes."""
    return {id_: seen for id_, seen in connection.execute(_last_seen(dealer_ids)) if seen is not None}


class LastIngested:
    """`last_ingested`, kept for a hundred times as long as it took to read, at most a minute; what took next to nothing
    is read each time. Threads share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: tuple[float, frozenset[int], dict[int, datetime]] = 0.0, frozenset(), {}

    def __call__(self, connection: Connection, dealer_ids: Sequence[int]) -> dict[int, datetime]:
        """As of now, or of up to a minute ago."""
        with self._lock:
            until, of_dealers, found = self._kept
            started = self._clock()
            if started < until and of_dealers == frozenset(dealer_ids):
                return found
            found = last_ingested(connection, dealer_ids)
            took_s = self._clock() - started
            holds_s = min(took_s * 100, LONGEST_KEPT_S) if took_s > QUICK_S else 0.0
            self._kept = self._clock() + holds_s, frozenset(dealer_ids), found
            return found


def read_sights(
    connection: Connection,
    before: datetime | None = None,
    ingested: Callable[[Connection, Sequence[int]], dict[int, datetime]] = last_ingested,
) -> list[Sight]:
    """Of each dealer, from its last good crawls (`before` then); of one that was never crawled (it is ingested) when
    its listings were last seen."""
    found: dict[int, tuple[Any, list[datetime]]] = {}
    for row in connection.execute(_good_crawls(before)):
        found.setdefault(row.id, (row, []))[1].extend([] if row.ended_at is None else [row.ended_at])
    never_crawled = [id_ for id_, (row, _) in found.items() if not row.crawled]
    seen = ingested(connection, never_crawled) if never_crawled else {}
    return [
        Sight(
            row.name,
            row.vertical,
            max(good, default=seen.get(id_)),
            expected_within(good),
            stocked=bool(row.stocked),
        )
        for id_, (row, good) in found.items()
    ]


def _good_crawls(before: datetime | None) -> Select[Any]:
    """Each dealer with the ends of its last good crawls, a row each (one with null where there is none)."""
    older = crawls.alias("older")
    good_before = and_(older.c.outcome == "healthy", older.c.limited.is_(False), older.c.narrowed.is_(False))
    good = and_(crawls.c.outcome == "healthy", crawls.c.limited.is_(False), crawls.c.narrowed.is_(False))
    if before is not None:
        good_before, good = and_(good_before, older.c.ended_at < before), and_(good, crawls.c.ended_at < before)
    first = (
        select(older.c.started_at)
        .where(older.c.dealer_id == dealers.c.id, good_before)
        .order_by(older.c.started_at.desc())
        .limit(1)
        .offset(LOOKED_BACK - 1)
        .correlate(dealers)
        .scalar_subquery()
    )
    recent = crawls.c.started_at >= func.coalesce(first, literal(_EVER, crawls.c.started_at.type))
    any_crawl = crawls.alias("any_crawl")
    crawled = exists(select(1).where(any_crawl.c.dealer_id == dealers.c.id).correlate(dealers))
    # The index of what is on offer has this condition written out.
    active = listings.c.status == literal("active", literal_execute=True)
    stocked = exists(select(1).where(listings.c.dealer_id == dealers.c.id, active).correlate(dealers))
    return select(
        dealers.c.id,
        dealers.c.name,
        dealers.c.vertical,
        crawls.c.ended_at,
        crawled.label("crawled"),
        stocked.label("stocked"),
    ).select_from(dealers.outerjoin(crawls, and_(crawls.c.dealer_id == dealers.c.id, good, recent)))


def _last_seen(dealer_ids: Sequence[int]) -> Select[Any]:
    columns = listings.c
    seen = func.max(columns.last_seen)
    return select(columns.dealer_id, seen).where(columns.dealer_id.in_(dealer_ids)).group_by(columns.dealer_id)

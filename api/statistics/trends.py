"""How the stock developed: for each period and group what was on offer at its end, what came, what went, and for how
much. From events; the columns of groups and filters are as they are today. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnElement,
    Double,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB

from api.columns import ApiColumn
from api.parameters import ListQuery
from api.queries.lists import matches
from api.statistics.days_on_market import whole_days
from api.statistics.facets import statistic
from api.statistics.percentiles import summarised
from api.statistics.periods import Period
from api.statistics.stats import StatsQuery, scope_names
from inventory.tables import crawls, dealers, events, listings

TRENDS: Final = statistic("trends", "group_by", "every", "from", "to", dedup=False)
MOST_ROWS: Final = 10_000
SUPPLY_DAYS: Final = 45
"""Market days supply: units on offer / (units whose offer ended in so many days / so many days)."""
_BEGIN: Final = ("listed", "relisted")
_END: Final = ("delisted", "sold_marked")
_TIME: Final = events.c.at.type


@dataclass(slots=True)
class Trend:
    """The statements of a trend. Each gives the period's number, the group's values, and what it is about."""

    query: ListQuery
    by: tuple[ApiColumn, ...]
    periods: Sequence[Period]
    dialect: str
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def end_of(self, period: Period) -> datetime:
        """When a period ends: now, where it is not over."""
        return min(period.ends, self.now)

    def active_units(self) -> Select[Any]:
        """How many units (and listings) were on offer at the end of each period."""
        offered, periods = self._offered(), self._periods()
        return self._counted(offered, periods, _at_end(offered, periods), func.count())

    def new_units(self) -> Select[Any]:
        """How many units were offered for the first time in each period."""
        offered, periods = self._offered(), self._periods()
        first = select(offered.c.unit, func.min(offered.c.start).label("start")).group_by(offered.c.unit).cte("first")
        came = and_(offered.c.start >= periods.c.begins, offered.c.start < periods.c.ends)
        counted = self._counted(offered, periods, came, func.count())
        return counted.join(first, and_(first.c.unit == offered.c.unit, first.c.start == offered.c.start))

    def gone_units(self) -> Select[Any]:
        """How many units ended their offer in each period, or (of those that were seen on offer) in the last days of
        market days supply, and were not on offer at its end."""
        offered, periods = self._offered(), self._periods()
        other = offered.alias("other")
        still = (
            select(literal_column("1"))
            .select_from(other)
            .where(other.c.unit == offered.c.unit, _at_end(other, periods))
            .correlate(offered, periods)
            .exists()
        )
        keys = [periods.c.number, *self._keys(offered)]
        lately = and_(offered.c.end >= periods.c.lately, offered.c.end > offered.c.start)
        ended = and_(or_(offered.c.end >= periods.c.begins, lately), offered.c.end < periods.c.ends)
        counts = (
            func.count(case((condition, offered.c.unit)).distinct())
            for condition in (offered.c.end >= periods.c.begins, lately)
        )
        return (
            select(*keys, *counts)
            .select_from(periods.join(offered, and_(ended, ~still)))
            .group_by(*keys)
            .limit(MOST_ROWS + 1)
        )

    def asking(self) -> Select[Any]:
        """What was asked for at the end of each period, by currency; in its scope what the prices are for, today."""
        offered, periods = self._offered(), self._periods()
        price, currency = self._steps("price"), self._steps("currency")
        joined = periods.join(offered, _at_end(offered, periods)).join(listings, listings.c.id == offered.c.listing_id)
        for steps in (price, currency):
            joined = joined.outerjoin(
                steps,
                and_(
                    steps.c.listing_id == offered.c.listing_id,
                    periods.c.ends <= steps.c.until,
                    or_(steps.c.since.is_(None), periods.c.ends > steps.c.since),
                ),
            )
        keys = [periods.c.number, *self._keys(offered)]
        was_currency = case((currency.c.listing_id.is_(None), listings.c.currency), else_=currency.c.was)
        was_price = case(
            (price.c.listing_id.is_(None), cast(listings.c.price, Double)), else_=cast(price.c.was, Double)
        )
        scope = scope_names(self.asked_for())
        about = (listings.c[name] for name in scope)
        rows = select(*keys, was_currency.label("currency"), *about, was_price.label("value")).select_from(joined)
        return summarised(rows, len(keys) + 1, MOST_ROWS + 1, self.dialect, scope=scope)

    def asked_for(self) -> StatsQuery:
        """What is summarised by `asking`: prices, kept apart by the groups and by currency."""
        return StatsQuery("price", (*(column.name for column in self.by), "currency"), by_unit=False)

    def days(self, *, ended: bool) -> Select[Any]:
        """Days on market of what ended in each period, or of what was on offer at its end."""
        offered, periods = self._offered(), self._periods()
        on = _ended_in(offered, periods) if ended else _at_end(offered, periods)
        until = offered.c.end if ended else periods.c.ends
        keys = [periods.c.number, *self._keys(offered)]
        value = whole_days(offered.c.start, until, self.dialect).label("value")
        rows = select(*keys, value).select_from(periods.join(offered, on))
        return summarised(rows, len(keys), MOST_ROWS + 1, self.dialect)

    def _counted(self, offered: Any, periods: Any, on: ColumnElement[bool], number: Any) -> Select[Any]:
        keys = [periods.c.number, *self._keys(offered)]
        return (
            select(*keys, func.count(offered.c.unit.distinct()), number)
            .select_from(periods.join(offered, on))
            .group_by(*keys)
            .limit(MOST_ROWS + 1)
        )

    def _keys(self, offered: Any) -> list[Any]:
        return [offered.c[f"by_{number}"] for number in range(len(self.by))]

    def _periods(self) -> CTE:
        """A row a period: its number, `begins`, `ends` (now, where it is not over), and when the days of market days
        supply began."""
        rows = [
            select(
                literal(number).label("number"),
                literal(period.begins, _TIME).label("begins"),
                literal(self.end_of(period), _TIME).label("ends"),
                literal(self.end_of(period) - timedelta(days=SUPPLY_DAYS), _TIME).label("lately"),
            )
            for number, period in enumerate(self.periods)
        ]
        return union_all(*rows).cte("periods")

    def _offered(self) -> CTE:
        """The times in which each listing of the query was on offer, with its unit and its group."""
        columns = self.query.resource.columns
        used = [*self.by, *(one.column for one in self.query.filters), columns["id"]]
        next_at = func.lead(events.c.at).over(partition_by=events.c.listing_id, order_by=events.c.id)
        sold = and_(events.c.kind == "listed", self._said("price_status", 1) == "sold")
        turns = (
            select(
                events.c.listing_id,
                events.c.kind,
                func.coalesce(listings.c.unit_id, -listings.c.id).label("unit"),
                *(column.source.label(f"by_{number}") for number, column in enumerate(self.by)),
                case((events.c.kind == "listed", listings.c.first_seen), else_=events.c.at).label("start"),
                case((sold, listings.c.first_seen), else_=next_at).label("end"),
            )
            .select_from(self.query.resource.tables_for(used).join(events, events.c.listing_id == listings.c.id))
            .where(
                events.c.kind.in_((*_BEGIN, *_END)),
                *matches(self.query.resource, self.query.filters, self.dialect, by_unit=False),
            )
        ).subquery("turns")
        kept = [column for column in turns.c if column.name not in ("start", "end")]
        times = [type_coerce(turns.c[name], _TIME).label(name) for name in ("start", "end")]
        return select(*kept, *times).where(turns.c.kind.in_(_BEGIN)).cte("offered")

    def _steps(self, name: str) -> Any:
        """Until when (and since when, if it changed before) a field had the value that an event says it had."""
        return (
            select(
                events.c.listing_id,
                events.c.at.label("until"),
                func.lag(events.c.at).over(partition_by=events.c.listing_id, order_by=events.c.id).label("since"),
                self._said(name, 0).label("was"),
            )
            .where(
                events.c.at >= self.periods[0].begins,
                events.c.kind != "listed",
                self._tells(name),
            )
            .subquery(f"{name}_steps")
        )

    def _tells(self, name: str) -> ColumnElement[bool]:
        if self.dialect == "postgresql":
            return type_coerce(events.c.changes, JSONB).has_key(literal_column(f"'{name}'"))  # type: ignore[no-any-return]
        return func.json_type(events.c.changes, f"$.{name}").is_not(None)

    def _said(self, name: str, place: int) -> ColumnElement[Any]:
        """What an event says that a field was (0) or became (1)."""
        if self.dialect == "postgresql":
            return events.c.changes.op("->")(literal_column(f"'{name}'")).op("->>")(literal_column(str(place)))
        return func.json_extract(events.c.changes, f"$.{name}[{place}]")


def market_days_supply(active: int, ended: int) -> float | None:
    """For how many days what is on offer lasts if as many units go as in the last days; None where none went. Pure."""
    return round(active / (ended / SUPPLY_DAYS), 1) if ended else None


def first_event() -> Select[Any]:
    """When anything was first known to happen."""
    return select(func.min(events.c.at, type_=_TIME))


def _at_end(offered: Any, periods: Any) -> ColumnElement[bool]:
    return and_(offered.c.start < periods.c.ends, or_(offered.c.end.is_(None), offered.c.end >= periods.c.ends))


def _ended_in(offered: Any, periods: Any) -> ColumnElement[bool]:
    return and_(offered.c.end >= periods.c.begins, offered.c.end < periods.c.ends)


def good_crawls(since: datetime) -> Select[Any]:
    """Dealer, when a whole healthy crawl of it ended; of dealers without one, a row without a time."""
    good = and_(
        crawls.c.dealer_id == dealers.c.id, crawls.c.outcome == "healthy", crawls.c.limited.is_(False),
        crawls.c.narrowed.is_(False), crawls.c.ended_at >= since,
    )  # fmt: skip
    return select(dealers.c.name, crawls.c.ended_at).select_from(dealers.outerjoin(crawls, good))


def first_crawls() -> Select[Any]:
    """Dealer, when it was first crawled."""
    first = func.min(crawls.c.started_at, type_=_TIME)
    return select(dealers.c.name, first).join(crawls, crawls.c.dealer_id == dealers.c.id).group_by(dealers.c.name)

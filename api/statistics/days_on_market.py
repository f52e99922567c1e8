"""How many days listings are or were on the market, in SQL. The rule is inventory/store/market_days.py's: the last time
on offer, from when it was listed (or relisted) until now or until it was sold or gone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Double, FromClause, and_, case, cast, extract, func, literal, or_, select

from api.resources import Resource
from inventory.tables import events

DAYS: Final = "days_on_market"


def _is(column: Any, *kinds: str) -> ColumnElement[bool]:
    """Written out, so that an index of these kinds serves."""
    return or_(*(column == literal(kind, literal_execute=True) for kind in kinds))


def days_on_market(
    resource: Resource, tables: FromClause, dialect: str, until: datetime | None = None
) -> tuple[FromClause, ColumnElement[Any]]:
    """The tables with what the days need beside them, and the days (whole ones), null where there is no end.

    Times that go on are counted `until` then, usually now; what happened since is not looked at.
    """
    columns = {name: resource.columns[name].source for name in ("id", "status", "first_seen")}
    # Of a past day it is not known, but by the event.
    gone_at = [resource.columns["gone_at"].source] if "gone_at" in resource.columns else []
    begins = (
        select(events.c.listing_id, func.max(events.c.at).label("at"))
        .where(_is(events.c.kind, "relisted"), *([] if until is None else [events.c.at < until]))
        .group_by(events.c.listing_id)
        .subquery("begun_again")
    )
    turns = events.alias("turns")
    begun = func.coalesce(begins.c.at, columns["first_seen"])
    ends = (
        select(turns.c.listing_id, func.min(turns.c.at).label("at"))
        .select_from(turns.outerjoin(begins, begins.c.listing_id == turns.c.listing_id))
        .where(
            _is(turns.c.kind, "delisted", "sold_marked"),
            *([] if until is None else [turns.c.at < until]),
            (begins.c.at.is_(None)) | (turns.c.at >= begins.c.at),
        )
        .group_by(turns.c.listing_id)
        .subquery("ended")
    )
    joined = tables.outerjoin(begins, begins.c.listing_id == columns["id"]).outerjoin(
        ends, and_(ends.c.listing_id == columns["id"], columns["status"] != "active")
    )
    now = func.now() if until is None else literal(min(until, datetime.now(UTC)), events.c.at.type)
    # Sold when first seen: it was on offer for no time.
    end = case((columns["status"] == "active", now), else_=func.coalesce(ends.c.at, *gone_at, begun))
    return joined, whole_days(begun, end, dialect)


def whole_days(begun: Any, end: Any, dialect: str) -> ColumnElement[Any]:
    """Whole days between two times, never less than none."""
    if dialect == "postgresql":
        days = func.floor(extract("epoch", end - begun) / 86400)
        return func.greatest(cast(days, Double), 0.0)
    seconds = func.round((func.julianday(end) - func.julianday(begun)) * 86400, 3)  # a day's fraction is not exact
    return func.max(cast(func.floor(seconds / 86400), Double), 0.0)

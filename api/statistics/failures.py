"""What failed, as a list: crawls that ended badly, or in which some requests did."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Text, and_, cast, or_

from api.columns import by_name
from api.resources import Join, Resource, described
from inventory.tables import crawls, dealers

_COLUMNS: Final[tuple[tuple[str, Any, bool], ...]] = (
    ("crawl_id", crawls.c.id, False),
    ("dealer", dealers.c.name, False),
    ("outcome", crawls.c.outcome, False),
    ("class", crawls.c.failure_class, True),
    ("message", crawls.c.reason, True),
    ("errors", crawls.c.errors, True),
    ("first_at", crawls.c.started_at, False),
    ("last_at", crawls.c.ended_at, True),
    ("vertical", dealers.c.vertical, False),
    ("pages", crawls.c.pages, False),
    ("listings_seen", crawls.c.listings_seen, False),
)
_WITH_ERRORS: Final = and_(crawls.c.errors.is_not(None), cast(crawls.c.errors, Text).not_in(("{}", "null")))
FAILURES: Final = Resource(
    "failures",
    by_name(
        "failures",
        (described("failures", column, name=name, nullable=nullable) for name, column, nullable in _COLUMNS),
    ),
    crawls,
    "-crawl_id",
    joins=(Join(dealers, dealers.c.id == crawls.c.dealer_id),),
    identity=("crawl_id",),
    condition=or_(crawls.c.outcome.in_(("failed", "stopped")), crawls.c.failure_class.is_not(None), _WITH_ERRORS),
)

"""What failed, as lists: crawls that ended badly or in which some requests did, and those requests."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Text, and_, cast, or_

from api.columns import ApiColumn, api_column, by_name
from api.resources import Join, Resource, described
from inventory.tables import crawls, dealers, failures

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


def _described(resource: str, name: str, column: Any, *, nullable: bool) -> ApiColumn:
    return described(resource, column, name=name, nullable=nullable)


_REQUEST_COLUMNS: Final[tuple[tuple[str, Any, bool], ...]] = (
    ("id", failures.c.id, False),
    ("crawl_id", failures.c.crawl_id, False),
    ("dealer", dealers.c.name, False),
    ("url", failures.c.url, False),
    ("section", failures.c.section, False),
    ("class", failures.c.failure_class, False),
    ("status", failures.c.status, True),
    ("message", failures.c.message, False),
    ("attempts", failures.c.attempts, False),
    ("first_at", failures.c.first_at, False),
    ("last_at", failures.c.last_at, False),
    ("requeued", failures.c.requeued, False),
    ("resolved_at", failures.c.resolved_at, True),
    ("vertical", dealers.c.vertical, False),
)
_PLAIN: Final = frozenset({"status"})
"""Names that mean something else here than in the other lists, whose words they would get."""
FAILED_REQUESTS: Final = Resource(
    "failed_requests",
    by_name(
        "failed_requests",
        (
            api_column("failed_requests", "kind", failures.c.kind, words=("section", "detail")),
            *(
                (api_column if name in _PLAIN else _described)("failed_requests", name, column, nullable=nullable)
                for name, column, nullable in _REQUEST_COLUMNS
            ),
        ),
    ),
    failures,
    "-id",
    joins=(Join(dealers, dealers.c.id == failures.c.dealer_id),),
)

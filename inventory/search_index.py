"""The database's own index of words (migration 0010), which triggers on `listings` keep on both databases.

It is no table of `inventory.tables`: SQLite's is a virtual one, PostgreSQL's has a type of its own.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, column, table

SEARCH_INDEX: Final = table("listing_search", column("listing_id", BigInteger), column("words"))
"""PostgreSQL: listing → tsvector."""

FTS_INDEX: Final = table("listing_search", column("rowid", BigInteger), column("listing_search"))
"""SQLite (FTS5): the row's number is the listing's; its last column is the table itself, as MATCH wants it."""

_OURS: Final = ("listing_search", "ix_listings_place")


def is_declared(name: str | None, kind: str, _parents: Any) -> bool:
    """Alembic's `include_name`: whether a table or index found in the database stands in `inventory.tables`."""
    return kind not in ("table", "index") or not (name or "").startswith(_OURS)

"""One crawl. Pure: id → SELECT."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from api.resources import CRAWLS
from api.rows import read_as
from inventory.tables import crawls


def whole_crawl(crawl_id: int, dialect: str) -> Select[Any]:
    """All its columns, the wide ones too."""
    columns = CRAWLS.columns.values()
    return (
        select(*(read_as(column, dialect) for column in columns))
        .select_from(CRAWLS.tables_for(columns))
        .where(crawls.c.id == crawl_id)
    )

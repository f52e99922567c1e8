"""The dealers of a run whose time has come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from crawler.dealers.due import is_due
from crawler.spiders.plan import Planned
from inventory.engine import writer_engine
from inventory.ledger import last_begun
from inventory.settings import Settings


def due_of(planned: Iterable[Planned], settings: Settings) -> list[Planned]:
    """Those whose last crawl began `every` ago or longer. The database has its tables; raises SQLAlchemy's errors."""
    engine = writer_engine(settings)
    try:
        now = datetime.now(UTC)
        begun = last_begun(engine, now)
    finally:
        engine.dispose()
    return [entry for entry in planned if is_due(entry.dealer, begun.get(entry.dealer.name), now)]

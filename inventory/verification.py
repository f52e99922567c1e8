"""When a dealer was last looked at by `scrapy dealers check`, and what was found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Engine, select, update

from inventory.ledger import DealerFacts
from inventory.store.many_rows import insert_rows
from inventory.tables import dealers


@dataclass(frozen=True, slots=True)
class Verified:
    """A dealer's last check: `healthy`, or a class of failure as in `crawls.failure_class`."""

    at: datetime
    outcome: str


def note_verified(engine: Engine, dealer: DealerFacts, outcome: str, at: datetime) -> None:
    """Write down a check; a dealer that was never crawled gets its row. An older check never replaces a later one."""
    with engine.begin() as connection:
        insert_rows(connection, dealers, [asdict(dealer) | {"source": "file"}], unless=("name",))
        earlier = dealers.c.verified_at.is_(None) | (dealers.c.verified_at < at)
        connection.execute(
            update(dealers)
            .where(dealers.c.name == dealer.name, earlier)
            .values(verified_at=at, verified_outcome=outcome)
        )


def verified(engine: Engine) -> dict[str, Verified]:
    """Each checked dealer's last check, by name."""
    query = select(dealers.c.name, dealers.c.verified_at, dealers.c.verified_outcome)
    with engine.connect() as connection:
        rows = connection.execute(query.where(dealers.c.verified_at.is_not(None)))
        return {name: Verified(at, outcome) for name, at, outcome in rows}

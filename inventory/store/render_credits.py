"""Credits of the hosted rendering API by day: several processes share what one day may cost."""

from __future__ import annotations

from sqlalchemy import Engine, update

from inventory.store.many_rows import insert_rows
from inventory.tables import render_credits


def reserve(engine: Engine, day: str, credits: int, budget: int) -> bool:
    """Set so many credits of a day (ISO 8601) aside, all or none; False where the day's budget does not have them."""
    with engine.begin() as connection:
        insert_rows(connection, render_credits, [{"day": day, "credits": 0, "requests": 0}], unless=("day",))
        taken = connection.execute(
            update(render_credits)
            .where(render_credits.c.day == day, render_credits.c.credits + credits <= budget)
            .values(credits=render_credits.c.credits + credits, requests=render_credits.c.requests + 1)
        )
        return taken.rowcount == 1


def settle(engine: Engine, day: str, reserved: int, used: int) -> None:
    """What a request cost in the end, in place of what was set aside for it."""
    if reserved == used:
        return
    with engine.begin() as connection:
        connection.execute(
            update(render_credits)
            .where(render_credits.c.day == day)
            .values(credits=render_credits.c.credits - reserved + used)
        )

"""What rendering may cost, shared by several processes: credits of the hosted API by day, drawn pages by crawl."""

from __future__ import annotations

from sqlalchemy import Engine, update

from inventory.store.many_rows import insert_rows
from inventory.tables import crawls, render_credits


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


def draw(engine: Engine, crawl_id: int, budget: int) -> bool:
    """Count one page of a crawl that a browser draws; False where all its workers together have drawn so many."""
    with engine.begin() as connection:
        counted = connection.execute(
            update(crawls)
            .where(crawls.c.id == crawl_id, crawls.c.pages_rendered < budget)
            .values(pages_rendered=crawls.c.pages_rendered + 1)
        )
        return counted.rowcount == 1


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

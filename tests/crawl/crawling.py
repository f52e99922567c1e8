"""Runs `scrapy crawl` as a user does: a process of its own, with an environment, and what it stored."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import select

from inventory.engine import reader_engine
from inventory.settings import load_settings
from inventory.tables import crawls, dealers, events, listings, pages

ROOT = Path(__file__).parents[2]


def environment(database_url: str, **more: str) -> dict[str, str]:
    """A clean environment: nothing of the machine's own settings but what a process needs."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    # Warnings of our own code are errors in the crawler's process too.
    return kept | {"DATABASE_URL": database_url, "PYTHONWARNINGS": "error:::crawler,error:::pipelines"} | more


def start(
    vertical: str, env: dict[str, str], *arguments: str, max_file_bytes: int | None = None
) -> subprocess.Popen[str]:
    """`scrapy crawl VERTICAL …`, running; no file that it writes may grow beyond `max_file_bytes`."""
    command = [sys.executable, "-m", "scrapy", "crawl", vertical, *arguments]
    if max_file_bytes is not None:
        command = ["prlimit", f"--fsize={max_file_bytes}", *command]
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def crawl(vertical: str, env: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    """`scrapy crawl VERTICAL …`, run to its end: exit status, standard output, standard error."""
    process = start(vertical, env, *arguments)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def rows(database_url: str, table: str) -> list[dict[str, Any]]:
    """All rows of a table, with the dealer's name where there is a dealer."""
    tables = {"listings": listings, "crawls": crawls, "events": events, "pages": pages, "dealers": dealers}
    source = tables[table]
    query = select(source)
    if "dealer_id" in source.c:
        query = select(source, dealers.c.name.label("dealer")).join(dealers)
    engine = reader_engine(load_settings(database_url=database_url))
    try:
        with engine.connect() as connection:
            return [dict(row) for row in connection.execute(query.order_by(source.c.id)).mappings()]
    finally:
        engine.dispose()

"""Runs Scrapy's commands as a user does, with an environment of their own, and reads what they stored."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from inventory.engine import reader_engine
from inventory.settings import load_settings
from inventory.tables import crawls, dealers, events, failures, listings, pages
from tests.servers.warm_scrapy import run

ROOT = Path(__file__).parents[2]


def environment(database_url: str, **more: str) -> dict[str, str]:
    """A clean environment: nothing of the machine's own settings but what a process needs."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    # Warnings of our own code are errors in the crawler's process too. What fails is asked again without long waits.
    warned = {"PYTHONWARNINGS": "error:::crawler,error:::pipelines"}
    waits = {"RETRY_BACKOFF_S": "0.02", "BREAKER_PAUSE_S": "0.1"}
    return kept | {"DATABASE_URL": database_url} | warned | waits | more


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
    return scrapy(env, "crawl", vertical, *arguments)


def scrapy(env: Mapping[str, str], *arguments: str, fed: bytes = b"", timeout_s: float = 120) -> tuple[int, str, str]:
    """`scrapy …`, run to its end in a warm process: exit status, standard output, standard error."""
    done = run(arguments, env, fed=fed, timeout_s=timeout_s)
    return done.status, done.out.decode(), done.err.decode()


def scrapy_of_its_own(env: Mapping[str, str], *arguments: str, fed: bytes = b"") -> tuple[int, str, str]:
    """The same in a process that is really started: what a start imports and checks is seen here only."""
    command = [sys.executable, "-m", "scrapy", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=env, input=fed, capture_output=True, timeout=120, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def rows(database_url: str, table: str) -> list[dict[str, Any]]:
    """All rows of a table, with the dealer's name where there is a dealer."""
    tables = {found.name: found for found in (crawls, dealers, events, failures, listings, pages)}
    source = tables[table]
    query = select(source)
    if "dealer_id" in source.c:
        query = select(source, dealers.c.name.label("dealer")).join(dealers, dealers.c.id == source.c.dealer_id)
    engine = reader_engine(load_settings(database_url=database_url))
    try:
        with engine.connect() as connection:
            return [dict(row) for row in connection.execute(query.order_by(source.c.id)).mappings()]
    finally:
        engine.dispose()

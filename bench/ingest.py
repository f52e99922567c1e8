"""`scrapy ingest` of made listings, measured while it runs: `python -m bench.ingest 1000000 --jobs 2`.

Makes the lines (bench/ingest_lines.py) in a file, starts `scrapy ingest` on it as anybody would, and prints a row for
each 50,000 listings stored: listings a second, milliseconds of processor time a listing (the command with its
processes that infer; PostgreSQL's whole server, where it is our own), and the greatest memory that the command held.
At the end the rate of the last 100,000 by that of 50,000 to 150,000. The database is DATABASE_URL if it is set, which
must be empty, else a PostgreSQL of its own (--sqlite: a file of its own), which goes at the end.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from bench.ingest_lines import lines
from bench.processes import children, used_by
from inventory.engine import reader_engine
from inventory.settings import load_settings
from inventory.tables import events, listing_keys, listing_pairs, listings, units
from tests.servers.postgres import running_postgres

ROOT: Final = Path(__file__).parents[1]
LOOK_S: Final = 0.5
EARLY: Final = (50_000, 150_000)
LAST: Final = 100_000
WANTED: Final = 0.8


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at one time."""

    at: float
    stored: int
    command_cpu_s: float
    server_cpu_s: float
    memory_mb: float


def main() -> int:
    """Measures one ingest. Exit status 1 where the last rate is less than 0.8 of the early one, or it failed."""
    parser = argparse.ArgumentParser(prog="python -m bench.ingest", description=__doc__.partition("\n\n")[0])
    parser.epilog = "DATABASE_URL (empty) is used if it is set, else a PostgreSQL of its own."
    parser.add_argument("count", type=int, nargs="?", default=200_000, help="how many listings (200,000)")
    parser.add_argument("--jobs", type=int, default=2, help="processes that infer (2)")
    parser.add_argument("--every", type=int, default=50_000, help="listings a row (50,000)")
    parser.add_argument("--sqlite", action="store_true", help="store in an SQLite file of its own")
    opts = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="yardstick-bench-")))
        url = os.environ.get("DATABASE_URL")
        if opts.sqlite:
            url = f"sqlite:///{folder / 'bench.sqlite'}"
        server = None
        if not url:
            url = stack.enter_context(running_postgres())
            server = _newest_server()
        file = folder / "listings.jsonl"
        _make(file, opts.count)
        looks = list(_ingest(file, url, opts.jobs, opts.every, server, folder))
    return _judged(looks, opts.count)


def _make(file: Path, count: int) -> None:
    started = time.monotonic()
    with file.open("wb") as out:
        for record in lines(count, seed=1, again=0.2):
            del record["unit"]
            out.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
    said = f"{count:,} lines, {file.stat().st_size / 1e6:,.0f} MB, made in {time.monotonic() - started:.0f} s"
    print(said, flush=True)


def _ingest(file: Path, url: str, jobs: int, every: int, server: int | None, folder: Path) -> Iterator[Look]:
    """A look before the first listing, and one each time that so many more are stored; prints a row for each."""
    environment = {**os.environ, "DATABASE_URL": url}
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "scrapy", "ingest", str(file), "--jobs", str(jobs)]
        running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    engine = reader_engine(load_settings(database_url=url, database_read_url=url))
    try:
        yield from _watched(running, engine, every, server)
        print((folder / "log").read_text()[-600:].strip())
        with engine.connect() as connection:
            for table in (listings, units, listing_keys, listing_pairs, events):
                print(f"{table.name} {connection.execute(select(func.count()).select_from(table)).scalar_one():,}")
    finally:
        running.terminate()
        running.wait()
        engine.dispose()


def _watched(running: subprocess.Popen[bytes], engine: Engine, every: int, server: int | None) -> Iterator[Look]:
    print(f"{'listings':>10} {'a second':>9} {'ms command':>11} {'ms server':>10} {'MB':>6}", flush=True)
    before: Look | None = None
    last = Look(time.monotonic(), 0, 0.0, 0.0, 0.0)
    while True:
        ended = running.poll() is not None
        command = used_by(None if ended else running.pid)
        stored = _stored(engine)
        seen = Look(
            time.monotonic(),
            stored,
            max(command.cpu_s, last.command_cpu_s),
            used_by(server).cpu_s,
            max(command.memory_mb, last.memory_mb),
        )
        if before is None and stored:
            before = seen
            yield seen
        last = seen
        if before and (stored // every > before.stored // every or (ended and stored > before.stored)):
            _print(before, seen)
            before = seen
            last = Look(seen.at, stored, seen.command_cpu_s, seen.server_cpu_s, 0.0)
            yield seen
        if ended:
            return
        time.sleep(LOOK_S)


def _print(before: Look, now: Look) -> None:
    count = now.stored - before.stored
    command = (now.command_cpu_s - before.command_cpu_s) / count * 1000
    server = (now.server_cpu_s - before.server_cpu_s) / count * 1000
    rate = count / (now.at - before.at)
    print(f"{now.stored:>10,} {rate:>9,.0f} {command:>11.3f} {server:>10.3f} {now.memory_mb:>6,.0f}", flush=True)


def _judged(looks: list[Look], count: int) -> int:
    if not looks or looks[-1].stored < count * 0.99:
        print("not all was stored")
        return 1
    if count < EARLY[1]:
        return 0
    early, late = _rate(looks, *EARLY), _rate(looks, count - LAST, count)
    print(f"last {LAST:,}: {late:,.0f}/s; {EARLY[0]:,} to {EARLY[1]:,}: {early:,.0f}/s; {late / early:.2f} of it")
    return 0 if late >= WANTED * early else 1


def _rate(looks: list[Look], start: int, end: int) -> float:
    """Listings a second between the looks that are nearest to two counts."""
    first, last = (min(looks, key=lambda look: abs(look.stored - count)) for count in (start, end))
    return (last.stored - first.stored) / (last.at - first.at)


def _stored(engine: Engine) -> int:
    """The greatest id: each listing is new, and counting a million rows would be a load of its own."""
    with engine.connect() as connection:
        try:
            return int(connection.execute(select(func.coalesce(func.max(listings.c.id), 0))).scalar_one())
        except SQLAlchemyError:  # the command has not made the tables yet
            return 0


def _newest_server() -> int | None:
    """The PostgreSQL that this process has started."""
    return max((pid for pid, name in children(os.getpid()).items() if name == "postgres"), default=None)


if __name__ == "__main__":
    sys.exit(main())

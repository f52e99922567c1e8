"""`python -m bench api [--rows N]`: builds the stock, measures what is asked of the API on it, in one run.

Server, PostgreSQL and load generator share this machine's processors. A route that is not there yet is told as such.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import psycopg

from bench.api import datasette
from bench.api.copying import copied_out, exported, upserted
from bench.api.filling import fill
from bench.api.load import Load, LoadGenerator
from bench.api.plans import write_plans
from bench.api.queries import ONE, PAGES, SEARCH, Query, deep_row, on_datasette, twelve, values_of
from bench.api.serving import Served, api, get
from bench.measured import Measured
from bench.processes import children, used_by
from tests.servers.postgres import running_postgres
from tests.servers.redis import running_redis

NAME: Final = "api"
CLIENTS: Final = 16
CONSTANT: Final = "/health"
WANTED_P99: Final = {PAGES: 50.0, ONE: 50.0, SEARCH: 200.0}
WANTED_SHARE: Final = 0.22
WANTED_CACHED_SHARE: Final = 0.5
ALONE: Final = (
    ("a facet over all rows, alone", "/v1/facets?field=category&status=active,gone,sold", 150.0),
    (
        "statistics with percentiles over all rows, alone",
        "/v1/stats?value=price&group_by=category&status=active,gone,sold",
        2_500.0,
    ),
)
STATS: Final = (
    "statistics over at most 25,000 rows",
    "/v1/stats?value=price&group_by=make&status=active&dealer={}",
    500.0,
)
REPEATS: Final = 7
PLANS: Final = Path(__file__).parents[1] / "results" / "plans.md"
WARM_S: Final = 0.7
"""How long each query is asked before what is answered counts; no longer than it is asked then."""


class Bench:
    """One run over one database."""

    def __init__(self, url: str, rows: int, seconds: float, stack: ExitStack) -> None:
        self.url, self.rows, self.seconds = url, rows, seconds
        self.warm_s = min(WARM_S, seconds)
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="yardstick-bench-")))
        self.load = stack.enter_context(LoadGenerator())
        self.server = max((pid for pid, name in children(os.getpid()).items() if name == "postgres"), default=None)

    def of_load(self, what: str, load: Load, p99: float | None) -> Iterator[Measured]:
        """The figures of one job; a status other than 200 makes them void."""
        if not load.well:
            told = ", ".join(f"{n} × {status}" for status, n in load.statuses.items())
            yield _not_there(f"{what}: {told or 'nothing was answered in time'}")
            return
        yield Measured(NAME, f"{what}: p50", load.p50_ms, "ms")
        yield Measured(NAME, f"{what}: p99", load.p99_ms, "ms", f"≤ {p99:g}" if p99 else "")
        yield Measured(NAME, f"{what}: requests/s", load.rate, "1/s")

    def run(self, port: int, paths: Sequence[str], clients: int = CLIENTS) -> Load:
        """One job."""
        return self.load.run(port, paths, clients=clients, seconds=self.seconds, warm_s=self.warm_s)


def measure(rows: int = 1_000_000, seconds: float = 3.0, plans: Path = PLANS) -> Iterator[Measured]:
    """All figures. `seconds`: how long each query is asked; `plans`: the file that their plans go to."""
    with ExitStack() as stack:
        url = stack.enter_context(running_postgres())
        yield from _filled(url, rows)
        bench = Bench(url, rows, seconds, stack)
        values = values_of(url, rows)
        rates: dict[str, float] = {}
        with api(url, bench.folder / "api.log", REDIS_URL="") as served:
            queries = twelve(values, served.port, rows)
            yield from _constant(bench, served, rates)
            yield from _twelve(bench, served, queries, rates)
            write_plans(url, queries, plans)
            yield from _statistics(bench, served, values.dealers)
            yield from _export(bench, served)
        yield from _cached(bench, [query for query in queries if query.kind != ONE], rates)
        yield from _datasette(bench, queries, rates)
        yield from _upserts(bench)


def _filled(url: str, rows: int) -> Iterator[Measured]:
    filled = fill(url, rows)
    total = sum(filled.seconds.values())
    sys.stderr.write(f"api: {filled.listings:,} listings in {total:.0f} s: {filled.seconds}\n")
    yield Measured(NAME, "listings", filled.listings, "rows")
    yield Measured(NAME, "building them", total, "s", "≤ 240")
    with psycopg.connect(url) as connection:
        for table in ("listings", "listing_details", "events", "listing_keys"):
            row = connection.execute("SELECT pg_table_size(%s), pg_indexes_size(%s)", (table, table)).fetchone()
            assert row is not None
            for what, size in zip(("rows", "indexes"), row, strict=True):
                yield Measured(NAME, f"{table}: {what}", size / filled.listings, "bytes a listing")


def _constant(bench: Bench, served: Served, rates: dict[str, float]) -> Iterator[Measured]:
    load = bench.run(served.port, [CONSTANT])
    rates[CONSTANT] = load.rate
    yield from bench.of_load("constant route", load, None)
    yield Measured(NAME, "constant route: load generator", load.processor, "of a processor")


def _twelve(
    bench: Bench, served: Served, queries: Sequence[Query], rates: dict[str, float], cached: bool = False
) -> Iterator[Measured]:
    """Each query; its share of the constant route where it is a page. `rates` gets the requests a second."""
    mark = ", cached" if cached else ""
    for query in queries:
        if not query.paths or get(served.port, query.paths[0])[0] in (404, 422):
            yield _not_there(query.name + mark)
            continue
        if query.kind == PAGES and not cached:
            yield from _first_answers(served, query)
        before = used_by(served.pid).cpu_s, used_by(bench.server).cpu_s
        load = bench.run(served.port, query.paths)
        yield from bench.of_load(query.name + mark, load, 15.0 if cached else WANTED_P99[query.kind])
        if not load.well:
            continue
        rates[query.name + mark] = load.rate
        if query.kind == PAGES:
            wanted = WANTED_CACHED_SHARE if cached else WANTED_SHARE
            share = load.rate / rates[CONSTANT]
            yield Measured(NAME, f"{query.name}{mark}: of the constant route", share, "", f"≥ {wanted}")
        if not cached:
            spent = used_by(served.pid).cpu_s - before[0], used_by(bench.server).cpu_s - before[1]
            asked = load.requests * (1 + bench.warm_s / bench.seconds)
            yield Measured(NAME, f"{query.name}: API", spent[0] / asked * 1000, "ms of a processor")
            yield Measured(NAME, f"{query.name}: PostgreSQL", spent[1] / asked * 1000, "ms of a processor")
            yield Measured(NAME, f"{query.name}: size", load.bytes_each / 1000, "kB")
    deep = next(query.name for query in queries if query.name.startswith("cursor"))
    if not cached and deep in rates:
        yield Measured(NAME, f"{deep} beside the newest page", rates[deep] / rates["newest page"], "", "≈ 1")


def _first_answers(served: Served, query: Query) -> Iterator[Measured]:
    """Each page asked for alone, for the first time: what stands beside it is counted then, and known under load."""
    took = []
    for path in query.paths[1:]:
        started = time.perf_counter()
        get(served.port, path)
        took.append((time.perf_counter() - started) * 1000)
    if took:
        yield Measured(NAME, f"{query.name}: first answer, p50", statistics.median(took), "ms")
        yield Measured(NAME, f"{query.name}: first answer, slowest of {len(took)}", max(took), "ms")


def _statistics(bench: Bench, served: Served, dealers: Sequence[str]) -> Iterator[Measured]:
    for what, path, most in ALONE:
        took = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            status, body = get(served.port, path)
            took.append(time.perf_counter() - started)
            if status != 200:
                break
        if status != 200:
            yield _not_there(f"{what}: {status} {body[:200]!r}" if status not in (404, 422) else what)
        else:
            yield Measured(NAME, what, statistics.median(took) * 1000, "ms", f"≤ {most:g}")
    what, path, most = STATS
    paths = [path.format(name) for name in dealers]
    if get(served.port, paths[0])[0] in (404, 422):
        yield _not_there(what)
    else:
        yield from bench.of_load(what, bench.run(served.port, paths), most)


def _export(bench: Bench, served: Served) -> Iterator[Measured]:
    copied = copied_out(bench.url)
    ours = exported(served.port, served.pid, "/v1/listings.csv")
    yield Measured(NAME, "CSV export", ours.size / ours.seconds / 1e6, "MB/s")
    yield Measured(NAME, "CSV export: COPY … TO STDOUT CSV", copied.size / copied.seconds / 1e6, "MB/s")
    yield Measured(NAME, "CSV export: of COPY, by time", copied.seconds / ours.seconds, "", "≥ 0.5")
    yield Measured(NAME, "CSV export: memory more", ours.memory_mb - ours.before_mb, "MB", "flat")


def _cached(bench: Bench, queries: Sequence[Query], rates: dict[str, float]) -> Iterator[Measured]:
    with ExitStack() as stack:
        redis = stack.enter_context(running_redis())
        served = stack.enter_context(api(bench.url, bench.folder / "cached.log", REDIS_URL=redis.url))
        uncached = rates[CONSTANT]
        yield from _constant(bench, served, rates)
        yield from _twelve(bench, served, queries, rates, cached=True)
        rates[CONSTANT] = uncached


def _datasette(bench: Bench, queries: Sequence[Query], rates: Mapping[str, float]) -> Iterator[Measured]:
    """Those of the queries that Datasette can do, and how many times its speed ours is over their mix."""
    program = datasette.installed()
    if program is None:
        yield _not_there("Datasette")
        return
    file = bench.folder / "bench.sqlite"
    started = time.monotonic()
    datasette.build(bench.url, file)
    sys.stderr.write(
        f"api: Datasette's file in {time.monotonic() - started:.0f} s, {file.stat().st_size / 1e9:.1f} GB\n"
    )
    deep = datasette.deep_token(file, deep_row(bench.rows))
    theirs: dict[str, float] = {}
    with datasette.running(program, file, bench.folder / "datasette.log") as served:
        for name, paths in on_datasette(queries, values_of(bench.url, bench.rows), deep).items():
            load = bench.run(served.port, paths)
            yield from bench.of_load(f"Datasette, {name}", load, None)
            if load.well:
                theirs[name] = load.rate
    both = [name for name in theirs if name in rates]
    if both:
        mix = sum(1 / theirs[name] for name in both) / sum(1 / rates[name] for name in both)
        yield Measured(NAME, f"of Datasette's requests/s over the mix of {len(both)}", mix, "times", "≥ 5")


def _upserts(bench: Bench) -> Iterator[Measured]:
    found = upserted(bench.url, max(min(bench.rows // 50, 20_000), 200))
    yield Measured(NAME, "COPY into listings alone", found.copy_listings, "listings/s")
    yield Measured(NAME, "COPY into all tables of a listing", found.copy_all, "listings/s")
    for what, rate, wanted in (
        ("new", found.new, "≥ 0.4"),
        ("unchanged", found.unchanged, "≥ 0.8"),
        ("5 % changed", found.changed, ""),
    ):
        yield Measured(NAME, f"upserts, {what}", rate, "listings/s")
        yield Measured(NAME, f"upserts, {what}: of COPY into all tables", rate / found.copy_all, "", wanted)
        yield Measured(NAME, f"upserts, {what}: of COPY into listings alone", rate / found.copy_listings, "")


def _not_there(what: str) -> Measured:
    return Measured(NAME, what, None, "not there")

"""How fast pages become listings: one process against a bare spider, and workers on a shared queue against one process.

Wall time from the first request to the end of the process (what it stored is stored then), over 8 dealers without a
delay. The server's pages lie ready in memory; its share of the processors stands beside.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine, text

from bench.api.load import ROOT
from bench.api.serving import free_port
from bench.crawling.yards import HOST, write_dealers
from bench.measured import Measured
from bench.processes import used_by
from inventory.engine import database_url
from tests.servers.postgres import running_postgres
from tests.servers.redis import running_redis

NAME: Final = "crawling"
DEALERS: Final = 8
MACHINES: Final = 400
START_S: Final = 30.0
STAND_READY_S: Final = 8.0
"""What a worker takes to start on a busy machine."""


@dataclass(frozen=True, slots=True)
class Run:
    """Pages a second, and processor seconds a thousand pages of the crawler and of the server."""

    rate: float
    cpu_s: float
    server_cpu_s: float


@dataclass(frozen=True, slots=True)
class Yards:
    """The running server."""

    pid: int
    ports: tuple[int, ...]

    @property
    def pages(self) -> int:
        """Machines of all dealers."""
        return DEALERS * MACHINES


def measure() -> Iterator[Measured]:
    """The three comparisons, each run after the one that it is measured by."""
    with ExitStack() as stack:
        yards = stack.enter_context(_yards())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "dealers").mkdir()
        write_dealers(folder / "dealers", list(yards.ports))
        redis_url = stack.enter_context(running_redis()).url.removesuffix("/0")
        bare = _bare(yards, folder)
        local = _ours(yards, folder, {})
        one = _ours(yards, folder, {"REDIS_URL": f"{redis_url}/1", "DISTRIBUTED": "true"})
        two = _ours(yards, folder, {"REDIS_URL": f"{redis_url}/2", "DISTRIBUTED": "true"}, helpers=1)
    for what, run in (("bare spider", bare), ("one process", local), ("one worker", one), ("two workers", two)):
        yield Measured(NAME, what, run.rate, "pages/s")
        yield Measured(NAME, f"{what}: processor", run.cpu_s, "s a 1,000 pages")
        yield Measured(NAME, f"{what}: the server's processor", run.server_cpu_s, "s a 1,000 pages")
    yield Measured(NAME, "one process: of the bare spider", local.rate / bare.rate, "", "≥ 0.75")
    yield Measured(NAME, "one worker: of one process", one.rate / local.rate, "", "≥ 0.8")
    yield Measured(NAME, "two workers: of one", two.rate / one.rate, "", "≥ 1.6")


@contextmanager
def _yards() -> Iterator[Yards]:
    ports = tuple({free_port() for _ in range(10 * DEALERS)})[:DEALERS]
    command = [sys.executable, "-m", "bench.crawling.yards", str(MACHINES), *map(str, ports)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        deadline = time.monotonic() + START_S
        while not _answers(ports[-1]):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the yards do not serve")
            time.sleep(0.1)
        yield Yards(process.pid, ports)
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    try:
        return _told(port, "/_begin") != ""
    except OSError:
        return False


def _told(port: int, path: str) -> str:
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def _bare(yards: Yards, folder: Path) -> Run:
    out = folder / "bare.jsonl"
    spider = ROOT / "bench" / "crawling" / "bare_spider.py"
    ports = ",".join(map(str, yards.ports))
    command = [sys.executable, "-m", "scrapy", "runspider", str(spider), "-a", f"ports={ports}", "-O", str(out)]
    # Outside of the project: its settings are not those of a bare spider.
    run = _timed(yards, command, folder, {"PYTHONPATH": ""}, ())
    with out.open(encoding="utf-8") as lines:
        _expect(yards, sum(1 for _ in lines), "lines of the bare spider")
    return run


def _ours(yards: Yards, folder: Path, shared: Mapping[str, str], helpers: int = 0) -> Run:
    """Into a database of its own; `helpers` are workers that stand ready when the crawl begins."""
    with running_postgres() as url:
        environment = {"DATABASE_URL": url, "DEALERS_DIR": str(folder / "dealers"), "LOG_LEVEL": "WARNING", **shared}
        scrapy = [sys.executable, "-m", "scrapy"]
        run = _timed(yards, [*scrapy, "crawl", "equipment"], ROOT, environment, [[*scrapy, "work"]] * helpers)
        engine = create_engine(database_url(url))
        with engine.connect() as connection:
            stored = connection.execute(text("SELECT count(*) FROM listings")).scalar_one()
        engine.dispose()
    _expect(yards, stored, "listings")
    return run


def _expect(yards: Yards, found: int, what: str) -> None:
    if found != yards.pages:
        raise RuntimeError(f"{found} {what} instead of {yards.pages}: the measurement is void")


def _timed(
    yards: Yards, command: Sequence[str], folder: Path, environment: Mapping[str, str], helpers: Sequence[Sequence[str]]
) -> Run:
    env = {**os.environ, **environment}
    beside = [subprocess.Popen(helper, cwd=folder, env=env) for helper in helpers]
    try:
        if beside:
            time.sleep(STAND_READY_S)
        idle_s = sum(used_by(one.pid).cpu_s for one in beside)
        server_s = used_by(yards.pid).cpu_s
        _told(yards.ports[0], "/_begin")
        process = subprocess.Popen(command, cwd=folder, env=env)
        cpu_s = 0.0
        while process.poll() is None:
            cpu_s = max(cpu_s, sum(used_by(one.pid).cpu_s for one in (process, *beside)) - idle_s)
            time.sleep(0.05)
        took_s = time.time() - float(_told(yards.ports[0], "/_first"))
        server_s = used_by(yards.pid).cpu_s - server_s
    finally:
        for helper in beside:
            helper.terminate()
            helper.wait(timeout=60)
    thousands = yards.pages / 1000
    return Run(yards.pages / took_s, cpu_s / thousands, server_s / thousands)

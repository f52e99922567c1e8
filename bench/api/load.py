"""The load generator, a process of its own: so many clients on kept connections, each asks again once it is answered.

`python -m bench.api.load` reads jobs as JSON lines and answers each with one. It costs as little as Python allows
(uvloop, httptools, raw protocols) because it shares the processors with what it measures, and says what it cost.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, cast

import httptools
import uvloop

ROOT: Final = Path(__file__).parents[2]
HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Load:
    """What a job came to. `processor` is the generator's own share of one processor."""

    requests: int
    rate: float
    p50_ms: float
    p99_ms: float
    most_ms: float
    bytes_each: float
    statuses: dict[str, int]
    processor: float

    @property
    def well(self) -> bool:
        """Whether every answer was a 200."""
        return set(self.statuses) == {"200"}


class LoadGenerator:
    """The process, as a context manager."""

    def __enter__(self) -> LoadGenerator:
        command = [sys.executable, "-m", "bench.api.load"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()

    def run(self, port: int, paths: Sequence[str], *, clients: int, seconds: float, warm_s: float) -> Load:
        """Asks for the paths in turn. What is answered in the first moment is not counted. Raises `RuntimeError` where
        nobody listens."""
        job = {"port": port, "paths": list(paths), "clients": clients, "seconds": seconds, "warm_s": warm_s}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        found = json.loads(self._process.stdout.readline())
        if "error" in found:
            raise RuntimeError(found["error"])
        return Load(**found)


class _Run:
    """What the clients of one job share."""

    def __init__(self, paths: Sequence[str], warm_until: float, until: float) -> None:
        self.asked = [f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: */*\r\n\r\n".encode() for path in paths]
        self.next = 0
        self.warm_until, self.until = warm_until, until
        self.took: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.bytes = 0

    def request(self) -> bytes:
        """The next request in turn."""
        self.next += 1
        return self.asked[self.next % len(self.asked)]


class _Client(asyncio.Protocol):
    """One connection."""

    transport: asyncio.Transport

    def __init__(self, run: _Run, ended: asyncio.Future[None]) -> None:
        self._run, self._ended = run, ended
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by its class
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._run.bytes += len(data)
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._ended.done():
            if time.perf_counter() < self._run.until:
                self._run.statuses[0] += 1  # nobody should close a kept connection
            self._ended.set_result(None)

    def on_message_complete(self) -> None:
        """httptools: an answer is whole."""
        now, run = time.perf_counter(), self._run
        if now >= run.warm_until:
            run.took.append(now - self._asked_at)
            run.statuses[self._parser.get_status_code()] += 1
        if now >= run.until:
            self.transport.close()
            return
        if self._parser.should_keep_alive():
            self._ask()

    def _ask(self) -> None:
        self._asked_at = time.perf_counter()
        self.transport.write(self._run.request())


async def _job(job: dict[str, Any]) -> Load:
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    run = _Run(job["paths"], started + job["warm_s"], started + job["warm_s"] + job["seconds"])
    cpu = time.process_time()
    ends = []
    for _ in range(job["clients"]):
        ended = loop.create_future()
        await loop.create_connection(partial(_Client, run, ended), HOST, job["port"])
        ends.append(ended)
    await asyncio.wait(ends, timeout=job["warm_s"] + job["seconds"] + 60)
    cpu = time.process_time() - cpu
    wall = time.perf_counter() - started
    took = sorted(run.took) or [0.0]
    return Load(
        requests=len(run.took),
        rate=round(len(run.took) / (time.perf_counter() - run.warm_until), 1),
        p50_ms=round(_quantile(took, 0.5) * 1000, 2),
        p99_ms=round(_quantile(took, 0.99) * 1000, 2),
        most_ms=round(took[-1] * 1000, 2),
        bytes_each=round(run.bytes / max(run.next, 1)),
        statuses={str(status): count for status, count in run.statuses.items()},
        processor=round(cpu / wall, 3),
    )


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def main() -> None:
    """Does the jobs of standard input."""
    for line in sys.stdin:
        try:
            found = uvloop.run(_job(json.loads(line)))
            shown = {name: getattr(found, name) for name in Load.__slots__}
        except OSError as error:
            shown = {"error": f"the connection is refused: {error}"}
        print(json.dumps(shown), flush=True)


if __name__ == "__main__":
    main()

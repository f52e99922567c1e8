"""Servers that a bench starts and ends: the API as in production, and whatever else answers on a port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

from bench.api.load import HOST, ROOT

START_S: Final = 90.0


@dataclass(frozen=True, slots=True)
class Served:
    """A running server."""

    port: int
    pid: int


@contextmanager
def served(command: Sequence[str], path: str, environment: Mapping[str, str], log: Path) -> Iterator[Served]:
    """Starts a command, in which PORT stands for a free port, and waits until it answers `path` with 200."""
    port = free_port()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [part.replace("PORT", str(port)) for part in command],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + START_S
        while get(port, path)[0] != 200:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} does not serve: {log.read_text()[-2000:]}")
            time.sleep(0.2)
        yield Served(port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def api(url: str, log: Path, **settings: str) -> Iterator[Served]:
    """The API over a database, started as in production (see Dockerfile)."""
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "api.app:app",
        "--no-server-header",
        "--no-access-log",
        "--port",
        "PORT",
    ]
    with served(command, "/ready", {"DATABASE_URL": url, "DATABASE_READ_URL": url, **settings}, log) as running:
        yield running


def get(port: int, path: str) -> tuple[int, bytes]:
    """Status and body; status 0 where nobody answers."""
    connection = HTTPConnection(HOST, port, timeout=120)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, HTTPException):
        return 0, b""
    finally:
        connection.close()


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])

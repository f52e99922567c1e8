"""A Redis for the cached figures: one of REDIS_URL, or of the machine's programs; none where there is neither."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from bench.api.load import HOST
from bench.api.serving import free_port

PROGRAMS: Final = ("redis-server", "valkey-server")
START_S: Final = 10.0


@contextmanager
def running_redis() -> Iterator[str | None]:
    """The URL of a Redis."""
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if given := os.environ.get("REDIS_URL"):
        yield given
        return
    if program is None:
        yield None
        return
    port = free_port()
    command = [program, "--port", str(port), "--bind", HOST, "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        yield f"redis://{HOST}:{port}/0"
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(port: int) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)

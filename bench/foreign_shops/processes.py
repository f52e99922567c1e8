"""Starting programs and waiting until they answer."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

STOP_S = 20.0


class ShopError(Exception):
    """A shop could not be installed, started or stocked; the message holds the end of its log."""


def run(command: Sequence[str | Path], folder: Path, log: Path, environment: Mapping[str, str] | None = None) -> None:
    """Runs a program to its end. Raises ShopError when it fails."""
    with log.open("ab") as file:
        done = subprocess.run(command, cwd=folder, stdout=file, stderr=file, env={**os.environ, **(environment or {})})
    if done.returncode:
        raise ShopError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{_end_of(log)}")


@contextmanager
def serving(
    command: Sequence[str | Path], folder: Path, log: Path, environment: Mapping[str, str], url: str, within_s: float
) -> Iterator[None]:
    """Runs a server, with all that it starts, until the block ends. Raises ShopError when `url` does not answer."""
    with log.open("ab") as file:
        server = subprocess.Popen(
            command, cwd=folder, stdout=file, stderr=file, env={**os.environ, **environment}, start_new_session=True
        )
    try:
        _wait(url, server, within_s, log)
        yield
    finally:
        _stop(server)


def _wait(url: str, server: subprocess.Popen[bytes], within_s: float, log: Path) -> None:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=30).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise ShopError(f"{url} does not answer:\n{_end_of(log)}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Its whole session: EverShop leaves its helpers alone when it is asked to stop."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, sign)
        except ProcessLookupError:
            return
        try:
            server.wait(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            continue
        time.sleep(0.5)


def _end_of(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-2000:]

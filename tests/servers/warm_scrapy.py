"""`scrapy COMMAND …` run to its end, without the seconds that importing Scrapy and reading our tables cost.

`run` is what tests use. Behind it stands a process (`scrapy_starter.py`) that has imported what the commands import and
read the tables. For each command it forks a child, which takes over the given standard streams, environment and
arguments, and then does what `python -m scrapy` does, to the interpreter's own end: exit status, `atexit`, and warnings
that are errors are a real process's. Nothing that depends on the environment is kept: `crawler.settings` is not
imported, no setting is read, no reactor installed, no thread started before the fork (`preload` makes sure), and each
set of variables that an interpreter reads at its own start (`READ_AT_START`) has a starter of its own.

When to use it: a command runs to its end and is then judged by its exit status, what it wrote, and what it stored.
When not: for a signal or kill -9, a terminal, a pipe that is read while it runs, limits, memory, processes of its own
(`--jobs`), and for what a start itself costs or loads. Each command also has a plain test of a real process
(`test_warm_scrapy.py`): what is imported too late, or not at all, is only seen there.

The starter lives as long as the test process: it ends, and its children with it, when the socket to it is closed.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final, NamedTuple

ROOT: Final = Path(__file__).parents[2]
READ_AT_START: Final = ("HOME", "LANG", "LANGUAGE", "LC_", "PATH", "PYTHON", "TMPDIR", "TZ", "XDG_")
"""How variables begin that an interpreter and libraries read once: they cannot be changed after the start."""
STREAMS: Final = 3


class Finished(NamedTuple):
    """A command that has ended. `status` is negative for a signal, as subprocess has it."""

    status: int
    out: bytes
    err: bytes


def run(arguments: tuple[str, ...], env: Mapping[str, str], *, fed: bytes = b"", timeout_s: float = 120) -> Finished:
    """`scrapy ARGUMENTS…` in the project's folder, with exactly this environment, `fed` on standard input.

    Raises `subprocess.TimeoutExpired` when it takes longer; it is killed then.
    """
    with ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(STREAMS)]
        files[0].write(fed)
        files[0].seek(0)
        ours = stack.enter_context(begin(arguments, env, files))
        ours.settimeout(timeout_s)
        try:
            said = ours.recv(16)
        except TimeoutError:
            ours.shutdown(socket.SHUT_RDWR)
            raise subprocess.TimeoutExpired(["scrapy", *arguments], timeout_s, *map(_whole, files[1:])) from None
        except ConnectionResetError:
            said = b""
        if not said:
            raise RuntimeError("the starter of commands has ended; what it wrote stands in the captured stderr")
        return Finished(int(said), *map(_whole, files[1:]))


def begin(arguments: tuple[str, ...], env: Mapping[str, str], files: Sequence[IO[bytes]]) -> socket.socket:
    """Start `scrapy ARGUMENTS…` with these three streams. The socket gives its status; closing it is kill -9."""
    at_start = frozenset((name, value) for name, value in env.items() if name.startswith(READ_AT_START))
    return _starter(at_start).begin(arguments, env, files)


def _whole(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


class _Starter:
    """The other process, seen from the tests."""

    def __init__(self, at_start: frozenset[tuple[str, str]]) -> None:
        self._control, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "tests.servers.scrapy_starter", str(theirs.fileno())]
            null = subprocess.DEVNULL
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=dict(at_start), stdin=null, stdout=null,
                pass_fds=[theirs.fileno()], start_new_session=True,
            )  # fmt: skip

    def begin(self, arguments: tuple[str, ...], env: Mapping[str, str], files: Sequence[IO[bytes]]) -> socket.socket:
        """Start a command. The socket gives its status when it has ended; closing it kills the command."""
        ours, theirs = socket.socketpair()
        with theirs:
            ours.sendall(json.dumps([arguments, dict(env)]).encode() + b"\n")
            socket.send_fds(self._control, [b"."], [theirs.fileno(), *(file.fileno() for file in files)])
        return ours

    def end(self) -> None:
        self._control.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


_starters: dict[frozenset[tuple[str, str]], _Starter] = {}
_starting = threading.Lock()


def _starter(at_start: frozenset[tuple[str, str]]) -> _Starter:
    with _starting:
        if at_start not in _starters:
            _starters[at_start] = _Starter(at_start)
        return _starters[at_start]


def end_all() -> None:
    """End what `run` has started."""
    while _starters:
        _starters.popitem()[1].end()

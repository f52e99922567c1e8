"""Workers and commands as processes that can be killed: forked by the starter of `warm_scrapy`."""

from __future__ import annotations

import os
import select
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from typing import IO, Self

from tests.servers import warm_scrapy


class Running:
    """A command of Scrapy that runs. `kill` is kill -9 for it and what it has started."""

    def __init__(self, arguments: tuple[str, ...], env: Mapping[str, str]) -> None:
        self._stack = ExitStack()
        self._files: list[IO[bytes]] = [self._stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]  # noqa: SIM115
        self._socket = warm_scrapy.begin(arguments, env, self._files)
        self.status: int | None = None
        self._last_words = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def kill(self) -> None:
        self._socket.close()

    def end(self) -> str:
        """Kill it; what it has said."""
        if not self._files[2].closed:
            self.kill()
            self._last_words = self.said
            self._stack.close()
        return self._last_words

    def wait(self, timeout_s: float = 60) -> int:
        """Until it ends by itself: its exit status."""
        self._socket.settimeout(timeout_s)
        self.status = int(self._socket.recv(16))
        return self.status

    @property
    def has_ended(self) -> bool:
        """Whether it ended by itself."""
        return bool(select.select([self._socket], [], [], 0)[0])

    @property
    def said(self) -> str:
        """What it has written to standard error."""
        if self._files[2].closed:
            return self._last_words
        descriptor = self._files[2].fileno()  # whose place in the file is the process's too
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode()

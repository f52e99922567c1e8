"""The process behind `warm_scrapy`: `python -m tests.servers.scrapy_starter SOCKET` forks a child for each command.

The server is one loop without threads; only a child leaves it, as the command that it has become.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import selectors
import signal
import socket
import sys
import threading
from contextlib import suppress
from datetime import date
from types import ModuleType
from typing import Final

PACKAGES: Final = (
    "scrapy.commands", "scrapy.downloadermiddlewares", "scrapy.spidermiddlewares", "crawler", "pipelines", "inventory",
)  # fmt: skip
ALSO: Final = (
    "aiohttp", "alembic.command", "psycopg", "rich.live", "rich.table", "scrapy.cmdline", "scrapy.core.engine",
    "scrapy.core.downloader.handlers.http11", "scrapy.crawler", "scrapy.dupefilters", "scrapy.extensions.telnet",
    "scrapy.pqueues", "scrapy.squeues", "sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite",
    "twisted.internet.asyncioreactor",
)  # fmt: skip
NOT_NOW: Final = ("crawler.settings", "inventory.migrations")
"""Reads the environment; run by Alembic only."""
THINGS: Final = ({"title": "2016 CAT 745C", "hours": "5,239 hrs"}, {"title": "Dog bed 80 x 60 cm", "vertical": "dog"})
PAGE: Final = b"<html><body><h1>2016 Volvo L120H</h1><dl><dt>Price</dt><dd>USD 45,000</dd></dl></body></html>"


def preload() -> None:
    """Import what commands import and let them read their tables; nothing that hangs on the environment."""
    for name in PACKAGES:
        _import_all(importlib.import_module(name))
    for name in ALSO:
        importlib.import_module(name)

    from crawler.extraction.report import page_report
    from inventory.settings import process_settings
    from pipelines.listing_lines import inferred_record

    today = date(2026, 11, 22)
    for thing in THINGS:
        inferred_record(dict(thing), None, today)
    page_report("https://acme.example/1", PAGE, "text/html", "equipment", today)
    assert process_settings.cache_info().currsize == 0
    assert "crawler.settings" not in sys.modules
    assert "twisted.internet.reactor" not in sys.modules


def _import_all(package: ModuleType) -> None:
    for found in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        if found.name not in NOT_NOW and not found.name.endswith("__main__"):
            module = importlib.import_module(found.name)
            if found.ispkg:
                _import_all(module)


class Server:
    """Forks for each request that comes; tells the status of each child that has ended."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._ended, self._wake = socket.socketpair()
        for end in (self._ended, self._wake):
            end.setblocking(False)
        self._running: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()

    def serve(self) -> list[str] | None:
        """In a child: its arguments. In the server: None, when nobody is there any more."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake.fileno())
        for end in (self._control, self._ended):
            self._selector.register(end, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._ended:
                    self._tell_ends()
                elif key.fileobj is not self._control:
                    self._kill(key.data)  # its test waits no longer
                else:
                    message, descriptors, _, _ = socket.recv_fds(self._control, 1, 4)
                    if not message:
                        return self._end()
                    arguments = self._begin(socket.socket(fileno=descriptors[0]), descriptors[1:])
                    if arguments is not None:
                        return arguments

    def _begin(self, connection: socket.socket, streams: list[int]) -> list[str] | None:
        with connection.makefile("rb") as said:
            arguments, environment = json.loads(said.readline())
        assert threading.active_count() == 1
        child = os.fork()
        if child == 0:
            self._forget_the_server(connection)
            for number, descriptor in enumerate(streams):
                os.dup2(descriptor, number)
                os.close(descriptor)
            os.environ.clear()
            os.environ.update(environment)
            return list(arguments)
        for descriptor in streams:
            os.close(descriptor)
        self._running[child] = connection
        self._selector.register(connection, selectors.EVENT_READ, child)
        return None

    def _forget_the_server(self, connection: socket.socket) -> None:
        os.setsid()  # so that it can be killed with all that it starts
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._selector.close()
        for end in (self._control, self._ended, self._wake, connection, *self._running.values()):
            end.close()

    def _tell_ends(self) -> None:
        with suppress(BlockingIOError):
            self._ended.recv(4096)
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                connection = self._running.pop(found[0])
                if connection.fileno() < 0:  # it was killed
                    continue
                self._selector.unregister(connection)
                with connection, suppress(BrokenPipeError):
                    connection.sendall(str(os.waitstatus_to_exitcode(found[1])).encode())

    def _kill(self, child: int) -> None:
        connection = self._running.get(child)  # None: it ended at the same time
        if connection is not None:
            self._selector.unregister(connection)
            connection.close()
            _kill_with_its_own(child)

    def _end(self) -> None:
        for child in self._running:
            _kill_with_its_own(child)


def _kill_with_its_own(child: int) -> None:
    with suppress(ProcessLookupError):  # no group yet
        os.killpg(child, signal.SIGKILL)
    os.kill(child, signal.SIGKILL)


def main() -> None:
    """Serve; in a child, go on as `python -m scrapy` does."""
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    preload()
    gc.collect()
    gc.freeze()
    arguments = Server(control).serve()
    if arguments is None:
        return
    import scrapy.__main__
    from scrapy.cmdline import execute

    sys.argv = [scrapy.__main__.__file__, *arguments]
    execute()


if __name__ == "__main__":
    main()

"""The frame of the web servers that tests run: a port of this machine, a thread a request, a function that answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. `headers` finds names in any case; `method` is GET, or CONNECT, where `path` is a host and port."""

    method: str
    path: str
    headers: Mapping[str, str]


Answered = tuple[int, Mapping[str, str], bytes]
"""Status, headers, body. `Content-Type` (HTML) and `Content-Length` are added where they are not said."""


@contextmanager
def answering(answer: Callable[[Asked], Answered]) -> Iterator[int]:
    """A server for the time of the block: its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answer(Asked(self.command, self.path, self.headers))
            if status == 304:
                body, usual = b"", {}
            else:
                usual = {"Content-Type": "text/html", "Content-Length": str(len(body))}
            self.send_response(status)
            for name, value in {**usual, **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_CONNECT = do_GET

        def log_message(self, *arguments: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)  # asks so often whether to end
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""ScrapingAnt's API as documented: `x-api-key` in a header, `{"detail": …}` for errors, a page's own status apart."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tests.servers.answering import Answered, Asked, answering

KEY = "a-key-of-the-hosted-api"
COST = 10
DETAILS = {
    403: "The API token is wrong or you have exceeded the API calls request limit",
    404: "Can't reach the requested URL",
    409: "The free user concurrency limit reached",
    423: "Our request was detected by the anti-bot system",
    500: "Something went wrong with the server side",
}


@dataclass
class HostedRenderer:
    """`failing`: statuses that the next requests get; `asked`: addresses with the headers of the request."""

    port: int = 0
    pages: dict[str, str] = field(default_factory=dict)
    """Path of a target → what a browser would have drawn there; anything else is fetched as it is."""
    failing: list[int] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    """Request lines, as they would stand in a log."""
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v2/general"

    def answer(self, line: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        query = parse_qs(urlsplit(line).query)
        self.lines.append(line)
        if headers.get("x-api-key") != KEY:
            return self._error(403)
        if self.failing and (status := self.failing.pop(0)):
            return self._error(status)
        target = query.get("url", [""])[0]
        if not target.startswith("http") or not 5 <= int(query.get("timeout", ["60"])[0]) <= 60:
            return 422, {"Content-Type": "application/json"}, b'{"detail": "invalid value"}'
        self.asked.append((target, headers))
        status, body = self._target(target)
        said = {"Content-Type": "text/html", "Ant-credits-cost": str(COST), "Ant-page-status-code": str(status)}
        return 200, said, body

    def _error(self, status: int) -> tuple[int, dict[str, str], bytes]:
        return status, {"Content-Type": "application/json"}, json.dumps({"detail": DETAILS[status]}).encode()

    def _target(self, url: str) -> tuple[int, bytes]:
        path = urlsplit(url).path
        if path in self.pages:
            return 200, self.pages[path].encode()
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


@contextmanager
def running_hosted_renderer() -> Iterator[HostedRenderer]:
    """The API on a port of its own."""
    api = HostedRenderer()

    def answer(asked: Asked) -> Answered:
        with api.lock:
            api.at_once += 1
            api.most_at_once = max(api.most_at_once, api.at_once)
        try:
            return api.answer(asked.path, {name.lower(): value for name, value in asked.headers.items()})
        finally:
            with api.lock:
                api.at_once -= 1

    with answering(answer) as api.port:
        yield api

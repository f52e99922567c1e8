"""One ASGI application for all dealers: the port says which. Caches prepared pages, answers conditional requests."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from demo.pages.html import JSON, Page, not_found
from demo.site import Site
from demo.switches import BLOCK_PAGE, Failure, WrongSwitch, apply

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

MAX_CACHED: Final = 20_000
MAX_LOGGED: Final = 500_000


@dataclass(slots=True)
class Prepared:
    """A page ready to go out, with its validators."""

    status: int
    headers: Headers
    parts: tuple[bytes, ...]
    etag: str | None = None
    modified: datetime | None = None
    zipped: bytes | None = field(default=None, repr=False)


def prepare(page: Page) -> Prepared:
    """Add the validators: a strong ETag of the content, Last-Modified where the page has one (200 only)."""
    headers: Headers = [(b"content-type", page.content_type.encode())]
    headers += [(name.encode(), value.encode("latin-1", "replace")) for name, value in page.headers]
    if page.status != 200:
        return Prepared(page.status, headers, page.parts)
    digest = blake2b(digest_size=10)
    for part in page.parts:
        digest.update(part)
    etag = f'"{digest.hexdigest()}"'
    headers.append((b"etag", etag.encode()))
    if page.modified:
        headers.append((b"last-modified", format_datetime(page.modified, usegmt=True).encode()))
    return Prepared(200, headers, page.parts, etag, page.modified)


def not_modified(prepared: Prepared, if_none_match: str | None, if_modified_since: str | None) -> bool:
    """RFC 9110 §13.2.2: If-None-Match decides alone where it is given."""
    if prepared.status != 200:
        return False
    if if_none_match is not None:
        tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
        return "*" in tags or prepared.etag in tags
    if if_modified_since is not None and prepared.modified:
        try:
            since = parsedate_to_datetime(if_modified_since)
        except ValueError:
            return False
        return prepared.modified <= (since if since.tzinfo else since.replace(tzinfo=UTC))
    return False


class Dealer:
    """A site on its port: its cache, its log of requests, and the failure that a switch has set."""

    def __init__(self, site: Site, stopping: asyncio.Event, use_gzip: bool = False) -> None:
        self.site = site
        self.failure = Failure()
        self.requests: deque[dict[str, Any]] = deque(maxlen=MAX_LOGGED)
        self._stopping = stopping
        self._gzip = use_gzip
        self._cache: dict[tuple[str, str], Prepared] = {}

    def prepared(self, target: str, base: str) -> Prepared:
        """The answer to a GET of `target` (path and query), rendered at its first use."""
        key = (base, target)
        found = self._cache.get(key)
        if found is None:
            raw_path, _, raw_query = target.partition("?")
            path = unquote(raw_path)
            query = dict(parse_qsl(raw_query, keep_blank_values=True))
            page = self.site.common_page(path, base) or self.site.page(path, query, base) or not_found(self.site.title)
            found = prepare(page)
            if len(self._cache) >= MAX_CACHED:
                self._cache.clear()
            self._cache[key] = found
        return found

    async def answer(self, method: str, target: str, base: str, headers: dict[bytes, bytes], body: bytes) -> Prepared:
        """Any request but its sending. Whatever is not `/_demo` is logged."""
        path = target.partition("?")[0]
        if path == "/_demo" or path.startswith("/_demo/"):
            return self._control(method, path, base, body)
        if_none_match, if_modified_since = headers.get(b"if-none-match"), headers.get(b"if-modified-since")
        entry = {
            "t": time.monotonic(),
            "path": target,
            "status": 0,
            "conditional": if_none_match is not None or if_modified_since is not None,
            "user_agent": headers.get(b"user-agent", b"").decode("latin-1"),
        }
        self.requests.append(entry)
        answer = await self._failing(path)
        if answer is None and method not in ("GET", "HEAD"):
            answer = Prepared(405, [(b"allow", b"GET, HEAD")], (b"Method not allowed",))
        if answer is None:
            answer = self.prepared(target, base)
            if not_modified(
                answer,
                None if if_none_match is None else if_none_match.decode("latin-1"),
                None if if_modified_since is None else if_modified_since.decode("latin-1"),
            ):
                answer = Prepared(304, [item for item in answer.headers if item[0] != b"content-type"], ())
            elif self._gzip and b"gzip" in headers.get(b"accept-encoding", b""):
                answer = zipped(answer)
        entry["status"] = answer.status
        return answer

    async def _failing(self, path: str) -> Prepared | None:
        if not self.failure.hits(path):
            return None
        kind = self.failure.kind
        if kind == "slow":
            # A stop of the server must not wait for the slow answers.
            try:
                await asyncio.wait_for(self._stopping.wait(), self.failure.seconds)
            except TimeoutError:
                return None
            return None
        if kind in ("429", "503"):
            told: Headers = [(b"retry-after", self.failure.retry_after.encode("latin-1"))]
            headers: Headers = [(b"content-type", b"text/plain"), *(told if self.failure.retry_after else ())]
            return Prepared(int(kind), headers, (b"Too many requests" if kind == "429" else b"Down for a while",))
        if kind == "block":
            return Prepared(200, [(b"content-type", b"text/html; charset=utf-8")], (BLOCK_PAGE.encode(),))
        return Prepared(500, [(b"content-type", b"text/html")], (b"<h1>Internal Server Error</h1>",))

    def _control(self, method: str, path: str, base: str, body: bytes) -> Prepared:
        if method == "GET" and path == "/_demo/truth":
            return json_answer(self.site.truth(base))
        if method == "GET" and path == "/_demo/requests":
            return json_answer(list(self.requests))
        if method != "POST" or path != "/_demo":
            return json_answer({"error": "POST /_demo, GET /_demo/truth or GET /_demo/requests"}, 404)
        try:
            command = json.loads(body)
            self.failure = apply(self.site, self.failure, command)
        except (ValueError, TypeError) as error:  # WrongSwitch and broken JSON are ValueErrors
            return json_answer({"error": str(error), "kind": type(error).__name__}, 422)
        if set(command) == {"forget"}:
            self.requests.clear()
        else:
            self._cache.clear()
        return json_answer({"ok": True})


def json_answer(data: Any, status: int = 200) -> Prepared:
    return Prepared(status, [(b"content-type", JSON.encode())], (json.dumps(data, ensure_ascii=False).encode(),))


def zipped(prepared: Prepared) -> Prepared:
    """The same page compressed; kept beside the plain one."""
    if prepared.zipped is None:
        prepared.zipped = gzip.compress(b"".join(prepared.parts), 1, mtime=0)
    headers = [*prepared.headers, (b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
    return Prepared(prepared.status, headers, (prepared.zipped,))


async def _body(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


class App:
    """The ASGI application: picks the dealer by the port of the connection."""

    def __init__(self, dealers: dict[int, Dealer]) -> None:
        self.dealers = dealers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        dealer = self.dealers[scope["server"][1]]
        headers: dict[bytes, bytes] = dict(scope["headers"])
        base = f"http://{headers.get(b'host', b'127.0.0.1').decode('latin-1')}"
        target = scope["raw_path"].decode("latin-1")
        if scope["query_string"]:
            target += "?" + scope["query_string"].decode("latin-1")
        method: str = scope["method"]
        body = await _body(receive) if method == "POST" else b""
        answer = await dealer.answer(method, target, base, headers, body)
        content = b"".join(answer.parts)
        out = (
            answer.headers
            if answer.status == 304
            else [*answer.headers, (b"content-length", str(len(content)).encode())]
        )
        await send({"type": "http.response.start", "status": answer.status, "headers": out})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else content})


__all__ = ["App", "Dealer", "WrongSwitch"]

"""Gives answers their validators, or 304 in their place. Stands inside of compression: a tag is of the content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.serving.validators import digest, held, http_date, tag, unchanged_since

KEPT_IN_304: Final = frozenset({b"etag", b"last-modified", b"cache-control", b"vary", b"link"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What `Cached` found out about a request. `version` is of data, address and minute together; `modified` is when
    the answer last can have changed, None where that is not yet over."""

    version: str | None
    modified: int | None
    if_none_match: bytes | None
    if_modified_since: bytes | None
    data: str | None = None
    """The version of the data alone, where the answer is going to be kept."""

    def holds(self, content: str | None) -> bool:
        """Whether the client has this answer. `If-Modified-Since` is asked only where there are no tags."""
        if self.if_none_match is not None:
            return held(self.if_none_match, self.version, content) is not None
        if self.if_modified_since is None or self.modified is None:
            return False
        return unchanged_since(self.if_modified_since, self.modified)


def kept_version(request: Request) -> str | None:
    """The version of the data under which the answer to the request will be kept; None where it is not kept."""
    asked: Asked | None = request.scope.get("state", {}).get("asked")
    return None if asked is None else asked.data


class Tagged:
    """Only 200 answers that have no tag of their own (a file has). `cache_control` is of the whole API."""

    def __init__(self, app: ASGIApp, cache_control: bytes) -> None:
        self.app = app
        self._cache_control = cache_control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        asked: Asked | None = scope.get("state", {}).get("asked")
        if asked is None:
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        ended = False

        async def send_tagged(message: Message) -> None:
            nonlocal start, ended
            if message["type"] == "http.response.start" and message["status"] == 200:
                start = message  # held back until the content is known
                return
            if start is not None and message["type"] == "http.response.body":
                first, start = start, None
                content = None if message.get("more_body") else digest(message.get("body", b""))
                if self._add_validators(first, asked, content) and asked.holds(content):
                    ended = True
                    await send(not_modified(first["headers"]))
                    await send({"type": "http.response.body", "body": b""})
                    return
                await send(first)
            if not ended:
                await send(message)

        await self.app(scope, receive, send_tagged)

    def _add_validators(self, start: Message, asked: Asked, content: str | None) -> bool:
        """Whether the answer has our tag now."""
        headers: list[tuple[bytes, bytes]] = list(start["headers"])
        start["headers"] = headers
        there = {name for name, _ in headers}
        if b"cache-control" not in there:
            headers.append((b"cache-control", self._cache_control))
        if b"etag" in there or (asked.version is None and content is None):
            return False
        headers.append((b"etag", tag(asked.version, content)))
        if asked.modified is not None and b"last-modified" not in there:
            headers.append((b"last-modified", http_date(asked.modified)))
        return True


def not_modified(headers: list[tuple[bytes, bytes]]) -> Message:
    """The start of a 304 in place of an answer with these headers."""
    kept = [header for header in headers if header[0] in KEPT_IN_304]
    return {"type": "http.response.start", "status": 304, "headers": kept}

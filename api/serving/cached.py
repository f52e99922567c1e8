"""Asks for the version of the data, answers 304 or from what is kept, and keeps what is worth it.

Stands outside of routing and compression, inside of access and rate limit: what is kept goes out as it is.
"""

from __future__ import annotations

import re
import time
from functools import partial
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.formats.choosing import is_export
from api.serving.answers import Answers
from api.serving.near import Answer
from api.serving.tagged import Asked, not_modified
from api.serving.validators import SECONDS_OF_NOW, digest, held, normalised
from api.serving.version import DataVersion

PREFIX: Final = "/v1/"
UNLIKE: Final = re.compile(r"/v1/snapshots|/v1/queue$|.*\.parquet$")
"""Files, which have validators of their own, and what is not in the database."""
ONE_OF_MANY: Final = re.compile(r"/[0-9]+(/|$)")
"""One listing, unit or crawl is quickly read, and there are too many to keep."""


class Cached:
    """`salt` is of code and settings: other code may answer otherwise."""

    def __init__(self, app: ASGIApp, salt: str, cache_control: bytes, vary: bytes) -> None:
        self.app = app
        self._salt = salt
        self._cache_control = (b"cache-control", cache_control)
        self._vary = (b"vary", vary)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
            return
        if UNLIKE.match(scope["path"]):
            if not scope["path"].endswith(".parquet"):  # their list: a tag of its content alone
                given = dict(scope["headers"])
                scope.setdefault("state", {})["asked"] = Asked(None, None, given.get(b"if-none-match"), None)
            await self.app(scope, receive, partial(self._send_file, send))
            return
        state = scope["app"].state
        headers: dict[bytes, bytes] = dict(scope["headers"])
        answers: Answers | None = state.answers
        streamed = is_export(scope["path"], scope["query_string"], headers.get(b"accept"))
        # An export is given as it comes, and a HEAD has nothing that a GET could be answered with.
        head = bool(scope.get("state", {}).get("head"))
        kept = answers is not None and not (streamed or head or ONE_OF_MANY.search(scope["path"]))
        asked = await self._asked(scope, headers, state.version, kept=kept, streamed=streamed)
        known = held(asked.if_none_match, asked.version, None) if asked.if_none_match else None
        if known is not None:
            # The tag was given to a 200 answer of this address, and nothing has changed.
            await send(not_modified([(b"etag", known), self._cache_control, self._vary]))
            await send({"type": "http.response.body", "body": b""})
            return
        scope.setdefault("state", {})["asked"] = asked
        if answers is None or asked.version is None or not kept:
            await self.app(scope, receive, _Recorder(send, self._vary).send)
            return
        key = asked.version + ("z" if b"gzip" in headers.get(b"accept-encoding", b"") else "p")
        await self._kept_or_made(scope, receive, send, answers, key)

    async def _send_file(self, send: Send, message: Message) -> None:
        """Passes a file on; it too says who may keep it, and asks for each use."""
        if message["type"] == "http.response.start":
            headers = [header for header in message["headers"] if header[0] != b"vary"]
            there = {name for name, _ in headers}
            headers += [self._vary] if b"cache-control" in there else [self._vary, self._cache_control]
            message["headers"] = headers
        await send(message)

    async def _asked(
        self, scope: Scope, headers: dict[bytes, bytes], version_of: DataVersion, *, kept: bool, streamed: bool
    ) -> Asked:
        # Who may be told something that was made before must know how the data are at this moment. What is streamed has
        # no tag of its content, so that of the data must be right.
        conditional = b"if-none-match" in headers or b"if-modified-since" in headers
        now_needed = kept or conditional or streamed
        found = await (version_of.current() if now_needed else version_of.lately())
        version = modified = None
        if found is not None:
            now = int(time.time())
            minute = now // SECONDS_OF_NOW
            version = digest(
                self._salt,
                found.text,
                str(minute),
                scope["scheme"],
                headers.get(b"host", b""),  # addresses in answers have it
                scope.get("root_path", ""),
                scope["path"],
                normalised(scope["query_string"]),
                headers.get(b"accept", b""),
            )
            second = max(found.since, minute * SECONDS_OF_NOW)
            modified = second if second < now else None  # more may change before a second is over
        data = found.text if found is not None and kept else None
        return Asked(version, modified, headers.get(b"if-none-match"), headers.get(b"if-modified-since"), data)

    async def _kept_or_made(self, scope: Scope, receive: Receive, send: Send, answers: Answers, key: str) -> None:
        kept = answers.near(key) or await answers.get(key)
        if kept is not None:
            await _give(scope, send, kept)
            return
        source = scope["app"].state.database.generation
        recorder = _Recorder(send, self._vary, answers.largest)
        answer: Answer | None = None
        try:
            await self.app(scope, receive, recorder.send)
            # Data of another server than the one whose version was asked must not stand under it.
            answer = recorder.answer() if scope["app"].state.database.generation == source else None
        finally:
            answers.made(key, answer)


async def _give(scope: Scope, send: Send, kept: Answer) -> None:
    asked: Asked = scope["state"]["asked"]
    scope["state"]["cache"] = "hit"
    conditional = asked.if_none_match or asked.if_modified_since
    if conditional and asked.holds(content_of(kept.headers)):
        await send(not_modified(kept.headers))
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": list(kept.headers)})
    await send({"type": "http.response.body", "body": kept.body})


def content_of(headers: list[tuple[bytes, bytes]]) -> str | None:
    """The second part of the tag among the headers."""
    for name, value in headers:
        if name == b"etag":
            return value.decode().rstrip('"').rpartition("-")[2] or None
    return None


class _Recorder:
    """Passes an answer on and remembers it, where it is one to keep: 200, JSON, in one piece, not too large.

    Inner parts say each what the answer varies with; one header says it in their place.
    """

    def __init__(self, send: Send, vary: tuple[bytes, bytes], largest: int = -1) -> None:
        self._send = send
        self._vary = vary
        self._largest = largest
        self._headers: list[tuple[bytes, bytes]] | None = None
        self._body: bytes | None = None

    async def send(self, message: Message) -> None:
        """ASGI."""
        if message["type"] == "http.response.start":
            headers = [header for header in message["headers"] if header[0] != b"vary"]
            headers.append(self._vary)
            message["headers"] = headers
            if message["status"] == 200:
                named = dict(headers)
                if named.get(b"content-type", b"").startswith(b"application/json") and b"etag" in named:
                    self._headers = list(headers)
        elif message["type"] == "http.response.body" and self._headers is not None:
            body = message.get("body", b"")
            if not message.get("more_body") and self._body is None and len(body) <= self._largest:
                self._body = body
            else:
                self._headers = None
        await self._send(message)

    def answer(self) -> Answer | None:
        """What was remembered."""
        return None if self._headers is None or self._body is None else Answer(self._headers, self._body)

"""The API's log: text or JSON, and a line for each request that holds no secret."""

from __future__ import annotations

import logging
import re
import sys
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inventory.log_lines import JsonLines
from inventory.settings import Settings

access_log = logging.getLogger("api.access")

TEXT: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"
LONGEST_QUERY: Final = 500
_SECRET: Final = re.compile(r"(?i)key|token|secret|password|passwd|auth|jwt|signature")
"""In the name of a parameter whose value is not for the log."""
_UNPRINTABLE: Final = re.compile(r"[^\x20-\x7e]")


def set_up(settings: Settings) -> None:
    """Logging of this process, where the program that runs the app has not set it up (LOG_FORMAT=json: anyway).

    uvicorn's own line for a request is switched off: ours says the same and more.
    """
    logging.getLogger("api").setLevel(settings.log_level)
    uvicorn_lines = logging.getLogger("uvicorn.access")
    uvicorn_lines.handlers.clear()
    uvicorn_lines.propagate = False
    if settings.log_format == "text":
        logging.basicConfig(format=TEXT)
        return
    root = logging.getLogger()
    if not root.handlers:
        logging.basicConfig(stream=sys.stderr)
    for handler in [*root.handlers, *logging.getLogger("uvicorn").handlers]:
        if type(handler) is logging.StreamHandler:  # what somebody made for another purpose keeps its form
            handler.setFormatter(JsonLines())


def without_secrets(query: bytes) -> str:
    """The query string for the log: printable, not endless, and without the values of what may be a secret."""
    text = _UNPRINTABLE.sub("?", query[:LONGEST_QUERY].decode("latin-1"))
    return "&".join(map(_shown, text.split("&")))[:LONGEST_QUERY]


def _shown(pair: str) -> str:
    name, sign, _ = pair.partition("=")
    return f"{name}=…" if sign and _SECRET.search(name) else pair


class AccessLines:
    """One line for each request, written when it has ended, at INFO. Costs nothing where LOG_LEVEL leaves it out."""

    def __init__(self, app: ASGIApp, *, json: bool) -> None:
        self.app = app
        self._json = json

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or not access_log.isEnabledFor(logging.INFO):
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status, size = 500, 0  # a fault of the program is answered outside of here

        async def send_counted(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, send_counted)
        finally:
            self._write(scope, status, round((time.perf_counter() - started) * 1000, 1), size)

    def _write(self, scope: Scope, status: int, ms: float, size: int) -> None:
        state = scope.get("state", {})
        client = state.get("client")
        name = client.name if client is not None else (scope["client"][0] if scope.get("client") else "-")
        fields = {
            "request_id": state.get("request_id"),
            "method": scope["method"],
            "path": _UNPRINTABLE.sub("?", scope["path"]),
            "query": without_secrets(scope["query_string"]),
            "status": status,
            "ms": ms,
            "bytes": size,
            "cache": state.get("cache", "-"),
            "client": _UNPRINTABLE.sub("?", name).replace(" ", "_"),
        }
        if self._json:
            access_log.info("", extra={"fields": fields})
            return
        query = f"?{fields['query']}" if fields["query"] else ""
        access_log.info(
            "%s %s %s%s %d %s ms %d bytes cache=%s client=%s",
            fields["request_id"], fields["method"], fields["path"].replace(" ", "%20"), query, status, ms, size,
            fields["cache"], fields["client"],
        )  # fmt: skip

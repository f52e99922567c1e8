"""How often a client may ask: 429 with `Retry-After`, and `RateLimit` (draft-ietf-httpapi-ratelimit-headers).

Windows are those of the clock, so that all processes that count in one Redis agree on them. A 304 costs nothing.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access.identity import Identity
from api.problems import Problem
from api.serving.redis_link import RedisLink
from api.serving.validators import digest

LIMITED: Final = "/v1/"
NAME: Final = "default"
MOST_CLIENTS: Final = 50_000
"""Counted by one process in one window. Whoever comes on top shares one count."""
_SHARED: Final = "others"
PREFIX: Final = "yardstick:rate:"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in so many seconds."""

    requests: int
    seconds: int

    @classmethod
    def parsed(cls, text: str) -> Limit | None:
        """`100/60`; None for an empty text."""
        if not text:
            return None
        requests, _, seconds = text.partition("/")
        return cls(int(requests), int(seconds))


class Counts:
    """Requests by client, of the present window only."""

    def __init__(self) -> None:
        self._window = 0
        self._counts: dict[str, int] = {}

    def add(self, window: int, client: str, more: int) -> int:
        """How many the client has made in the window, with these."""
        if window != self._window:
            self._window, self._counts = window, {}
        if client not in self._counts and len(self._counts) >= MOST_CLIENTS:
            client = _SHARED
        count = max(0, self._counts.get(client, 0) + more)
        self._counts[client] = count
        return count


def client_of(scope: Scope) -> str:
    """Whose requests are counted together: those of a key or token, else of an address (of IPv6: its network /64)."""
    identity: Identity | None = scope.get("state", {}).get("client")
    if identity is not None:
        return f"key {identity.name}"
    address = scope["client"][0] if scope.get("client") else ""
    if ":" not in address:
        return f"address {address}"
    try:
        return f"address {ipaddress.ip_network((address.partition('%')[0], 64), strict=False)}"
    except ValueError:
        return f"address {address}"


class RateLimit:
    """Counts in Redis where there is one that answers, else in this process."""

    def __init__(self, app: ASGIApp, limit: Limit, clock: Callable[[], float] = time.time) -> None:
        self.app = app
        self._limit = limit
        self._clock = clock
        self._counts = Counts()
        self._policy = f'"{NAME}";q={limit.requests};w={limit.seconds}'.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or not scope["path"].startswith(LIMITED):
            await self.app(scope, receive, send)
            return
        now = self._clock()
        window = int(now // self._limit.seconds)
        left_s = max(1, int((window + 1) * self._limit.seconds - now + 0.999))
        client = client_of(scope)
        link: RedisLink | None = scope["app"].state.redis
        key = f"{PREFIX}{self._limit.seconds}:{window}:{digest(client)}"
        shared = None if link is None else await link.count(key, self._limit.seconds + 5)
        count = self._counts.add(window, client, 1) if shared is None else shared

        def take_back() -> int:
            if shared is None or link is None:
                return self._counts.add(window, client, -1)
            link.uncount(key)
            return shared - 1

        async def send_limited(message: Message) -> None:
            if message["type"] == "http.response.start":
                used = take_back() if message["status"] == 304 else count
                left = max(0, self._limit.requests - used)
                message["headers"] = [
                    *message["headers"],
                    (b"ratelimit-policy", self._policy),
                    (b"ratelimit", f'"{NAME}";r={left};t={left_s}'.encode()),
                ]
            await send(message)

        if count > self._limit.requests:
            await _refusal(self._limit, left_s).response(Request(scope))(scope, receive, send_limited)
            return
        await self.app(scope, receive, send_limited)


def _refusal(limit: Limit, left_s: int) -> Problem:
    detail = f"{limit.requests} requests in {limit.seconds} s are the limit. Ask again in {left_s} s."
    headers = {"Retry-After": str(left_s)}
    extra = {"violated-policies": [NAME]}
    return Problem(429, "quota-exceeded", "Too many requests", detail, headers=headers, extra=extra)

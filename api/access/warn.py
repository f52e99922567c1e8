"""One clear line in the log where everybody who reaches this machine can read the API."""

from __future__ import annotations

import ipaddress
import logging

from starlette.types import ASGIApp, Receive, Scope, Send

log = logging.getLogger(__name__)
OPEN = (
    "the API is open: whoever reaches %s reads all of it. Set API_KEYS, JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS, "
    "or listen on 127.0.0.1 only (docs/operations.md#access)"
)


def on_loopback(address: str) -> bool:
    """Whether only this machine reaches the address."""
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:  # a name, or the path of a socket
        return address in ("localhost", "testserver") or address.startswith("/")


class WarnIfOpen:
    """Stands where the guard would stand. An ASGI app learns where it listens with its first request only."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._looked_at = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if not self._looked_at and scope["type"] == "http":
            server = scope.get("server")
            if server and not on_loopback(server[0]):
                self._looked_at = True
                log.warning(OPEN, server[0])
        await self.app(scope, receive, send)

"""Lets in who has a key or token with the right scope, where access is limited at all."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access.identity import EXPORT, READ, Identity, Refused
from api.access.keys import MARK, StoredKey, find_key, parse_keys
from api.access.tokens import Tokens, tokens_of
from api.formats.choosing import is_export
from api.problems import Problem
from inventory.settings import Settings

log = logging.getLogger(__name__)

OPEN_PATHS: Final = frozenset({"/health", "/ready", "/docs", "/openapi.json", "/favicon.svg"})
OPEN_BELOW: Final = "/docs/assets/"
KEY_HEADER: Final = b"x-api-key"
_REALM: Final = 'Bearer realm="yardstick"'


@dataclass(frozen=True, slots=True)
class Access:
    """Whom the settings let in. Neither keys nor tokens: everybody."""

    keys: tuple[StoredKey, ...] = ()
    tokens: Tokens | None = None

    @property
    def limited(self) -> bool:
        """Whether a client has to say who it is."""
        return bool(self.keys) or self.tokens is not None

    def identity(self, headers: Mapping[bytes, bytes]) -> Identity:
        """Who asks. Raises `Refused`; its message is empty where nothing was given."""
        scheme, _, given = headers.get(b"authorization", b"").decode("latin-1").strip().partition(" ")
        secret = given.strip() if scheme.lower() == "bearer" else headers.get(KEY_HEADER, b"").decode("latin-1").strip()
        if not secret:
            raise Refused("")
        if secret.startswith(MARK):
            found = find_key(self.keys, secret)
            if found is None:
                raise Refused("The key is not known.")
            return found
        if self.tokens is None:
            raise Refused("The key is not known.")
        return self.tokens.identity(secret)


def access_of(settings: Settings) -> Access:
    """Raises `AccessError`."""
    keys = () if settings.api_keys is None else parse_keys(settings.api_keys.get_secret_value())
    return Access(keys, tokens_of(settings))


class Guard:
    """Puts the client's `Identity` into the request's state as `client`, or answers 401 or 403."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS or scope["path"].startswith(OPEN_BELOW):
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        try:
            identity = self._access.identity(headers)
        except Refused as refused:
            await _unknown(str(refused)).response(Request(scope))(scope, receive, send)
            return
        scope.setdefault("state", {})["client"] = identity
        missing = _missing(scope, headers, identity)
        if missing is not None:
            await _forbidden(missing).response(Request(scope))(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _missing(scope: Scope, headers: Mapping[bytes, bytes], identity: Identity) -> str | None:
    """The scope that the client lacks for this request."""
    if READ not in identity.scopes:
        return READ
    if EXPORT in identity.scopes:
        return None
    return EXPORT if is_export(scope["path"], scope["query_string"], headers.get(b"accept")) else None


def _unknown(why: str) -> Problem:
    challenge = f'{_REALM}, error="invalid_token"' if why else _REALM
    detail = why or "Send a key or token: Authorization: Bearer …"
    return Problem(401, "unauthorized", "Who asks is not known", detail, headers={"WWW-Authenticate": challenge})


def _forbidden(scope: str) -> Problem:
    words = {EXPORT: "Whole sets need the scope export; pages of /v1 do not.", READ: "The scope read is needed."}
    challenge = f'{_REALM}, error="insufficient_scope", scope="{scope}"'
    return Problem(
        403, "forbidden", "The scope does not suffice", words[scope], headers={"WWW-Authenticate": challenge}
    )

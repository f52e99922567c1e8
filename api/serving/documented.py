"""What the stack adds to the OpenAPI document: 304, and where they are set limits, keys and tokens."""

from __future__ import annotations

from typing import Any, Final

from api.access.guard import OPEN_PATHS, Access
from api.problems import MEDIA_TYPE
from api.serving.limits import LIMITED
from inventory.settings import Settings

_PROBLEM: Final = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}}
NOT_MODIFIED: Final = {"description": "What the client holds (`If-None-Match`, `If-Modified-Since`) is still right"}
UNAUTHORIZED: Final = {"description": "No key or token, or one that is not accepted", **_PROBLEM}
FORBIDDEN: Final = {"description": "The key or token lacks the scope that `WWW-Authenticate` names", **_PROBLEM}
TOO_MANY: Final = {"description": "The limit of requests is reached; `Retry-After` says for how long", **_PROBLEM}


def add_to_document(made: dict[str, Any], settings: Settings, access: Access) -> None:
    """Changes `made` in place."""
    schemes = _schemes(access)
    if schemes:
        made.setdefault("components", {})["securitySchemes"] = schemes
    for path, methods in made["paths"].items():
        if path in OPEN_PATHS:
            continue
        for operation in methods.values():
            answers = operation.setdefault("responses", {})
            if path.startswith(LIMITED):
                answers["304"] = NOT_MODIFIED
                if settings.api_rate_limit:
                    answers["429"] = TOO_MANY
            if schemes:
                answers |= {"401": UNAUTHORIZED, "403": FORBIDDEN}
                operation["security"] = [{name: []} for name in schemes]


def _schemes(access: Access) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if access.keys:
        found["key"] = {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    if access.limited:
        also = "A key (`python -m api key new`)" if access.keys else ""
        jwt = "A JWT with the scopes `read` and `export`" if access.tokens else ""
        found["bearer"] = {"type": "http", "scheme": "bearer", "description": " or ".join(filter(None, (also, jwt)))}
    return found

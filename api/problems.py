"""Errors as RFC 9457 problem documents: type, title, status, detail, instance, errors[] and the request's id."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.middleware import REQUEST_ID

MEDIA_TYPE: Final = "application/problem+json"
LONGEST_SLIP: Final = 60
MOST_SUGGESTIONS: Final = 3
"""Of one answer: a query full of nonsense must not cost seconds."""
TYPE_PREFIX: Final = "urn:yardstick:problem:"


@dataclass(frozen=True, slots=True)
class ParameterError:
    """What is wrong with one parameter."""

    parameter: str
    detail: str
    did_you_mean: str | None = None

    def as_dict(self) -> dict[str, str]:
        """The member of `errors[]`."""
        shown = {"parameter": self.parameter, "detail": self.detail}
        return shown | ({"did_you_mean": self.did_you_mean} if self.did_you_mean else {})


@dataclass(slots=True)
class Problem(Exception):
    """Ends a request. `kind` is the last part of the problem's type."""

    status: int
    kind: str
    title: str
    detail: str
    errors: list[ParameterError] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def response(self, request: Request) -> Response:
        """The answer to `request`."""
        body: dict[str, Any] = {
            "type": TYPE_PREFIX + self.kind,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": request.url.path,
            "request_id": request.scope.get("state", {}).get("request_id"),
        }
        if self.errors:
            body["errors"] = [error.as_dict() for error in self.errors]
        return Response(
            orjson.dumps(body | dict(self.extra)),
            status_code=self.status,
            media_type=MEDIA_TYPE,
            headers=dict(self.headers) | {"Cache-Control": "no-store"},
        )


def bad_parameters(errors: list[ParameterError]) -> Problem:
    """422: every wrong parameter is named, not only the first."""
    names = ", ".join(dict.fromkeys(error.parameter for error in errors))
    return Problem(
        422, "invalid-parameter", "A parameter cannot be used", f"Nothing was looked up; wrong: {names}.", errors
    )


def misleading(warnings: Sequence[Any]) -> Problem:
    """422: `strict=1` was given, and the answer would mislead. `warnings` have `parameters`, `detail` and `counts`."""
    errors = [ParameterError(", ".join(warned.parameters), warned.detail) for warned in warnings]
    names = ", ".join(dict.fromkeys(name for warned in warnings for name in warned.parameters))
    detail = f"strict=1 was given, and what does not belong together would be compared: {names}."
    shown = [{"code": w.code, "parameters": w.parameters, "detail": w.detail, "counts": w.counts} for w in warnings]
    return Problem(422, "misleading", "The answer would mislead", detail, errors, extra={"warnings": shown})


def bad_cursor(detail: str, parameter: str = "cursor") -> Problem:
    """400: a cursor that is not one of ours, or that belongs to another query."""
    return Problem(400, "invalid-cursor", "The cursor cannot be used", detail, [ParameterError(parameter, detail)])


def not_found(what: str) -> Problem:
    """404: nothing has this id."""
    return Problem(404, "not-found", "Not found", f"There is no {what}.")


def suggest(wrong: str, known: Iterable[str]) -> str | None:
    """The known name that `wrong` was probably meant to be. Costs about 5 ms for a list's 400 parameters."""
    if len(wrong) > LONGEST_SLIP:
        return None
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(wrong.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def problem_answer(request: Request, error: Exception) -> Response:
    """Handler of `Problem`."""
    assert isinstance(error, Problem)
    return error.response(request)


def http_answer(request: Request, error: Exception) -> Response:
    """Handler of Starlette's own errors: an unknown path, a method that is not offered."""
    assert isinstance(error, HTTPException)
    kinds = {404: ("not-found", "Not found"), 405: ("method-not-allowed", "This API only reads")}
    kind, title = kinds.get(error.status_code, ("http", str(error.detail)))
    details = {
        404: f"Nothing is served at {request.url.path}; / and /docs list what is.",
        405: f"{request.method} is not offered here; use GET or HEAD.",
    }
    detail = details.get(error.status_code, str(error.detail))
    headers = {"Allow": "GET, HEAD"} if error.status_code == 405 else error.headers or {}
    return Problem(error.status_code, kind, title, detail, headers=headers).response(request)


def validation_answer(request: Request, error: Exception) -> Response:
    """Handler of FastAPI's validation, which only path parameters still reach."""
    assert isinstance(error, RequestValidationError)
    errors = [ParameterError(str(found["loc"][-1]), str(found["msg"])) for found in error.errors()]
    return bad_parameters(errors).response(request)


def crash_answer(request: Request, error: Exception) -> Response:
    """Handler of everything unforeseen; the log has the cause under the same request id."""
    del error
    # This answer goes past the middleware that would add the header.
    headers = {REQUEST_ID: request.scope.get("state", {}).get("request_id", "")}
    detail = "This is a fault of the program; the log has it under this request id."
    return Problem(500, "internal", "The program failed", detail, headers=headers).response(request)

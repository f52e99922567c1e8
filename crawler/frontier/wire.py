"""Requests on their way through the queue: JSON with what cannot be worked out again.

A request is made anew by the spider that takes it (headers, callbacks, slot): dealers' headers, which may hold secrets,
do not travel, and the conditions under which a known page is asked for are known to each worker. Addresses travel
whole: a secret of a dealer's file that stands in one (`/stock?key=${TOKEN}`) stands in Redis, for whoever may read
there.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from scrapy import Request
from scrapy.crawler import Crawler

from crawler.platforms.visit import Visit
from crawler.tracking.retry_marks import FIRST_FAILED, LAST_TRY, LED

_MADE_ANEW: Final = frozenset(
    {"token", "download_slot", "handle_httpstatus_list", "download_latency", "download_timeout", "proxy"}
    | {"killed_workers", "not_before"}
)
_TAKEN: Final = frozenset(
    {"redirect_times", "redirect_ttl", "redirect_urls", "redirect_reasons", "retry_times", "depth", "put_back"}
    | {"playwright", FIRST_FAILED, LAST_TRY, LED}
)
"""Of `meta`, what the queue may say of a request. Whoever writes to Redis sets no proxy, and no robots.txt aside."""

MARK: Final = 20
"""Hex digits of a fingerprint by which a request is known to have been queued: 80 bits."""

_KEPT_HEADERS: Final = ("Referer",)


class NotOnTheWire(TypeError):
    """A request holds something that is no JSON; the message names it."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a request that is asked once more has failed. `message` holds no secret."""

    error_class: str
    message: str
    status: int | None


@dataclass(frozen=True, slots=True)
class Left:
    """A request that is never asked any more: what it would have visited, its marks, and why it failed if it did."""

    visit: Visit
    meta: Mapping[str, Any]
    failed: Failed | None


def packed(request: Request, failed: Failed | None = None) -> str:
    """A request of a dealer as JSON; `Visit` without what is as usual."""
    visit = Visit(**request.cb_kwargs["visit"])
    said: dict[str, Any] = {"visit": visit.as_short_json()}
    if request.url != visit.url:
        said["url"] = request.url
    if request.method != "GET":
        said["method"] = request.method
    if request.body:
        said["body"] = base64.b64encode(request.body).decode()
    if request.priority:
        said["priority"] = request.priority
    if meta := {k: v for k, v in request.meta.items() if k not in _MADE_ANEW and not k.startswith("_")}:
        said["meta"] = meta
    if headers := {name: _text(request, name) for name in _KEPT_HEADERS if name in request.headers}:
        said["headers"] = headers
    if failed is not None:
        said["failed"] = [failed.error_class, failed.message, failed.status]
    try:
        return orjson.dumps(said).decode()
    except TypeError as error:
        raise NotOnTheWire(f"{request.url}: {error}") from None


def mark_of(request: Request, crawler: Crawler) -> str:
    """By which a request is known to have been queued; a new one where it is wanted again."""
    return secrets.token_hex(MARK // 2) if request.dont_filter else page_mark(request, crawler)


def page_mark(request: Request, crawler: Crawler) -> str:
    """By which the page that a request asks for is known."""
    assert crawler.request_fingerprinter is not None
    return crawler.request_fingerprinter.fingerprint(request).hex()[:MARK]


def visit_of(payload: str) -> Visit:
    """What a packed request visits."""
    return Visit(**orjson.loads(payload)["visit"])


def left_of(payload: str) -> Left | None:
    """What a packed request says where nobody asks it; None where another version of ours packed it otherwise."""
    try:
        said = orjson.loads(payload)
        failed = Failed(*said["failed"]) if "failed" in said else None
        return Left(Visit(**said["visit"]), said.get("meta", {}), failed)
    except (ValueError, KeyError, TypeError):
        return None


def unpacked(payload: str, made: Request) -> Request:
    """The request that was packed; `made` is what the spider makes of its visit now.

    Of `meta` only what a request gains on its way is taken; its slot, say, is what `made` has.
    """
    said = orjson.loads(payload)
    made.meta.update({name: value for name, value in said.get("meta", {}).items() if name in _TAKEN})
    for name, value in said.get("headers", {}).items():
        made.headers.setdefault(name, value)
    changes: dict[str, Any] = {name: said[name] for name in ("url", "method", "priority") if name in said}
    if "body" in said:
        changes["body"] = base64.b64decode(said["body"])
    # It passed the duplicates' filter when it was queued.
    found: Request = made.replace(dont_filter=True, **changes)
    return found


def _text(request: Request, name: str) -> str:
    return (request.headers.get(name) or b"").decode("latin-1")

"""Requests on their way through the queue: JSON with what cannot be worked out again, and never a secret.

A request is made anew by the spider that takes it (headers, callbacks, slot): dealers' headers may hold secrets, and
the conditions under which a known page is asked for are known to each worker.
"""

from __future__ import annotations

import base64
import secrets
from typing import Any, Final

import orjson
from scrapy import Request
from scrapy.crawler import Crawler

from crawler.platforms.visit import Visit
from crawler.tracking.retry_marks import FIRST_FAILED, LAST_TRY

_MADE_ANEW: Final = frozenset(
    {"token", "download_slot", "handle_httpstatus_list", "download_latency", "download_timeout", "proxy"}
    | {"killed_workers", "not_before"}
)
_TAKEN: Final = frozenset(
    {"redirect_times", "redirect_ttl", "redirect_urls", "redirect_reasons", "retry_times", "depth", "put_back"}
    | {"playwright", FIRST_FAILED, LAST_TRY}
)
"""Of `meta`, what the queue may say of a request. Whoever writes to Redis sets no proxy, and no robots.txt aside."""

MARK: Final = 20
"""Hex digits of a fingerprint by which a request is known to have been queued: 80 bits."""

_KEPT_HEADERS: Final = ("Referer",)


class NotOnTheWire(TypeError):
    """A request holds something that is no JSON; the message names it."""


def packed(request: Request) -> str:
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
    try:
        return orjson.dumps(said).decode()
    except TypeError as error:
        raise NotOnTheWire(f"{request.url}: {error}") from None


def mark_of(request: Request, crawler: Crawler) -> str:
    """By which a request is known to have been queued; a new one where it is wanted again."""
    if request.dont_filter:
        return secrets.token_hex(MARK // 2)
    assert crawler.request_fingerprinter is not None
    return crawler.request_fingerprinter.fingerprint(request).hex()[:MARK]


def visit_of(payload: str) -> Visit:
    """What a packed request visits."""
    return Visit(**orjson.loads(payload)["visit"])


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

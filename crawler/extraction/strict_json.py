"""JSON from pages: strictly first, then forgiving the usual breakage. Bounded in size, depth and nodes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any, Final

import orjson

MAX_CHARS: Final = 5_000_000
MAX_NODES: Final = 50_000
MAX_DEPTH: Final = 40
MAX_BROKEN_CHARS: Final = 1_000_000
"""Of a text that is no strict JSON: the forgiving reading goes over it several times."""
_OPENINGS: Final = ("<![CDATA[", "<!--")
_CLOSINGS: Final = ("]]>", "-->", "//")
_TRAILING_COMMA: Final = re.compile(r",(?=\s*+[}\]])")
_MISSING_COMMA: Final = re.compile(r'(["}\]][ \t\r]*+\n\s*+)(?=")')
_CONTROL: Final = re.compile(r"[\x00-\x1f\u2028\u2029]+")
_COMMENT: Final = re.compile(r"(?m)^[ \t]*+//[^\n]*$|/\*[^*]{0,2000}\*/")
_BAD_ESCAPE: Final = re.compile(r"\\(?![\"\\/bfnrtu])")
_BETWEEN: Final = re.compile(r"[\s,;]*")
_MAX_VALUES: Final = 50


def parse_json(text: str) -> Any | None:
    """The value of a JSON text, `None` when even a forgiving reading fails (or for `null`)."""
    if len(text) > MAX_CHARS or not text.strip():
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return _forgiving(text)


def _forgiving(text: str) -> Any | None:
    """Comments, CDATA, raw line breaks in strings, trailing commas and what follows the value, HTML entities.

    Several values behind each other become a list.
    """
    text = _unwrapped(text[: MAX_BROKEN_CHARS + 1])
    if len(text) > MAX_BROKEN_CHARS:
        return None
    attempts = [text, _repaired(text)]
    if "&quot;" in text:
        attempts.append(_repaired(unescape(text)))
    for attempt in attempts:
        if values := _values(attempt.strip()):
            return values if len(values) > 1 else values[0]
    return None


def _values(text: str) -> list[Any]:
    """The value that the text begins with, and objects and lists right behind it."""
    found: list[Any] = []
    position = 0
    while len(found) < _MAX_VALUES and (not found or text.startswith(("{", "["), position)):
        try:
            value, end = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            break
        found.append(value)
        between = _BETWEEN.match(text, end)
        position = between.end() if between else end
    return found


def _unwrapped(text: str) -> str:
    """Without the marks of CDATA or a comment around it, themselves behind `//` or not, and a semicolon."""
    text = text.strip().rstrip("; \t\r\n")
    for _ in range(3):
        opening = next((mark for mark in _OPENINGS if text.removeprefix("//").lstrip().startswith(mark)), None)
        if opening:
            text = text.partition(opening)[2].strip()
        closing = next((mark for mark in _CLOSINGS if text.endswith(mark)), None)
        if closing:
            text = text.removesuffix(closing).rstrip("; \t\r\n")
    return text


_DECODER: Final = json.JSONDecoder(strict=False)


def _repaired(text: str) -> str:
    text = _BAD_ESCAPE.sub(r"\\\\", text)
    text = _COMMENT.sub("", text) if "//" in text or "/*" in text else text
    text = _MISSING_COMMA.sub(r"\1,", text)
    text = _TRAILING_COMMA.sub("", text)
    return _CONTROL.sub(" ", text)


def objects(value: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Every JSON object in a value with its path, parents first, in order; at most `MAX_NODES` values are looked at."""
    stack: list[tuple[Any, str, int]] = [(value, "", 0)]
    seen = 0
    while stack and seen < MAX_NODES:
        node, path, depth = stack.pop()
        seen += 1
        if isinstance(node, dict):
            yield node, path
            inner = [(v, f"{path}.{k}" if path else k) for k, v in node.items() if isinstance(v, (dict, list))]
        elif isinstance(node, list):
            inner = [(v, path) for v in node[:5000] if isinstance(v, (dict, list))]
        else:
            continue
        if depth < MAX_DEPTH:
            stack.extend((v, p, depth + 1) for v, p in reversed(inner))

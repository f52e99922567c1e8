"""Saved pages as files: .html, .html.gz, and HAR files with every page of a browser's session."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

MAX_UNPACKED: Final = 200 * 1024 * 1024
"""A file that unpacks to more is refused: nobody saves such a page, but a small file can hold it."""


class SavedPageError(ValueError):
    """A file holds no page; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A page as it was saved. `url` is empty where the file does not say it."""

    file: str
    url: str
    body: bytes
    content_type: str | None = None


def read_saved(file: Path) -> Iterator[SavedPage]:
    """The pages of a file: one of HTML, each HTML answer of a HAR. Raises `SavedPageError`."""
    try:
        body = file.read_bytes()
    except OSError as error:
        raise SavedPageError(f"{file}: {error.strerror}") from None
    if body[:2] == b"\x1f\x8b":
        body = _unpacked(file, body)
    if ".har" in file.suffixes:
        yield from _har(file, body)
    else:
        yield SavedPage(str(file), "", body)


def _unpacked(file: Path, body: bytes) -> bytes:
    try:
        with gzip.open(file) as packed:
            unpacked = packed.read(MAX_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise SavedPageError(f"{file}: is no whole gzip file: {error}") from None
    if len(unpacked) > MAX_UNPACKED:
        raise SavedPageError(f"{file}: unpacks to more than {MAX_UNPACKED // 1024 // 1024} MB")
    return unpacked


def _har(file: Path, body: bytes) -> Iterator[SavedPage]:
    try:
        entries = json.loads(body)["log"]["entries"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SavedPageError(f"{file}: is no HAR file: {type(error).__name__} {error}") from None
    for entry in entries if isinstance(entries, list) else ():
        page = _har_entry(str(file), entry)
        if page is not None:
            yield page


def _har_entry(file: str, entry: Any) -> SavedPage | None:
    """The page of one HAR entry; None for what is no HTML or was not kept."""
    try:
        content = entry["response"]["content"]
        kind, text, url = str(content.get("mimeType", "")), content["text"], str(entry["request"]["url"])
        if "html" not in kind or not isinstance(text, str):
            return None
        if content.get("encoding") == "base64":
            return SavedPage(file, url, base64.b64decode(text, validate=True), kind)
        return SavedPage(file, url, text.encode(), "text/html; charset=utf-8")
    except (KeyError, TypeError, AttributeError, binascii.Error):
        return None

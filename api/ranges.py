"""A file on the disk as an answer: validators, one byte range, never compressed. What is replaced meanwhile is read on.

The file is opened once and read by its descriptor: size, tag and bytes are of one file, even if another takes its name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from typing import Final

import anyio.to_thread
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

CHUNK_BYTES: Final = 256 * 1024
_RANGE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class FileAnswer(Response):
    """200, 206, 304 or 416, as the request's headers ask. Raises `OSError` where the file cannot be opened.

    Several ranges at once are answered with the whole file, which RFC 9110 leaves to a server.
    """

    def __init__(self, file: Path, media_type: str, asked: Mapping[str, str], *, head: bool) -> None:
        self._descriptor = os.open(file, os.O_RDONLY)
        found = os.fstat(self._descriptor)
        size, modified = found.st_size, int(found.st_mtime)
        tag = f'"{found.st_mtime_ns:x}-{found.st_ino:x}-{size:x}"'
        span = wanted_range(asked, size, tag, modified)
        headers = {
            "Accept-Ranges": "bytes",
            "ETag": tag,
            "Last-Modified": formatdate(modified, usegmt=True),
            "Content-Disposition": f'attachment; filename="{file.name}"',
        }
        status = 200
        self._start, self._length = 0, size
        if unchanged(asked, tag, modified):
            status, self._length = 304, 0
        elif span == ():
            status, self._length = 416, 0
            headers |= {"Content-Range": f"bytes */{size}", "Content-Length": "0"}
        elif span:
            first, last = span
            status, self._start, self._length = 206, first, last - first + 1
            headers |= {"Content-Range": f"bytes {first}-{last}/{size}", "Content-Length": str(self._length)}
        else:
            headers["Content-Length"] = str(size)
        self._length = 0 if head else self._length
        super().__init__(status_code=status, headers=headers, media_type=media_type)
        if status == 304:
            del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            position, end = self._start, self._start + self._length
            while position < end:
                wanted = min(CHUNK_BYTES, end - position)
                chunk = await anyio.to_thread.run_sync(os.pread, self._descriptor, wanted, position)
                if not chunk:
                    raise OSError("the file became shorter")  # a broken connection says so
                position += len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            os.close(self._descriptor)


def wanted_range(asked: Mapping[str, str], size: int, tag: str, modified: int) -> tuple[int, int] | tuple[()] | None:
    """First and last byte; nothing where the range lies outside; None for the whole file. Pure."""
    if "range" not in asked or not _still_this(asked.get("if-range"), tag, modified):
        return None
    found = _RANGE.fullmatch(asked["range"].replace(" ", ""))
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        length = min(int(last), size)
        return (size - length, size - 1) if length else ()
    start, end = int(first), min(int(last or size - 1), size - 1)
    if last and int(last) < start:
        return None  # no range at all
    return (start, end) if start < size else ()


def unchanged(asked: Mapping[str, str], tag: str, modified: int) -> bool:
    """Whether the client has this very file. A tag is asked before a time. Pure."""
    if (given := asked.get("if-none-match")) is not None:
        return given.strip() == "*" or tag in [one.strip().removeprefix("W/") for one in given.split(",")]
    since = _time(asked.get("if-modified-since"))
    return since is not None and modified <= since


def _still_this(condition: str | None, tag: str, modified: int) -> bool:
    """`If-Range`: without it, with this file's tag, or with its very time."""
    if condition is None or condition.strip() == tag:
        return True
    return _time(condition) == modified


def _time(text: str | None) -> float | None:
    if not text:
        return None
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None

"""A feed as it came: unpacked and decoded while it is read, never held a second time in memory."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from typing import Final

from scrapy.http import Response
from w3lib.encoding import http_content_type_encoding, read_bom, resolve_encoding

from crawler.platforms.base import UnreadablePage

MAX_UNPACKED_BYTES: Final = 2_000_000_000
"""A packed feed that grows beyond this is no stock list."""

HEAD_BYTES: Final = 64 * 1024
"""How much is looked at to tell a feed's encoding and form."""

_GZIP: Final = b"\x1f\x8b"
_PROLOG: Final = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")


class FeedFile:
    """The text of a feed's body, plain or gzip.

    `text` is read once, from its beginning; `head` is what stands there (up to `HEAD_BYTES`, decoded), for telling
    one form from another. Bytes that are no text in the feed's encoding come as U+FFFD.
    """

    def __init__(self, response: Response) -> None:
        self._raw = _Unpacked(response.body)
        buffered = io.BufferedReader(self._raw, HEAD_BYTES)
        head = buffered.peek(HEAD_BYTES)[:HEAD_BYTES]
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        encoding, mark = encoding_of(head, kind)
        buffered.read(mark)
        self.head = head[mark:].decode(encoding, "replace").lstrip("\ufeff")
        self.text = io.TextIOWrapper(buffered, encoding, "replace", newline="")

    def whole(self) -> bytes:
        """All that is left, as UTF-8. Raises `UnreadablePage` as `check_whole`."""
        text = self.text.read()
        self.check_whole()
        return text.encode()

    def check_whole(self) -> None:
        """Raise `UnreadablePage` where the packed file ended in its middle, was damaged or grew too large."""
        if self._raw.fault:
            raise UnreadablePage(self._raw.fault)


def encoding_of(head: bytes, content_type: str) -> tuple[str, int]:
    """The encoding of a feed that begins like this, and how many bytes its byte order mark takes.

    The mark, else the XML prolog, else the answer's header, else UTF-8 where it fits and Windows-1252 where not.
    """
    bom, mark = read_bom(head)
    if bom and mark:
        return bom, len(mark)
    prolog = _PROLOG.search(head[:1000])
    declared = resolve_encoding(prolog[1].decode("ascii")) if prolog else None
    if declared and declared.startswith(("utf-16", "utf-32")) and b"\x00" not in head:
        declared = None  # written by a library that names what its strings are in, not what it wrote
    found = declared or http_content_type_encoding(content_type)
    return found or ("utf-8" if _is_utf_8(head) else "cp1252"), 0


def _is_utf_8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


class _Unpacked(io.RawIOBase):
    """Bytes of a body, unpacked where they are gzip; a fault ends them and is told in `fault`."""

    def __init__(self, body: bytes) -> None:
        source = io.BytesIO(body)
        self._source: io.BytesIO | gzip.GzipFile = gzip.GzipFile(fileobj=source) if body[:2] == _GZIP else source
        self._room = MAX_UNPACKED_BYTES
        self.fault = ""

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, target: object) -> int:
        """The next bytes into `target`; 0 at the end."""
        view = memoryview(target)  # type: ignore[arg-type]
        if self.fault:
            return 0
        try:
            got = self._source.read(len(view))
        except EOFError:
            self.fault = "ends in its middle; what stood before was read"
            return 0
        except (OSError, zlib.error) as error:
            self.fault = f"is a damaged gzip file: {error}"
            return 0
        self._room -= len(got)
        if self._room < 0:
            self.fault = f"unpacks to more than {MAX_UNPACKED_BYTES:,} bytes"
            return 0
        view[: len(got)] = got
        return len(got)

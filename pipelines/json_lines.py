"""JSON Lines as they come from files and pipes: bytes into numbered lines, lines into records, records into lines.

It streams: what has arrived is given at once, and no more than a block and one line are held.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, Final

import orjson

BLOCK_BYTES: Final = 65_536
MAX_LINE_BYTES: Final = 32 * 1024 * 1024
"""A longer line is skipped as it comes, not held: a file of something else has no line breaks."""

STDIN: Final = "-"

_BOM: Final = b"\xef\xbb\xbf"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_GZIP: Final = b"\x1f\x8b"
_LONG_NUMBER: Final = re.compile(rb"\d{19}")
"""Whole numbers that orjson would round: they may be somebody's id."""

_KINDS: Final = {list: "a list", str: "a text", int: "a number", float: "a number", bool: "true or false"}


class SourceError(ValueError):
    """A file or stream cannot be read, or not on; the message names it and says why."""


class LineError(ValueError):
    """A line that cannot be used; the message says why, and what to do where that is known."""


def blocks_of(source: str) -> Iterator[bytes]:
    """The bytes of a file, or of standard input for `-`, as they arrive; gzip is unpacked, a UTF-8 mark left out.

    Raises `SourceError` for a file that cannot be opened or read, a broken gzip, and UTF-16.
    """
    name = "standard input" if source == STDIN else source
    blocks = _raw_blocks(source)
    try:
        head = b""
        for block in blocks:
            head += block
            if len(head) >= len(_BOM):
                break
        if head.startswith(_UTF16):
            raise SourceError(f"{name}: is UTF-16; convert it first: iconv -f utf-16 -t utf-8")
        if head.startswith(_GZIP):
            unpacked = _unpacked(_chained(head, blocks))
            yield from _chained(next(unpacked, b"").removeprefix(_BOM), unpacked)
        else:
            yield from _chained(head.removeprefix(_BOM), blocks)
    except (OSError, zlib.error, EOFError) as error:
        raise SourceError(f"{name}: {getattr(error, 'strerror', None) or error}") from None


def numbered_lines(blocks: Iterable[bytes]) -> Iterator[list[tuple[int, bytes | None]]]:
    """The lines that each block completes, numbered from 1, without blank ones; None for a line that is too long.

    A list may be empty. What stands behind the last line break is a line too.
    """
    number, length = 1, 0
    held: list[bytes] = []
    for block in blocks:
        found: list[tuple[int, bytes | None]] = []
        pieces = block.split(b"\n")
        for piece in pieces[:-1]:
            found += _line(number, held, piece, length)
            number, held, length = number + 1, [], 0
        length += len(pieces[-1])
        if length > MAX_LINE_BYTES:
            held = []
        elif pieces[-1]:
            held.append(pieces[-1])
        yield found
    yield _line(number, held, b"", length)


def record_of(line: bytes) -> dict[str, Any]:
    """The JSON object of a line. What is no JSON but common (NaN, half surrogates) is taken, NaN as null.

    Raises `LineError`.
    """
    found: Any
    try:
        found = _by_the_library(line) if _LONG_NUMBER.search(line) else orjson.loads(line)
    except orjson.JSONDecodeError:
        found = _by_the_library(line)
    if not isinstance(found, dict):
        kind = "null" if found is None else _KINDS.get(type(found), "no object")
        hint = "; a list in one piece is taken apart by `jq -c '.[]'`" if line.lstrip()[:1] == b"[" else ""
        raise LineError(f"is {kind}, not a JSON object{hint}")
    return found


def line_of(record: dict[str, Any]) -> bytes:
    """A record as a line of JSON; decimals, times and the like as text. Raises `LineError` for what nests too deep."""
    try:
        return orjson.dumps(record, default=str, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:  # large numbers, half surrogates, deep nesting: rare, so slower
        try:
            return json.dumps(_finite(record), default=str, separators=(",", ":"), allow_nan=False).encode() + b"\n"
        except RecursionError:
            raise LineError("nests too deep") from None


def _line(number: int, held: list[bytes], end: bytes, length: int) -> list[tuple[int, bytes | None]]:
    if length + len(end) > MAX_LINE_BYTES:
        return [(number, None)]
    line = b"".join([*held, end]).strip()
    return [(number, line)] if line else []


def _by_the_library(line: bytes) -> Any:
    try:
        return _finite(json.loads(line.decode("utf-8")))
    except UnicodeDecodeError as error:
        raise LineError(f"is not UTF-8 at byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        raise LineError(f"is no JSON: {error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise LineError("nests too deep") from None
    except ValueError as error:  # a number of more digits than Python reads
        raise LineError(f"is no JSON: {str(error).split(';')[0]}") from None


def _finite(value: Any) -> Any:
    """The value with null for what is no number."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [_finite(entry) for entry in value]
    if isinstance(value, dict):
        return {name: _finite(entry) for name, entry in value.items()}
    return value


def _raw_blocks(source: str) -> Iterator[bytes]:
    """What one read gives, which may be less than a block: a slow writer's line is not waited upon."""
    if source == STDIN:
        while block := os.read(sys.stdin.fileno(), BLOCK_BYTES):
            yield block
        return
    with open(source, "rb", buffering=0) as file:
        while block := file.read(BLOCK_BYTES):
            yield block


def _unpacked(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Gzip, also several files one behind the other; never more than a block at a time."""
    unpack = zlib.decompressobj(wbits=31)
    begun = False
    for block in blocks:
        left = block
        while left:
            if unpack.eof:
                left = left.lstrip(b"\0")  # tape blocks are filled up
                unpack, begun = zlib.decompressobj(wbits=31), False
                continue
            begun = True
            unpacked = unpack.decompress(left, BLOCK_BYTES)
            left = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
            if unpacked:
                yield unpacked
    if begun and not unpack.eof:
        raise EOFError("is no whole gzip file")


def _chained(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest

"""A placeholder picture."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path


def write_picture(path: Path, side_px: int = 400) -> None:
    """A grey PNG, made without a library for images."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = (b"\0" + b"\xa0" * side_px) * side_px
    header = struct.pack(">IIBBBBB", side_px, side_px, 8, 0, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

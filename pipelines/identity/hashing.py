"""Blocking keys as the database holds them: signed 64-bit numbers that never depend on the process."""

from __future__ import annotations

import hashlib

from inventory.store.matching import BlockingKey


def blocking_key(*parts: object, place: float = 0.0, reach: float = 0.0) -> BlockingKey:
    """A key over what must be equal; `place` and `reach` as in `BlockingKey`."""
    said = "\x1f".join(str(part) for part in parts).encode("utf-8", "surrogatepass")
    return BlockingKey(int.from_bytes(hashlib.blake2b(said, digest_size=8).digest(), signed=True), place, reach)

"""Answers in this process's memory, the ones not asked for longest thrown out first."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import orjson

OVERHEAD: Final = 1000
"""What an answer costs beside its body, in bytes, roughly."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole 200 answer, as it goes out."""

    headers: list[tuple[bytes, bytes]]
    body: bytes

    def packed(self) -> bytes:
        """As one value: a line of headers, then the body."""
        headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in self.headers]
        return orjson.dumps(headers) + b"\n" + self.body

    @classmethod
    def unpacked(cls, value: bytes) -> Answer:
        """Raises `ValueError` for what `packed` did not make."""
        line, _, body = value.partition(b"\n")
        headers = [(name.encode("latin-1"), text.encode("latin-1")) for name, text in orjson.loads(line)]
        return cls(headers, body)


class Near:
    """At most `most_bytes` of answers."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[str, Answer] = OrderedDict()
        self._bytes = 0

    def get(self, key: str) -> Answer | None:
        """The answer kept under the key."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: str, answer: Answer) -> None:
        """Keeps it, and lets go of others where there is no room."""
        if len(answer.body) + OVERHEAD > self._most:
            return
        self._drop(key)
        self._kept[key] = answer
        self._bytes += len(answer.body) + OVERHEAD
        while self._bytes > self._most:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: str) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._bytes -= len(gone.body) + OVERHEAD

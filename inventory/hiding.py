"""What must not be shown in a log: the secrets that this process has read, and passwords in addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

SHORTEST: Final = 4
"""Shorter values hide nothing that could not be guessed, and would blot out half of the log."""

_PASSWORD: Final = re.compile(r"(://[^/\s:@\"']*:)[^/\s@\"']+@")


class Hidden:
    """Hides what it was told: `hidden.add(values)`, then `hidden(text)` wherever a text leaves the process."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, values: Iterable[str]) -> None:
        """More values that must not be shown."""
        new = {value for value in values if len(value) >= SHORTEST} - self._known
        if new:
            self._known |= new
            longest_first = sorted(self._known, key=lambda value: (-len(value), value))
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def __call__(self, text: str) -> str:
        """The text with `***` in their place, and in place of the password of `scheme://user:password@host`."""
        if "://" in text and "@" in text:
            text = _PASSWORD.sub(r"\1***@", text)
        return text if self._pattern is None else self._pattern.sub("***", text)

    def within(self, value: Any) -> Any:
        """The same for every text of lists and dictionaries."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, dict):
            return {self.within(key): self.within(entry) for key, entry in value.items()}
        if isinstance(value, list | tuple):
            return [self.within(entry) for entry in value]
        return value


hidden: Final = Hidden()
"""This process's: who reads a secret tells it, and who writes a log asks it."""

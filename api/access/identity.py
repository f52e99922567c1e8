"""Who a client is, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

READ: Final = "read"
EXPORT: Final = "export"
SCOPES: Final = (READ, EXPORT)


@dataclass(frozen=True, slots=True)
class Identity:
    """`name` is shown in the log: a key's name or a token's subject, never the secret."""

    name: str
    scopes: frozenset[str]


class AccessError(ValueError):
    """A setting of access cannot be used; the message names the setting and never shows its value."""


class Refused(Exception):
    """A key or token is not accepted; the message says why, to its sender, without what was sent."""

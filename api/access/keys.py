"""API keys: only their SHA-256 is stored. A key is 256 random bits, so that a plain hash suffices.

An entry is `NAME:SCOPES:SHA256`, such as `dashboard:read,export:9f86d0…`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from api.access.identity import SCOPES, AccessError, Identity

MARK: Final = "ys_"
"""Begins every key, so that one is told from a token, and found where it was left."""
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StoredKey:
    """What is kept of a key."""

    identity: Identity
    sha256: bytes


def hashed(key: str) -> bytes:
    """The key's SHA-256, in hexadecimal digits."""
    return hashlib.sha256(key.encode()).hexdigest().encode()


def new_key(name: str, scopes: Sequence[str]) -> tuple[str, str]:
    """A new key, and the entry to store for it. Raises `AccessError` for a name or scope that cannot be."""
    key = MARK + secrets.token_urlsafe(32)
    entry = f"{name}:{','.join(scopes)}:{hashed(key).decode()}"
    parse_keys(entry)
    return key, entry


def parse_keys(text: str) -> tuple[StoredKey, ...]:
    """The entries of `API_KEYS`, divided by blanks or lines; what follows # in a line is a remark.

    Raises `AccessError`, which names the entry by its number.
    """
    entries = [entry for line in text.splitlines() for entry in line.partition("#")[0].split()]
    found = tuple(_parse(entry, number) for number, entry in enumerate(entries, 1))
    names = [key.identity.name for key in found]
    if len(set(names)) < len(names):
        raise AccessError("API_KEYS: two keys have one name")
    if not found:
        raise AccessError("API_KEYS: no key in it; leave it out where the API is to be open")
    return found


def find_key(stored: Sequence[StoredKey], given: str) -> Identity | None:
    """Whose key this is. Every stored key is compared, in constant time."""
    wanted = hashed(given)
    found: Identity | None = None
    for key in stored:
        if hmac.compare_digest(key.sha256, wanted):
            found = key.identity
    return found


def _parse(entry: str, number: int) -> StoredKey:
    name, _, rest = entry.partition(":")
    scopes, _, sha256 = rest.rpartition(":")
    named = scopes.split(",")
    if not _NAME.fullmatch(name):
        raise AccessError(f"API_KEYS: entry {number}: a name has letters, digits, '.', '_', '-', 64 at most")
    if unknown := [scope for scope in named if scope not in SCOPES]:
        raise AccessError(f"API_KEYS: entry {number} ({name}): {unknown[0][:20]!r} is not one of {', '.join(SCOPES)}")
    if not _SHA256.fullmatch(sha256):
        raise AccessError(
            f"API_KEYS: entry {number} ({name}): the third part is no SHA-256 in small hexadecimal digits"
        )
    return StoredKey(Identity(name, frozenset(named)), sha256.encode())

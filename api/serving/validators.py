"""ETag and Last-Modified of an answer, and whether what a client holds is still right. Pure.

A tag is weak and has two parts, `W/"version-content"`: a client that names the version needs no query to be told 304;
one that names the content is told 304 where other data came to the same answer. Either part may be missing.
"""

from __future__ import annotations

import hashlib
from email.utils import formatdate, parsedate_to_datetime
from operator import itemgetter

SECONDS_OF_NOW = 60
"""Answers may depend on the minute (days on market, what is stale), so no tag and no kept answer outlives it."""


def digest(*parts: bytes | str) -> str:
    """20 characters for these parts, each told from the next."""
    made = hashlib.sha1(usedforsecurity=False)  # of what hashlib has, the fastest on long bodies
    for part in parts:
        made.update(part.encode() if isinstance(part, str) else part)
        made.update(b"\0")
    return made.hexdigest()[:20]


def normalised(query: bytes) -> bytes:
    """The query string with its parameters in the order of their names; repeated ones stay as they stood."""
    if b"&" not in query:
        return query
    pairs = [pair.partition(b"=") for pair in query.split(b"&")]
    return b"&".join(b"".join(pair) for pair in sorted(pairs, key=itemgetter(0)))


def tag(version: str | None, content: str | None) -> bytes:
    """The header's value."""
    return f'W/"{version or ""}-{content or ""}"'.encode()


def held(if_none_match: bytes, version: str | None, content: str | None) -> bytes | None:
    """The tag in `If-None-Match` that has this version or this content; `*` where the content is known."""
    for one in if_none_match.split(b","):
        named = one.strip()
        held_version, divider, held_content = named.decode("latin-1").removeprefix("W/").strip('"').partition("-")
        if divider and ((version and held_version == version) or (content and held_content == content)):
            return named
        if named == b"*" and content is not None:
            return named
    return None


def http_date(second: int) -> bytes:
    """Unix time as HTTP writes it."""
    return formatdate(second, usegmt=True).encode()


def unchanged_since(if_modified_since: bytes, second: int) -> bool:
    """Whether what was last modified in that second is not newer than the header says; a wrong header says nothing."""
    try:
        return second <= parsedate_to_datetime(if_modified_since.decode("latin-1")).timestamp()
    except (ValueError, OverflowError):
        return False

"""By which rules a page was read: when they change, what they read before is read again."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from crawler.dealers.declaration import Dealer
from crawler.platforms.base import Platform
from inventory.pages import digest

_ROOT: Final = Path(__file__).parents[2]
_READERS: Final = (
    "crawler/extraction",
    "crawler/platforms",
    "pipelines/cleaning",
    "pipelines/identity",
    "pipelines/inference",
    "pipelines/parsing",
    "inventory/taxonomy",
    "inventory/listing.py",
)
"""Code and tables that decide what a page's listings are."""

_NOT_ABOUT_READING: Final = {"title", "delay_s", "concurrency", "every", "expect"}
"""Keys of a dealer's file that change how often and how fast it is asked, not what is read."""


def reading_version(dealer: Dealer, platform: Platform) -> str:
    """32 hex digits over the rules, their tables, the dealer's file and a platform class of its own."""
    said = dealer.without_secrets(dealer.model_dump_json(exclude=_NOT_ABOUT_READING))
    return digest([code_version(), said, _own_class(type(platform))])


@cache
def code_version() -> str:
    """A digest of the files in `_READERS`; a few milliseconds, once a process."""
    found = hashlib.blake2b(digest_size=16)
    for path in _files():
        found.update(str(path.relative_to(_ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def _files() -> Iterable[Path]:
    for reader in _READERS:
        start = _ROOT / reader
        inside = sorted(start.rglob("*")) if start.is_dir() else [start]
        yield from (path for path in inside if path.is_file() and "__pycache__" not in path.parts)


def _own_class(platform: type[Platform]) -> list[str]:
    """The source files of a platform class that is not one of ours."""
    found = []
    for base in platform.__mro__:
        if not base.__module__.startswith(("crawler.", "builtins", "abc")):
            file = inspect.getsourcefile(base)
            found.append(digest(Path(file).read_bytes()) if file else base.__qualname__)
    return found

"""By which rules and tables listings are inferred now: a stored listing of another version is worth a rework."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from inventory.taxonomy.size_classes import TAXONOMY_VERSION

_ROOT: Final = Path(__file__).parents[1]
RULES: Final = (
    "inventory/places",
    "inventory/taxonomy",
    "pipelines/inference",
    "pipelines/parsing",
    "pipelines/wording",
)
"""Folders of the code and tables that decide what a listing is, how big and where."""


@cache
def inference_version() -> str:
    """`<version of the taxonomy>.<digest of the rules and tables>`, so that nobody has to remember to raise a number.

    A few milliseconds, once a process.
    """
    found = hashlib.blake2b(digest_size=4)
    for rules in RULES:
        for path in sorted((_ROOT / rules).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                found.update(str(path.relative_to(_ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{TAXONOMY_VERSION}.{found.hexdigest()}"

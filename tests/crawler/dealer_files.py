"""Dealer files of the tests' own: a good one to spoil, and dealers without a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crawler.dealers.declaration import Dealer

GOOD = """\
title = "Acme"
vertical = "equipment"
platform = "schema_org"
url = "https://acme.example"

[sections]
excavators = "/used/excavators"
"""


def write(folder: Path, text: str, name: str = "acme") -> Path:
    """A dealer file."""
    file = folder / f"{name}.toml"
    file.write_text(text, encoding="utf-8")
    return file


def dealer(**said: Any) -> Dealer:
    """A valid dealer; what is said replaces its facts."""
    facts: dict[str, Any] = {
        "name": "acme",
        "title": "Acme",
        "vertical": "equipment",
        "platform": "schema_org",
        "url": "https://acme.example",
        "sections": {"all": "/stock"},
    }
    return Dealer(**(facts | said))

"""What a person typed, as an address that can be asked for."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

_SCHEMES: Final = ("http", "https")


def looks_like_web_address(text: str) -> bool:
    """Whether an argument is meant as an address rather than as a file."""
    scheme, separator, _ = text.partition("://")
    return bool(separator) and scheme.lower() in _SCHEMES


def web_address(text: str) -> str | None:
    """The address with its scheme in small letters; None where nothing can be asked for there."""
    if not looks_like_web_address(text) or any(sign.isspace() or not sign.isprintable() for sign in text):
        return None
    scheme, _, rest = text.partition("://")
    url = f"{scheme.lower()}://{rest}"
    try:
        parts = urlsplit(url)
        return url if parts.hostname and parts.port != 0 else None
    except ValueError:  # half of an IPv6 address, a port that is none
        return None

"""One address for one page: what does not change the page is taken out of its URL."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from pipelines.parsing.lexicon import rows

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_SAFE_PATH: Final = "/%:@!$&'()*+,;=~-._"
_ESCAPE: Final = re.compile(r"%([0-9a-fA-F]{2})")
_BAD_PERCENT: Final = re.compile(r"%(?![0-9a-fA-F]{2})")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_KNOWN: Final = 300
"""Characters up to which an address is remembered."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]+")


def canonical_url(url: str) -> str:
    """The URL without fragment, tracking and session parameters, default port and case of host; its query sorted.

    Idempotent. What is no absolute http(s) URL comes back stripped of white space only (domain/duplicates.md step 0).
    """
    return _known(url) if len(url) <= _KNOWN else _canonical(url)


@lru_cache(maxsize=4096)
def _known(url: str) -> str:
    """Asked for many times while a page is on its way."""
    return _canonical(url)


def _canonical(url: str) -> str:
    url = _CONTROL.sub("", url).strip()
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname or ""
    except ValueError:
        return url
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not host:
        return url
    host = _host(host)
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        host = f"{host}:{port}"
    try:
        return urlunsplit((scheme, host, _path(parts.path), _query(parts.query), ""))
    except ValueError:
        return url


def absolute_url(base: str, link: str) -> str | None:
    """The link of a page as an absolute http(s) URL; `None` for mailto:, javascript: and what cannot be read."""
    try:
        url = urljoin(base, link.strip())
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in _DEFAULT_PORTS and parts.netloc else None


def _host(host: str) -> str:
    host = host.rstrip(".")
    if ":" in host:
        return f"[{host}]"
    try:
        return host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        return quote(host, safe=".-")


def _path(path: str) -> str:
    for noise in _noise("path"):
        position = path.lower().find(noise)
        if position >= 0:
            path = path[:position]
    path = quote(_BAD_PERCENT.sub("%25", path), safe=_SAFE_PATH)
    return _ESCAPE.sub(_plain, path) or "/"


def _plain(match: re.Match[str]) -> str:
    sign = chr(int(match[1], 16))
    return sign if sign in _UNRESERVED else match[0].upper()


def _query(query: str) -> str:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return query
    return urlencode(sorted(p for p in pairs if not _is_noise(p[0])), errors="replace")


def _is_noise(name: str) -> bool:
    name = name.casefold()
    return any(name.startswith(w[:-1]) if w.endswith("*") else name == w for w in _noise("parameter"))


@cache
def _noise(kind: str) -> tuple[str, ...]:
    return tuple(row["word"] for row in rows("url_noise.csv") if row["kind"] == kind)

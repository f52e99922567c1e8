"""What addresses tell: their form, which of them order or filter a list, and the number in them."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, urlsplit

_DIGITS: Final = re.compile(r"\d+")
_FILE: Final = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|ico|pdf|zip|mp4|docx?|xlsx?|css|js|csv|tsv|jsonl?|xml)$", re.IGNORECASE
)
_ORDERING: Final = re.compile(
    r"^(?:sort\w*|order\w*|dir|view|display|mode|limit|per_?page|page_?size|show|lang\w*|locale|currency|price\w*|min\w*|"
    r"max\w*|q|query|s|search|add-to-cart|add_to_\w+|replytocom|share|print|action|filter\w*\[?\]?)$",
    re.IGNORECASE,
)
_PAGE: Final = re.compile(r"^(?:page|p|pg|seite|pagina|pageno|paged|start|offset)$", re.IGNORECASE)
_PAGE_PATH: Final = re.compile(r"/(?:page|seite|pagina)[/-]?\d+/?$", re.IGNORECASE)


def shape(url: str) -> str:
    """The form of an address: how many folders, the first of them, the ending, and the names of its parameters."""
    parts = urlsplit(url)
    folders = [folder for folder in parts.path.split("/") if folder]
    last = folders[-1] if folders else ""
    ending = last.rsplit(".", 1)[-1] if "." in last[-6:] else ""
    first = _DIGITS.sub("0", folders[0]) if len(folders) > 1 else ""
    names = sorted({key for key, _ in parse_qsl(parts.query)})
    return f"{len(folders)}/{first}/{ending}?{'&'.join(names)}"


def may_be_section(url: str, home: str) -> bool:
    """Whether an address of the site may be a list of its own: no file, no order or page of another list."""
    parts, own = urlsplit(url), urlsplit(home)
    if (parts.hostname or "").removeprefix("www.") != (own.hostname or "").removeprefix("www."):
        return False
    if parts.port != own.port or _FILE.search(parts.path) or _PAGE_PATH.search(parts.path):
        return False
    if parts.path in ("", "/") and not parts.query:
        return False
    return not any(_ORDERING.match(key) or _PAGE.match(key) for key, _ in parse_qsl(parts.query))


def number_in(url: str) -> str:
    """What tells a thing's page from others in any language: the longest number in the address, or its last folder."""
    path = urlsplit(url).path
    numbers = _DIGITS.findall(path)
    longest = max(numbers, key=len, default="")
    return longest if len(longest) >= 3 else path.rstrip("/").rpartition("/")[2]


def is_below(url: str, other: str) -> bool:
    """Whether an address lies in the folder of another."""
    path, above = urlsplit(url).path.rstrip("/"), urlsplit(other).path.rstrip("/")
    return path.startswith(above + "/") or (path == above and bool(urlsplit(url).query) and not urlsplit(other).query)


def without_query(url: str) -> str:
    """The address of the whole list of which parameters choose a part."""
    return url.partition("?")[0]

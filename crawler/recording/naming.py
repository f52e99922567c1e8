"""What the folder of a recorded page is called."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote, urlsplit

from crawler.checking.looking import Looked

MAX_LENGTH: Final = 80
_OTHER: Final = re.compile(r"[^a-z0-9]+")


def folder_name(dealer: str, page: Looked) -> str:
    """`acme-2016-komatsu-pc210`: the dealer and the last part of the page's address (for records, its section)."""
    parts = urlsplit(page.visit.url)
    last = unquote(next((part for part in reversed(parts.path.split("/")) if part), ""))
    if page.visit.kind == "section":
        said = f"{page.visit.section} {page.visit.page_number if page.visit.page_number > 1 else ''}"
    else:
        said = f"{last.partition('.')[0]} {unquote(parts.query)}"
    said = _OTHER.sub("-", said.lower()).strip("-") or "page"
    return f"{dealer}-{said}"[:MAX_LENGTH].rstrip("-")

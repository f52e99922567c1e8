"""What the folder of a recorded page is called."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final
from urllib.parse import unquote, urlsplit

from crawler.checking.looking import Looked
from crawler.dealers.declaration import Dealer

MAX_LENGTH: Final = 80
_OTHER: Final = re.compile(r"[^a-z0-9]+")


def folder_name(dealer: Dealer, page: Looked) -> str:
    """`acme-2016-komatsu-pc210`: the dealer and the last part of the page's address (for records, its section).

    What is too long is cut, and told apart by a hash of the address; secrets of the dealer's file are left out.
    """
    url = dealer.without_secrets(page.visit.url)
    parts = urlsplit(url)
    last = unquote(next((part for part in reversed(parts.path.split("/")) if part), ""))
    if page.visit.kind == "section":
        said = f"{page.visit.section} {page.visit.page_number if page.visit.page_number > 1 else ''}"
    else:
        said = f"{last.partition('.')[0]} {unquote(parts.query)}"
    said = _OTHER.sub("-", said.lower()).strip("-") or "page"
    name = f"{dealer.name}-{said}"
    if len(name) <= MAX_LENGTH:
        return name
    mark = blake2b(url.encode(), digest_size=4).hexdigest()
    return f"{name[: MAX_LENGTH - len(mark) - 1].rstrip('-')}-{mark}"

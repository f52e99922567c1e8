"""What the extractor sees in a page, as one JSON object: the fields of a listing and where each came from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from crawler.extraction.detail import read_detail
from crawler.extraction.own_address import own_address
from crawler.extraction.page import NotAPage, Page
from inventory.listing import BOOKKEEPING, Listing, Vertical
from pipelines.cleaning.clean import clean
from pipelines.outcomes import Unusable

_NOT_SHOWN: Final = BOOKKEEPING | {"dealer", "section"}


def page_report(
    url: str, body: bytes, content_type: str | None, vertical: Vertical | None, today: date, currency: str | None = None
) -> dict[str, Any]:
    """Fields and `provenance` of a page's listing; `{"no_listing": why}` for a page that gives none.

    Without a `vertical` only the bounds that hold for anything on sale are applied.
    """
    try:
        page = Page(url, body, content_type=content_type)
        if not url:
            page.url = url = own_address(page)
        found = read_detail(page, vertical=vertical, currency=currency)
    except NotAPage as error:
        return {"no_listing": str(error)}
    if found is None:
        return {"no_listing": "the page offers no one thing"}
    bounds: Vertical = vertical or "dog"
    listing = Listing(dealer="", vertical=bounds, url=url or None, raw=found.raw, provenance=found.provenance)
    if not url:
        listing.external_id = listing.raw.setdefault("external_id", "unknown address")
    try:
        clean(listing, currency=currency, country=None, today=today)
    except Unusable as error:
        return {"no_listing": str(error)}
    if not url:
        listing.external_id = None
    said = {name: value for name, value in listing.as_dict().items() if name not in _NOT_SHOWN and _said(value)}
    if vertical is None:
        said.pop("vertical")
    for name in ("breadcrumbs", "specs"):
        if name in found.raw:
            said[name] = found.raw[name]
    if found.variants:
        said["variants"] = found.variants
    return said | {"provenance": _of_shown(found.provenance, said)}


def _of_shown(provenance: Mapping[str, str], said: Mapping[str, Any]) -> dict[str, str]:
    return {name: source for name, source in provenance.items() if name in said}


def _said(value: Any) -> bool:
    return value not in (None, [], {}, "")

"""The dealer's own selectors: CSS from the dealer's file, which win over everything else."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.extraction.page import Page
from crawler.extraction.reading import Reading

_LISTS = frozenset({"images", "breadcrumbs"})


def read_selectors(page: Page, selectors: Mapping[str, str]) -> Reading:
    """Field → CSS selector ("h1", "a.pdf::attr(href)"); without `::` the text of the element. Lists for images.

    The dealer's file has been validated: a selector that cannot be compiled raises as it does in parsel.
    """
    found = Reading()
    for name, css in selectors.items():
        matches = page.selector.css(css)
        if "::" in css:
            values = [v for v in matches.getall() if v.strip()]
        else:
            values = [text for m in matches[:50] if (text := " ".join(m.xpath("string()").get("").split()))]
        if values:
            found.put(name, values if name in _LISTS else values[0], f"selector {css}")
    return found

"""The address that a saved page names as its own: rel=canonical, else og:url."""

from __future__ import annotations

from crawler.extraction.page import Page


def own_address(page: Page) -> str:
    """An absolute http(s) address, or an empty text."""
    for xpath in ("//link[@rel='canonical']/@href", "//meta[@property='og:url']/@content"):
        for found in page.selector.xpath(xpath).getall()[:3]:
            if found.strip().startswith(("http://", "https://")):
                return found.strip()
    return ""

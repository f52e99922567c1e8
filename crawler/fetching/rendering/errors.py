"""What goes wrong while a page is drawn."""

from __future__ import annotations

from scrapy.exceptions import DownloadFailedError


class RenderFailed(DownloadFailedError):
    """A browser could not draw a page, and may the next time: it crashed, say. Retried like a lost connection."""


class NothingToDraw(Exception):
    """An address is no page but a file (a sitemap, JSON): plain HTTP brings it as it is."""

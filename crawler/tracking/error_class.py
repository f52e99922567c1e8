"""Which class an error is of: few words that a person can act on, the same in `crawls.errors` and in the logs."""

from __future__ import annotations

from typing import Final

from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost

from crawler.fetching.rendering.errors import RenderFailed
from crawler.platforms.base import UnreadablePage


class Refused(IgnoreRequest):
    """We ourselves do not send a request; `error_class` says why (`offsite`, `time_up`, …)."""

    def __init__(self, error_class: str, message: str) -> None:
        super().__init__(message)
        self.error_class = error_class


_CLASSES: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (UnreadablePage, "parse_error"),
    (CannotResolveHostError, "dns"),
    (DownloadConnectionRefusedError, "refused"),
    (DownloadTimeoutError, "timeout"),
    (ResponseDataLossError, "cut_off"),
    (DownloadCancelledError, "too_large"),
    (UnsupportedURLSchemeError, "bad_url"),
    (RenderFailed, "render_failed"),
    (TunnelError, "proxy"),
    (ConnectionDone, "connection_lost"),
    (ConnectionLost, "connection_lost"),
    (ConnectError, "refused"),
    (DownloadFailedError, "connection_lost"),
    (OSError, "connection_lost"),
)

_IGNORED: Final = {
    "robots.txt": "robots",
    "max redirections": "redirects",
    "download_maxsize": "too_large",
    "response size": "too_large",
}
"""Words by which Scrapy's middlewares say why they ignore a request: they all raise the same class."""

GONE: Final = frozenset({"http_404", "http_410"})
"""Classes that say that a page is not there any more."""

NOT_OUR_FAULT: Final = frozenset({"robots", "offsite"}) | GONE
"""Classes that do not speak against a crawl's health: what a dealer forbids, or took away."""


def error_class(error: BaseException) -> str:
    """`dns`, `refused`, `timeout`, `http_503`, `blocked`, `robots`, `parse_error`, … or `bug` for what none foresaw."""
    if isinstance(error, Refused):
        return error.error_class
    if isinstance(error, HttpError):
        return f"http_{error.response.status}"
    if isinstance(error, IgnoreRequest):
        return next((name for words, name in _IGNORED.items() if words in str(error).lower()), "refused_by_us")
    return next((name for kind, name in _CLASSES if isinstance(error, kind)), "bug")


def error_text(error: BaseException) -> str:
    """What went wrong, in a line."""
    if isinstance(error, HttpError):
        return f"the server answered {error.response.status}"
    return " ".join(str(error).split())[:300] or type(error).__name__

"""Every error has a class that a person can act on."""

from __future__ import annotations

import pytest
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.internet.error import ConnectionLost

from crawler.platforms.base import UnreadablePage
from crawler.tracking.error_class import NOT_OUR_FAULT, Refused, error_class


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (CannotResolveHostError("x"), "dns"),
        (DownloadConnectionRefusedError("x"), "refused"),
        (DownloadTimeoutError("x"), "timeout"),
        (ResponseDataLossError("x"), "cut_off"),
        (UnsupportedURLSchemeError("x"), "bad_url"),
        (ConnectionLost("x"), "connection_lost"),
        (ConnectionResetError("x"), "connection_lost"),
        (HttpError(Response("https://a.example", status=503)), "http_503"),
        (HttpError(Response("https://a.example", status=404)), "http_404"),
        (IgnoreRequest("Forbidden by robots.txt"), "robots"),
        (Refused("offsite", "x"), "offsite"),
        (Refused("time_up", "x"), "time_up"),
        (UnreadablePage("is no JSON"), "parse_error"),
        (KeyError("x"), "bug"),
        (ValueError("x"), "bug"),
    ],
)
def test_an_error_has_a_class(error, name):
    assert error_class(error) == name


def test_what_a_dealer_forbids_or_took_away_does_not_speak_against_a_crawl():
    assert {"robots", "offsite", "http_404", "http_410"} == NOT_OUR_FAULT

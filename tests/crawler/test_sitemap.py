"""Sitemaps: index files, gzip, namespaces and bounds."""

from __future__ import annotations

import gzip
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import TextResponse

from crawler.platforms import platform_of
from crawler.platforms import sitemap as module
from crawler.platforms.base import BrokenRecord, UnreadablePage
from crawler.platforms.sitemap import Entry, is_sitemap, newest_first, read_sitemap
from crawler.platforms.visit import Visit
from tests.crawler.dealer_files import dealer

BASE = "https://acme.example/sitemap.xml"
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def urlset(*entries, prefix=""):
    name = f"{prefix}:" if prefix else ""
    xmlns = f"xmlns:{prefix}" if prefix else "xmlns"
    urls = "".join(
        f"<{name}url><{name}loc>{url}</{name}loc>"
        + (f"<{name}lastmod>{lastmod}</{name}lastmod>" if lastmod else "")
        + f"</{name}url>"
        for url, lastmod in entries
    )
    return f'<?xml version="1.0"?><{name}urlset {xmlns}="{NAMESPACE}">{urls}</{name}urlset>'.encode()


def index(*urls):
    inside = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return f'<sitemapindex xmlns="{NAMESPACE}">{inside}</sitemapindex>'.encode()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("prefix", ["", "s"])
def test_addresses_are_canonical_absolute_and_named_once(packed, prefix):
    body = urlset(("/b?utm_source=x#top", "2026-01-02"), ("https://acme.example/b", ""), (" /c ", ""), prefix=prefix)
    found = read_sitemap(gzip.compress(body) if packed else body, BASE)
    assert found.kind == "pages"
    assert found.entries == [Entry("https://acme.example/b", "2026-01-02"), Entry("https://acme.example/c")]


def test_what_is_a_sitemap_is_told_by_its_content():
    assert is_sitemap(urlset())
    assert is_sitemap(b"\xef\xbb\xbf\n" + index("/a.xml"))
    assert is_sitemap(gzip.compress(urlset()))
    assert not is_sitemap(b"<html><body>a sitemap</body></html>")


@pytest.mark.parametrize("body", [b"", b"<rss/>", b"not xml", gzip.compress(b"<html/>", mtime=0), b"\x1f\x8bbroken"])
def test_what_is_none_is_unreadable(body):
    with pytest.raises(UnreadablePage):
        read_sitemap(body, BASE)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_sitemap_or_unreadable(body):
    for made in (body, b"<urlset>" + body, gzip.compress(body)):
        with suppress(UnreadablePage):
            read_sitemap(made, BASE)


def test_more_than_a_file_may_hold_is_refused(monkeypatch):
    monkeypatch.setattr(module, "MAX_ENTRIES", 3)
    monkeypatch.setattr(module, "MAX_BYTES", 100_000)
    assert len(read_sitemap(urlset(*((f"/{n}", "") for n in range(3))), BASE).entries) == 3
    with pytest.raises(UnreadablePage, match="more than 3"):
        read_sitemap(urlset(*((f"/{n}", "") for n in range(4))), BASE)
    with pytest.raises(UnreadablePage):
        read_sitemap(gzip.compress(b"<urlset>" + b" " * 1_000_000 + b"</urlset>"), BASE)


def test_the_newest_come_first_and_the_undated_last():
    entries = [Entry("a"), Entry("b", "2025-01-01"), Entry("c", "2026-01-01T00:00:00Z"), Entry("d", "soon")]
    assert [entry.url for entry in newest_first(entries)] == ["c", "b", "a", "d"]


def read(body, visit=None, **walk):
    platform = platform_of(dealer(sections={"all": "/sitemap.xml"}, walk=walk))
    response = TextResponse(BASE, body=body, encoding="utf-8")
    return list(platform.read_section(response, visit or Visit(BASE, "section", "all")))


def test_a_section_that_is_a_sitemap_leads_to_its_details_newest_first():
    body = urlset(("/used/old-1", "2025-01-01"), ("/about", "2026-01-01"), ("/used/new-2", "2026-02-01"))
    first, second = read(body, detail_urls="/used/")
    assert (first.url, first.kind, first.lastmod) == ("https://acme.example/used/new-2", "detail", "2026-02-01")
    assert (second.url, second.urgency < first.urgency) == ("https://acme.example/used/old-1", True)
    assert len(read(body)) == 3


def test_an_index_leads_to_its_files_and_no_further():
    parts = read(index("/a.xml", "/b.xml", "/c.xml"), max_pages=3)
    assert [(part.kind, part.page_number) for part in parts] == [("section", 2), ("section", 3)]
    (broken,) = read(index("/d.xml"), visit=parts[0])
    assert isinstance(broken, BrokenRecord)

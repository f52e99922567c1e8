"""One page, parsed at most once and only when somebody asks."""

from __future__ import annotations

import codecs
import re
from functools import cached_property
from typing import Final

from lxml import etree
from parsel import Selector
from w3lib.encoding import http_content_type_encoding, resolve_encoding

from crawler.extraction.tag_length import MAX_ATTRIBUTES, has_endless_tag

MAX_BYTES: Final = 20_000_000
_FEW: Final = 8
"""Control bytes that a careless page may have; binary files have more."""
_CONTROL: Final = bytes({*range(32)} - {*b"\t\n\f\r\x1b"})
"""No text has them; ESC is of ISO-2022-JP."""
_LOOKED_AT: Final = 100_000
"""Bytes of which a page that says UTF-8 is checked for being so."""
_META_CHARSET: Final = re.compile(
    rb"""<meta[^<>]{0,200}?charset\s{0,5}=\s{0,5}["']?\s{0,5}([\w:.-]{2,40})""", re.IGNORECASE
)
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_MARKUP: Final = re.compile(
    rb"<\s{0,3}(?:!doctype|html|head|body|div|p|table|meta|title|script|span|h1|a|ul|main)\b", re.IGNORECASE
)
_BINARY_KIND: Final = re.compile(
    r"^(?:image|audio|video|font)/|^application/(?:pdf|zip|gzip|octet-stream|msword|vnd\.)"
)


class NotAPage(ValueError):
    """The body is no HTML page: binary, too large, or without markup. The message says which."""


class Page:
    """A page's address and its parsed body.

    `encoding` is what the transport found out; without it the header, a byte order mark, `<meta charset>` and the
    bytes themselves decide. Raises `NotAPage`.
    """

    def __init__(self, url: str, body: bytes, content_type: str | None = None, encoding: str | None = None) -> None:
        refuse_what_is_no_page(body, content_type)
        self.url = url
        self.body = body
        self.content_type = content_type
        self.encoding = page_encoding(body, content_type, encoding)

    @cached_property
    def text(self) -> str:
        """The page's source as text; bytes that are wrong in the encoding are replaced."""
        text = self.body.decode(self.encoding, errors="replace")
        return text.removeprefix("\ufeff")

    @cached_property
    def root(self) -> etree._Element:
        """The parsed tree; of plain lxml elements, which cost half of lxml.html's."""
        body, encoding = self.body, self.encoding
        if not _lxml_reads(encoding):
            body, encoding = self.text.encode("utf-8", "replace"), "utf-8"
        if b"\x00" in body and not encoding.startswith("utf-16"):
            body = body.replace(b"\x00", b"")
        parser = etree.HTMLParser(
            encoding=encoding, huge_tree=True, recover=True, remove_comments=True, remove_pis=True
        )
        try:
            root = etree.fromstring(body, parser)
        except (etree.ParserError, etree.XMLSyntaxError, ValueError):
            root = None
        return etree.fromstring("<html><body></body></html>", etree.HTMLParser()) if root is None else root

    @cached_property
    def selector(self) -> Selector:
        """The same tree for CSS and XPath."""
        return Selector(root=self.root, type="html", base_url=self.url)


def refuse_what_is_no_page(body: bytes, content_type: str | None) -> None:
    """Raise `NotAPage` for a body that no HTML parser should see."""
    if len(body) > MAX_BYTES:
        raise NotAPage(f"{len(body):,} bytes: more than {MAX_BYTES:,}")
    if content_type and _BINARY_KIND.match(content_type.strip().lower()):
        raise NotAPage(f"content type {content_type.strip()[:60]}")
    head = body[:4096]
    if not head.strip():
        raise NotAPage("empty body")
    if not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and wide_encoding(head) is None:
        if len(head) - len(head.translate(None, _CONTROL)) > max(_FEW, len(head) // 50):
            raise NotAPage("binary content")
        if head.lstrip()[:1] in (b"{", b"[") and not _MARKUP.search(head):
            raise NotAPage("JSON, not HTML")
        if not _MARKUP.search(body, 0, 200_000):
            raise NotAPage("no HTML in it")
    if has_endless_tag(body):
        raise NotAPage(f"a tag of more than {MAX_ATTRIBUTES} attributes")


def page_encoding(body: bytes, content_type: str | None, encoding: str | None) -> str:
    """The encoding that decodes the page. What is declared yields to the bytes: valid UTF-8 is UTF-8."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return name
    if wide := wide_encoding(body[:4096]):
        return wide
    meta = _META_CHARSET.search(body[:4096])
    declared = encoding or http_content_type_encoding(content_type or "") or (meta[1].decode("ascii") if meta else None)
    known = resolve_encoding(declared) if declared else None
    if known == "utf-8":
        return known if _starts_as_utf8(body) else "cp1252"
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return known or ("cp1252" if body[: error.start].isascii() else "utf-8")
    return "utf-8"


def wide_encoding(head: bytes) -> str | None:
    """UTF-16 without its mark: markup with every second byte zero."""
    if b"\x00" not in head[:2]:
        return None
    for name, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if zeros.count(0) > 0.9 * len(zeros) and _MARKUP.search(head.replace(b"\x00", b"")):
            return name
    return None


def _starts_as_utf8(body: bytes) -> bool:
    """Whether the first letter beyond ASCII is UTF-8: where it is none, no other is either."""
    try:
        body[:_LOOKED_AT].decode("utf-8")
    except UnicodeDecodeError as error:
        return not body[: error.start].isascii() or error.start > _LOOKED_AT - 4
    return True


def _lxml_reads(encoding: str) -> bool:
    return encoding in {"utf-8", "ascii", "iso8859-1"}

"""The records of an XML feed, one after the other: of a feed of any size only one record is in memory.

A record is cut out of the text by its tags and parsed by itself, so that one that is broken (a bare `<`, a tag that
is not closed) costs only itself; a parser that recovers within the whole document loses all that follows.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from xml.sax.saxutils import quoteattr

from lxml import etree

from crawler.platforms.base import BrokenRecord, UnreadablePage
from crawler.platforms.feed_file import FeedFile

MAX_RECORD: Final = 2_000_000
"""Characters of one record; a longer one is broken."""

_CHUNK: Final = 64 * 1024
_ROOT: Final = re.compile(r"<([\w.:-]+)")
_NAMESPACE: Final = re.compile(r"""\sxmlns(?::([\w.-]+))?\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
_PREFIX: Final = re.compile(r"</?([\w.-]+):[\w.-]|\s([\w.-]+):[\w.-]+\s*=")
_AMPERSAND: Final = re.compile(r"<!\[CDATA\[.*?\]\]>|&(?:#\d+|#x[0-9a-fA-F]+|amp|lt|gt|quot|apos);|&(\w+;)?", re.DOTALL)
_HTML: Final = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_CONTROL: Final = dict.fromkeys({*range(32)} - {9, 10, 13})


def is_html(head: str) -> bool:
    """Whether a text is a page: what stands in a feed's place when it is gone, moved or locked."""
    return _HTML.match(head) is not None


def xml_records(file: FeedFile, *names: str) -> Iterator[dict[str, Any] | BrokenRecord]:
    """Every element of one of these local names, as `fields_of` gives it.

    Raises `UnreadablePage` for what is no XML, and at its end for a feed that was cut off.
    """
    head = file.head
    root = _root_of(head)
    spaces = {prefix: one or other for prefix, one, other in _NAMESPACE.findall(head)}
    tail, count = "", 0
    for piece in _pieces(file, names):
        if piece.is_record:
            count += 1
            yield _read(piece.text, spaces)
        else:
            tail = (tail + piece.text)[-_CHUNK:]
    file.check_whole()
    _check_end(head, root, tail, count)


def fields_of(node: etree._Element) -> dict[str, Any]:
    """Attributes and child elements by local name.

    A name that stands several times, or holds elements of its own, becomes a list of texts; an empty element with an
    address (`<link href="…"/>`) is that address. Of two children of one local name the one in another namespace than
    the record's (`g:title` beside `title`) wins.
    """
    plain: dict[str, Any] = {_local(key): str(value) for key, value in node.attrib.items()}
    special: dict[str, Any] = {}
    own = etree.QName(node).namespace
    for child in node.iterchildren(tag=etree.Element):
        found = plain if etree.QName(child).namespace == own else special
        name, value = _local(child.tag), _value(child)
        if name not in found:
            found[name] = value
        else:
            before = found[name] if isinstance(found[name], list) else [found[name]]
            found[name] = before + (value if isinstance(value, list) else [value])
    return plain | special


def _value(node: etree._Element) -> str | list[str]:
    if len(node):
        return [text for leaf in node.iterdescendants() if not len(leaf) and (text := _text(leaf))]
    return _text(node) or str(node.get("href") or "")


def _text(node: etree._Element) -> str:
    return (node.text or "").strip()


def _local(tag: Any) -> str:
    return str(tag).rpartition("}")[2]


class _Piece(NamedTuple):
    """A stretch of a feed's text: a record from its first tag to its last, or what stands between records."""

    text: str
    is_record: bool


class _Cutter:
    """Cuts a text that grows into pieces. A record that begins within another tells that the other is not closed."""

    def __init__(self, names: tuple[str, ...]) -> None:
        local = "|".join(map(re.escape, names))
        self._token: Final = re.compile(
            rf"<!\[CDATA\[.*?\]\]>|<!--.*?-->|</(?:[\w.-]+:)?(?:{local})\s*(?P<end>>)"
            rf"|<(?:[\w.-]+:)?(?:{local})(?P<start>(?=[\s/>])(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*>)",
            re.DOTALL,
        )
        self._text = ""
        self._scanned = 0
        self._begun: int | None = None

    def add(self, chunk: str) -> Iterator[_Piece]:
        """The pieces that are complete with this chunk; an empty one is the end."""
        self._text += chunk
        settled = _settled(self._text, self._scanned) if chunk else len(self._text)
        done = 0
        for found in self._token.finditer(self._text, self._scanned, settled):
            if found["start"]:
                yield _Piece(self._text[done : found.start()], self._begun is not None)
                done = self._begun = found.start()
            if self._begun is not None and (found["end"] or (found["start"] or "").endswith("/>")):
                yield _Piece(self._text[self._begun : found.end()], is_record=True)
                done, self._begun = found.end(), None
        if self._begun is None or len(self._text) - self._begun > MAX_RECORD:
            yield _Piece(self._text[done:settled], self._begun is not None)
            done, self._begun = settled, None
        self._text, self._scanned = self._text[done:], settled - done
        self._begun = None if self._begun is None else self._begun - done


def _pieces(file: FeedFile, names: tuple[str, ...]) -> Iterator[_Piece]:
    """The whole text in its order, without the record that the end of the text cuts off."""
    cutter = _Cutter(names)
    while chunk := file.text.read(_CHUNK):
        yield from cutter.add(chunk)
    yield from cutter.add("")


def _settled(text: str, since: int) -> int:
    """Up to where a text can be judged: not within a tag, a comment or CDATA whose end is still to come."""
    for opening, closing in (("<![CDATA[", "]]>"), ("<!--", "-->")):
        last = text.rfind(opening, since)
        if last >= 0 and text.find(closing, last) < 0 and len(text) - last < MAX_RECORD:
            return last
    last = text.rfind("<", since)
    return last if last >= 0 and text.find(">", last) < 0 and len(text) - last < _CHUNK else len(text)


def _read(text: str, spaces: dict[str, str]) -> dict[str, Any] | BrokenRecord:
    if len(text) > MAX_RECORD:
        return BrokenRecord(f"a record of more than {MAX_RECORD:,} characters, or one that is not closed")
    used = {one or other for one, other in _PREFIX.findall(text)} - {"xml", "xmlns"}
    known = {prefix: spaces.get(prefix) or f"urn:undeclared:{prefix}" for prefix in used} | {"": spaces.get("", "")}
    said = "".join(f" xmlns{':' if name else ''}{name}={quoteattr(uri)}" for name, uri in known.items() if uri)
    try:
        record = _parsed(text, said)
    except etree.XMLSyntaxError as error:
        return BrokenRecord(f"is no XML: {error.msg}")
    return fields_of(record)


def _parsed(text: str, namespaces: str) -> etree._Element:
    """A record as an element; bare ampersands, HTML's entities and control characters are mended."""
    try:
        return _strict(f"<feed{namespaces}>{text}</feed>")[0]
    except etree.XMLSyntaxError:
        mended = _AMPERSAND.sub(_mended, text.translate(_CONTROL))
        if mended == text:
            raise
        return _strict(f"<feed{namespaces}>{mended}</feed>")[0]


def _strict(text: str) -> etree._Element:
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, remove_comments=True)
    return etree.fromstring(text.encode(), parser)


def _mended(found: re.Match[str]) -> str:
    if not found[0].startswith("&") or (found[1] is None and len(found[0]) > 1):
        return found[0]
    meant = html.unescape(found[0]) if found[1] else "&"
    return "&amp;" + found[0][1:] if meant.startswith("&") else meant


def _root_of(head: str) -> str:
    """The name of the first element. Raises `UnreadablePage` for what does not begin like XML."""
    if is_html(head):
        raise UnreadablePage("is a page of HTML, not a feed")
    if not head.lstrip().startswith("<"):
        raise UnreadablePage("is no XML: it does not begin with a tag")
    if "<!ENTITY" in head:
        raise UnreadablePage("is no XML we read: it declares entities")
    root = _ROOT.search(head)
    if root is None:
        raise UnreadablePage("is no XML: it has no element")
    return root[1]


def _check_end(head: str, root: str, tail: str, count: int) -> None:
    if not count and len(tail) < _CHUNK:  # nothing found: say so if it is because of what it is
        try:
            _strict(head)
        except etree.XMLSyntaxError as error:
            raise UnreadablePage(f"is no XML: {error}") from None
    elif not re.search(rf"</{re.escape(root)}\s*>", tail):
        raise UnreadablePage(f"ends in its middle, before </{root}>; what stood before was read")

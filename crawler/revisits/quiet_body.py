"""A page without what is made anew for each answer, so that its hash changes only where the page does. Pure, on bytes.

Engines put a fresh token, a time or a cache's stamp into every answer. Those go: values whose *name* says what they are
and whose form fits it (`noise_names`), remarks, versions of style sheets and scripts, ids made of the time. What a
reader sees stays byte by byte, and so do JSON-LD, microdata, and whatever is in doubt: a page that is read once too
often costs milliseconds, one that is wrongly taken for known would keep an old price.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Final

from crawler.revisits.noise_names import LONGEST, form_of, has_form, letters_in, value_behind

MAX_BYTES: Final = 4_000_000
"""A longer body is taken as it is."""

_LONGEST_TAG: Final = 20_000
_FAMILY: Final = 3
"""So many ids that begin alike are made for one answer."""
_QUIET: Final = b"~"
_KNOWN_BYTES: Final = 50_000
"""A longer script is not remembered."""

_START: Final = re.compile(rb"<(?:!--|(script|style|title|textarea|xmp|iframe|noembed|noframes)(?=[\s>/]))", re.I)
"""Where something begins that holds no markup."""
_DATA_SCRIPT: Final = re.compile(rb"ld\+json", re.I)
_NO_REMARK: Final = re.compile(rb"[<{\[]|--!|^-?>")
"""In a comment that holds markup or data, or whose end browsers see elsewhere."""

_FIELD: Final = re.compile(rb"<(?:input|meta)\s[^<>]{1,%d}>" % _LONGEST_TAG, re.I)
_NAME: Final = re.compile(rb"""\s(?:name|id|http-equiv)\s*=\s*["']?([\w.:-]{2,80})(?=["'\s/>])""", re.I)
_VALUE: Final = re.compile(rb"""(\s(?:value|content)\s*=\s*["'])([^"']*)(?=["'])""", re.I)
_MICRODATA: Final = re.compile(rb"\sitem(?:prop|scope|ref|id)\b|\sproperty\s*=", re.I)
_LINK: Final = re.compile(rb"<link\s[^<>]{1,2000}>", re.I)
_FOLLOWED: Final = re.compile(rb"""\srel\s*=\s*["']?(?:canonical|next|prev|alternate)""", re.I)
_ASSET: Final = re.compile(rb"""(\.(?:css|m?js|woff2?|ttf|ico|webmanifest))\?[^\s"'<>]{1,200}(?=["'\s>])""", re.I)
_LEFT: Final = re.compile(rb"[\w.-]{0,%d}\Z" % LONGEST)
_RIGHT: Final = re.compile(rb"""([\w.-]{1,%d})(?:\\?["']|&quot;)?\s{0,5}[:=]\s{0,5}""" % LONGEST)

_TIMED_ID: Final = re.compile(rb"""[67][0-9a-f]{12}(?=["'])""")
"""`uniqid()` of PHP: seconds since 1970 (2021 to 2029) and microseconds, in hexadecimal."""
_BEFORE_ID: Final = re.compile(
    rb"""\s(?:id|for|aria-[a-z]{2,20}|data-(?:bs-)?target|href)=["']#?(?:[A-Za-z][\w-]{0,40}[-_])?\Z"""
)
_TIMED_KEY: Final = re.compile(
    rb"""["'](?=[a-z0-9]{12,20}\\?["'])((?=[a-z]{0,19}[0-9])[a-z0-9]{4,12}[l-q][a-z0-9]{7})(?=\\?["'](\s{0,5}:)?)"""
)
"""`uniqid` of Node: machine, process and milliseconds since 1970 (2018 to 2035), in base 36."""
_HEX: Final = bytes(ord("h") if sign in b"0123456789abcdef" else ord(".") for sign in range(256))
_LONG_HEX: Final = b"h" * 13
"""What `_TIMED_ID` is made of, once a text is translated by `_HEX`: ten times faster to look for."""
_SMALL: Final = b"0123456789abcdefghijklmnopqrstuvwxyz"
_SMALL_LETTERS: Final = bytes(ord("h") if sign in _SMALL else ord("q") if sign in b"\"'" else 0 for sign in range(256))
_LONG_KEY: Final = b"q" + b"h" * 12
"""How `_TIMED_KEY` begins, likewise."""
_OF_AN_ID: Final = re.compile(rb"""["'](?:id|alias|key|uid)\\?["']\s*:\s*\\?\Z""")
_HIDDEN_MAILS: Final = (
    re.compile(rb"""(data-cfemail=")([0-9a-f]{4,400})(?=")"""),
    re.compile(rb"""(/cdn-cgi/l/email-protection#)([0-9a-f]{4,400})(?=")"""),
)


def quiet(body: bytes) -> bytes:
    """The body without its noise; as it is where it is neither HTML, XML nor JSON, or is very long. Linear in time."""
    start = body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if len(body) > MAX_BYTES or start not in (b"<", b"{", b"["):
        return body
    return b"".join(_markup(body)) if start == b"<" else _quiet_data(body)


def _markup(body: bytes) -> Iterator[bytes]:
    """The pieces of a page: markup, remarks, and what stands in scripts and other elements without markup inside."""
    position, endless = 0, set[bytes]()
    while start := _START.search(body, position):
        yield _quiet_markup(body[position : start.start()])
        name = (start[1] or b"").lower()
        opened = body.find(b">", start.end()) + 1 if name else start.end()
        end = None if name in endless or not opened else _end(name).search(body, opened)
        if end is None:
            endless.add(name)  # nothing is left out of what does not end
            yield start[0]
            position = start.end()
            if not opened:
                break
            continue
        opening, inside = body[start.start() : opened], body[opened : end.start()]
        if not name:
            yield b"<!--" + (inside if _NO_REMARK.search(inside) else b"") + end[0]
        else:
            is_script = name == b"script" and not _DATA_SCRIPT.search(opening)
            yield _quiet_attributes(_ASSET.sub(rb"\1", opening))
            yield (_quiet_script(inside) if is_script else inside) + end[0]
        position = end.end()
    yield _quiet_markup(body[position:])


@cache
def _end(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"</" + name + rb"(?=[\s>/])" if name else rb"-->", re.I)


def _quiet_markup(piece: bytes) -> bytes:
    if b"<" not in piece:
        return piece
    piece = _FIELD.sub(_quiet_field, piece)
    piece = _LINK.sub(lambda tag: tag[0] if _FOLLOWED.search(tag[0]) else _ASSET.sub(rb"\1", tag[0]), piece)
    return _quiet_attributes(piece)


def _quiet_field(tag: re.Match[bytes]) -> bytes:
    """An input or meta element whose name says that its value is noise."""
    if not any(map(form_of, _NAME.findall(tag[0]))) or _MICRODATA.search(tag[0]):
        return tag[0]
    return _VALUE.sub(lambda said: said[1] + _QUIET if has_form(said[2]) else said[0], tag[0])


def _quiet_attributes(piece: bytes) -> bytes:
    """`nonce="…"`, `data-csrf-token="…"`, JSON in an attribute, ids made of the time, hidden addresses of e-mail."""
    piece = _quiet_pairs(piece, lambda at: _in_tag(piece, at))
    if _LONG_HEX in piece.translate(_HEX):
        piece = _TIMED_ID.sub(_quiet_id, piece)
    for hidden in _HIDDEN_MAILS if b"email" in piece else ():
        piece = hidden.sub(_shown_mail, piece)
    return piece


def _quiet_id(match: re.Match[bytes]) -> bytes:
    at, text = match.start(), match.string
    names_element = _BEFORE_ID.search(text, max(0, at - 80), at)
    return _QUIET if names_element and not match[0].isdigit() and _in_tag(text, at) else match[0]


def _in_tag(piece: bytes, at: int) -> bool:
    """Whether a place is among the attributes of a tag, by the last angle bracket before it."""
    start = piece.rfind(b"<", max(0, at - _LONGEST_TAG), at)
    return start >= 0 and piece[start + 1 : start + 2].isalpha() and piece.find(b">", start, at) < 0


def _quiet_script(text: bytes) -> bytes:
    """A script: those of one site stand in all of its pages, and are looked at once."""
    return _quiet_known(text) if len(text) <= _KNOWN_BYTES else _quiet_data(text)


@lru_cache(maxsize=256)
def _quiet_known(text: bytes) -> bytes:
    return _quiet_data(text)


def _quiet_data(text: bytes) -> bytes:
    """JSON, or a script: values of keys that are noise by name and form, and ids made of the time."""
    text = _quiet_pairs(text, lambda _: True)
    first = text.translate(_SMALL_LETTERS).find(_LONG_KEY)
    made = Counter(match[1][-12:-4] for match in _TIMED_KEY.finditer(text, first)) if first >= 0 else Counter()
    if not made or max(made.values()) < _FAMILY:
        return text

    def without(match: re.Match[bytes]) -> bytes:
        is_id = match[2] or _OF_AN_ID.search(text, max(0, match.start() - 20), match.start())
        return match[0][:1] + _QUIET if is_id and made[match[1][-12:-4]] >= _FAMILY else match[0]

    return _TIMED_KEY.sub(without, text)


def _quiet_pairs(text: bytes, counts: Callable[[int], bool]) -> bytes:
    """`"name": "value"`, `name='value'`, `name: 12`, `\\"name\\":\\"value\\"`, where `counts` allows it."""
    pieces, position = [], 0
    for at in _places(text.lower()):
        left = _LEFT.search(text, max(position, at - LONGEST), at)
        rest = _RIGHT.match(text, at)
        if rest is None or left is None:
            continue
        form = form_of(left[0] + rest[1])
        value = value_behind(form).match(text, rest.end()) if form else None
        if value is not None and counts(at):
            begins = value.start(2 if value[2] is not None else 3)
            pieces += [text[position:begins], _QUIET]
            position = value.end()
    return b"".join([*pieces, text[position:]]) if pieces else text


def _places(lower: bytes) -> list[int]:
    """Where any of the few letters stand that each name of noise has, in order."""
    found = []
    for wanted in letters_in(lower):
        at = lower.find(wanted)
        while at >= 0:
            found.append(at)
            at = lower.find(wanted, at + len(wanted))
    return sorted(found)


def _shown_mail(match: re.Match[bytes]) -> bytes:
    """An address that Cloudflare hides: each byte is combined with the first, which is another one in every answer."""
    key, *hidden = bytes.fromhex(match[2][: len(match[2]) // 2 * 2].decode())
    return match[1] + bytes(code ^ key for code in hidden).hex().encode()

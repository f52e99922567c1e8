"""JavaScript literals as they stand in a page's scripts → JSON values: unquoted keys, single quotes, `!0`, `void 0`.

No code is run. What is no literal (a call, a name) becomes null; a text that is no literal at all gives nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

MAX_CHARS: Final = 1_000_000
"""Characters of one literal that are looked at."""

_TOKEN: Final = re.compile(
    r"""\s+|/\*.*?\*/|//[^\n]*
    |(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\$]|\\.)*`)
    |(?P<number>-?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))
    |(?P<word>!0|!1|void\s0|[A-Za-z_$][\w$]*)
    |(?P<sign>[{}\[\](),:.;])""",
    re.VERBOSE | re.DOTALL,
)
_WORDS: Final = {"true": "true", "false": "false", "!0": "true", "!1": "false"}
_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|(.))", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}
_OPENING: Final = {"{": "}", "[": "]", "(": "]"}


def read_literal(text: str, start: int, names: Mapping[str, Any] | None = None) -> tuple[Any, int] | None:
    """The value of the literal that begins at `start` (with `{`, `[`, or `(` for a list of arguments) and where it
    ends; None for what is none. `names`: the values of the names that the literal may use."""
    if text[start : start + 1] not in _OPENING:
        return None
    end = min(len(text), start + MAX_CHARS)
    out: list[str] = []
    closing: list[str] = []
    position = start
    while position < end:
        match = _TOKEN.match(text, position, end)
        if match is None:
            return None
        position = match.end()
        if match.lastgroup is None:
            continue
        piece = match[0]
        if match.lastgroup == "sign":
            if piece in _OPENING:
                if piece == "(" and out:  # a call: what it would give is not known
                    position = _behind_call(text, match.start(), end)
                    continue
                out.append("[" if piece == "(" else piece)
                closing.append(_OPENING[piece])
            elif piece in "}])":
                _close(out, closing)
                if not closing:
                    return _value("".join(out), position)
            elif piece == ",":
                out.append("null," if out[-1][-1:] in "[," else ",")
            elif piece == ":":
                out.append(":")
            elif piece != ".":
                return None
        elif not _put(out, closing, piece, str(match.lastgroup), text, position, names or {}):
            return None
        if not closing:
            return None
    return None


def unquoted(piece: str) -> str:
    """The text of a JavaScript string with its quotes."""
    text = _ESCAPE.sub(_unescaped, piece[1:-1])
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")  # halves of one sign joined


def _put(
    out: list[str], closing: list[str], piece: str, kind: str, text: str, position: int, names: Mapping[str, Any]
) -> bool:
    """Write one value or key. A value right behind another (`a.b`, `new Date`) belongs to it and is left out."""
    if not closing:
        return False
    before = out[-1][-1:]
    is_key = closing[-1] == "}" and before in "{,"
    if not is_key and before not in ":,[":
        return kind == "word" or text[position - len(piece) - 1] == "."
    if kind == "string":
        out.append(_json(unquoted(piece)))
    elif is_key:
        out.append(_json(piece))
    elif kind == "number":
        out.append(_number(piece))
    else:
        out.append(_WORDS.get(piece) or (_json(names[piece]) if piece in names else "null"))
    return True


def _close(out: list[str], closing: list[str]) -> None:
    if out[-1] == ",":
        out.pop()
    out.append(closing.pop())


def _behind_call(text: str, start: int, end: int) -> int:
    """The position behind the brackets of a call."""
    depth, position = 0, start
    while position < end:
        match = _TOKEN.match(text, position, end)
        position = match.end() if match else position + 1
        if match is not None and match.lastgroup == "sign":
            depth += (match[0] in "([{") - (match[0] in ")]}")
            if depth == 0:
                return position
    return end


def _number(piece: str) -> str:
    try:
        value = int(piece, 16) if "x" in piece.lower() else float(piece)
    except ValueError:
        return "null"
    return piece if re.fullmatch(r"-?(?:0|[1-9]\d*)(?:\.\d+)?", piece) else repr(value)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _value(text: str, position: int) -> tuple[Any, int] | None:
    try:
        return orjson.loads(text), position
    except orjson.JSONDecodeError:
        return None


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        number = int(code, 16)
        return chr(number) if number < 0x110000 else "\ufffd"
    return _ESCAPED.get(match[4], match[4])

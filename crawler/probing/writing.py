"""A draft as a dealer file: TOML with the reason beside what is no matter of course."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from errno import ENOSPC
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_WIDE: Final = 110


@dataclass(slots=True)
class DealerFile:
    """`said`: the keys as the declaration takes them. `comments`: key → why, written above it; `head` on top."""

    said: dict[str, Any]
    comments: dict[str, str] = field(default_factory=dict)
    head: list[str] = field(default_factory=list)


def as_toml(file: DealerFile) -> str:
    """The text of the file: plain keys first, then tables."""
    lines = [f"# {_one_line(line)}" for line in file.head]
    tables: list[tuple[str, Mapping[str, Any]]] = []
    for key, value in file.said.items():
        if isinstance(value, dict):
            tables.append((key, value))
        else:
            lines += _pair(key, value, file.comments.get(key))
    lines += [f"# {_one_line(text)}" for key, text in file.comments.items() if key.startswith("#")]
    for name, table in tables:
        lines += ["", *_comment(file.comments.get(name)), f"[{name}]"]
        inner = {key: value for key, value in table.items() if isinstance(value, dict)}
        for key, value in table.items():
            if key not in inner:
                lines += _pair(key, value, file.comments.get(f"{name}.{key}"))
        for key, value in inner.items():
            lines += ["", f"[{name}.{_key(key)}]"]
            lines += [line for k, v in value.items() for line in _pair(k, v, None)]
    return "\n".join(lines) + "\n"


def write_new(file: Path, text: str) -> None:
    """Write a file that is not there yet: all of it or nothing. Raises `FileExistsError` or another `OSError`."""
    body = text.encode()
    with file.open("xb", buffering=0) as out:
        try:
            if out.write(body) != len(body):
                raise OSError(ENOSPC, "not all of it could be written")
        except BaseException:
            file.unlink()
            raise


def relative(url: str, home: str) -> str:
    """An address of the dealer's own host without the host."""
    parts, own = urlsplit(url), urlsplit(home)
    if (parts.scheme, parts.netloc) != (own.scheme, own.netloc):
        return url
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _pair(key: str, value: Any, comment: str | None) -> list[str]:
    text = f"{_key(key)} = {_value(value)}"
    if isinstance(value, list) and len(text) > _WIDE:
        text = "\n".join([f"{_key(key)} = [", *(f"    {_value(entry)}," for entry in value), "]"])
    return [*_comment(comment), text]


def _comment(text: str | None) -> list[str]:
    return [f"# {_one_line(text)}"] if text else []


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    text = _CONTROL.sub(" ", str(value)).replace("${", "$ {")  # what a site says is never a variable of ours
    return json.dumps(text, ensure_ascii=False)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False).replace("\x7f", "\\u007f")


def _one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()[:300]

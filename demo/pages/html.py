"""Pages as bytes: a head, the page's own middle, and shared parts that every page of the dealer carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Final

HTML: Final = "text/html; charset=utf-8"
JSON: Final = "application/json; charset=utf-8"


@dataclass(slots=True)
class Page:
    """One answer, ready to be sent. `parts` are joined; shared parts are the same objects on every page."""

    parts: tuple[bytes, ...]
    content_type: str = HTML
    status: int = 200
    modified: datetime | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)


def text_page(text: str, content_type: str = "text/plain; charset=utf-8", modified: datetime | None = None) -> Page:
    return Page((text.encode(),), content_type, modified=modified)


def redirect(to: str, status: int = 301) -> Page:
    return Page((b"<html><body>Moved.</body></html>",), status=status, headers=[("location", to)])


def not_found(title: str) -> Page:
    body = f"<!doctype html><html><head><title>Not found – {e(title)}</title></head><body><h1>404</h1>"
    return Page(
        ((body + "<p>This page does not exist (any more). <a href='/'>Home</a></p></body></html>").encode(),),
        status=404,
    )


def e(value: object) -> str:
    """Escaped for text and attributes."""
    return escape(str(value), quote=True)


def table(rows: list[tuple[str, str]], css: str = "specs") -> str:
    """A two-column specification table; cells are escaped."""
    body = "".join(f"<tr><th scope='row'>{e(name)}</th><td>{e(value)}</td></tr>" for name, value in rows)
    return f"<table class='{css}'><tbody>{body}</tbody></table>"


def definition_list(rows: list[tuple[str, str]], css: str = "data") -> str:
    return f"<dl class='{css}'>" + "".join(f"<dt>{e(name)}</dt><dd>{e(value)}</dd>" for name, value in rows) + "</dl>"

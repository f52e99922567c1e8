"""Text out of markup: entities, tags and invisible signs removed, white space made one."""

from __future__ import annotations

import html
import re
from typing import Final

_HIDDEN: Final = re.compile(r"<(script|style|template)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_BREAK: Final = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6]|/ul|/ol|/table)\b[^<>]{0,200}>", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[a-zA-Z!?][^<>]*>")
_INVISIBLE: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff\ud800-\udfff]")
_BLANK: Final = re.compile(r"[^\S\n]+")
_LINES: Final = re.compile(r"\s*\n\s*")


def clean_text(text: str | None, max_chars: int = 20_000, *, lines: bool = False) -> str | None:
    """Plain text of a value, `None` when nothing is left. `lines` keeps line and paragraph breaks as newlines."""
    if not text:
        return None
    text = text[: max_chars * 4]
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _strip_tags(text, lines)
        if "&" in text:
            text = html.unescape(text)
    if not (text.isascii() and text.isprintable()):
        text = _INVISIBLE.sub("", text)
    if not lines:
        return " ".join(text.split())[:max_chars].rstrip() or None
    text = _LINES.sub("\n", _BLANK.sub(" ", text)).strip()
    return text[:max_chars].rstrip() or None


def _strip_tags(text: str, lines: bool) -> str:
    text = _strip_comments(text)
    lowered = text.lower()
    if sum(lowered.count(tag) for tag in ("<script", "<style", "<template")) < 100:  # more of them is an attack
        text = _HIDDEN.sub(" ", text)
    if lines:
        text = _BREAK.sub("\n", text)
    return _TAG.sub(" ", text)


def _strip_comments(text: str) -> str:
    if "<!--" not in text:
        return text
    kept: list[str] = []
    while text:
        before, comment, rest = text.partition("<!--")
        kept.append(before)
        _, closed, text = rest.partition("-->") if comment else ("", "", "")
        if comment and not closed:
            break
    return " ".join(kept)

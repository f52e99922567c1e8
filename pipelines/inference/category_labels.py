"""How the word lists mark what a word names: a category's slug, and signs behind it."""

from __future__ import annotations

from typing import Final

WEAK: Final = "?"
"""Ends the label of a word that may also mean something else: "rabbit" is an animal and a flavour."""
HEAD_FIRST: Final = "<"
"""Ends the label (before WEAK) of a word of a language that puts the thing before what it is of or for."""
HEAD_FIRST_LANGUAGES: Final = frozenset({"fr", "es", "it", "pt", "ro", "pl", "cs", "ru"})


def label_of(slug: str, language: str, *, weak: bool) -> str:
    """The label of a word of a language."""
    first = HEAD_FIRST if language in HEAD_FIRST_LANGUAGES else ""
    return f"{slug}{first}{WEAK if weak else ''}"


def category_of(label: str) -> str:
    """The category's slug in a label."""
    return label.rstrip(WEAK + HEAD_FIRST)

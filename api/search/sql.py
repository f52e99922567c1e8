"""What is searched for, in the words of each database: PostgreSQL's tsquery and SQLite's FTS5."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Float, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import TSQUERY

from api.search.spelling import Way, ways
from api.search.words import parse_search
from inventory.search_index import FTS_INDEX, SEARCH_INDEX

Written = Callable[[Way], str]
CONFIGURATION: Final = "yardstick"
FTS_WEIGHTS: Final = (10.0, 5.0, 2.0, 1.0)
"""Of names, title, kinds and numbers; PostgreSQL has its own for the letters A to D."""


def found_by(text: str, listing_id: ColumnElement[Any], dialect: str) -> ColumnElement[bool]:
    """Whether the listing of this number is among those that `text` finds."""
    return listing_id.in_(select(number_of(dialect)).where(matching(text, dialect)))


def index_of(dialect: str) -> Any:
    """The index of words."""
    return SEARCH_INDEX if dialect == "postgresql" else FTS_INDEX


def number_of(dialect: str) -> ColumnElement[Any]:
    """The index's column with the number of the listing."""
    return SEARCH_INDEX.c.listing_id if dialect == "postgresql" else FTS_INDEX.c.rowid


def matching(text: str, dialect: str) -> ColumnElement[bool]:
    """Whether a row of the index has what is searched for."""
    if dialect == "postgresql":
        return SEARCH_INDEX.c.words.op("@@", is_comparison=True)(_query(tsquery(text)))
    return FTS_INDEX.c.listing_search.op("MATCH", is_comparison=True)(fts5(text))


def rank(text: str, dialect: str) -> ColumnElement[float]:
    """How well a row of the index fits; more is better."""
    if dialect == "postgresql":
        return cast(func.ts_rank(SEARCH_INDEX.c.words, _query(any_of(text)), 1), Float)
    weights = ", ".join(map(str, FTS_WEIGHTS))
    return literal_column(f"round(-1e6 * bm25(listing_search, {weights}))", Float)


def _query(written: str) -> ColumnElement[Any]:
    """A constant of the statement, not a parameter of it: rare and common words want different plans, and what is not
    known when the plan is made is parsed again for every row. It holds words and our own signs: quoting will do."""
    quoted = written.replace("'", "''")
    return literal_column(f"to_tsquery('{CONFIGURATION}'::regconfig, '{quoted}')", TSQUERY)


@lru_cache(maxsize=1024)
def tsquery(text: str) -> str:
    """As `to_tsquery` takes it. Words are of letters and digits only, so that quoting them is enough."""
    search = parse_search(text)
    wanted = [_any(entry, _in_tsquery, " | ") for entry in ways(search.words)]
    wanted += [_in_tsquery(Way(phrase, together=True)) for phrase in search.phrases]
    wanted += [f"!{_in_tsquery(Way(phrase, together=True))}" for phrase in search.without]
    return " & ".join(dict.fromkeys(wanted))


@lru_cache(maxsize=1024)
def any_of(text: str) -> str:
    """All that may be there, for the rank: PostgreSQL ranks what asks for several words by their distances alone."""
    search = parse_search(text)
    words = [word for entry in ways(search.words) for way in entry for word in way.words]
    words += [word for phrase in search.phrases for word in phrase]
    return " | ".join(dict.fromkeys(f"'{word}'" for word in words))


def _in_tsquery(way: Way) -> str:
    joined = (" <-> " if way.together else " & ").join(f"'{word}'" for word in way.words)
    return f"({joined})" if len(way.words) > 1 else joined + (":*" if way.begins else "")


@lru_cache(maxsize=1024)
def fts5(text: str) -> str:
    """As MATCH takes it."""

    def written(way: Way) -> str:
        if way.together:
            return f'"{" ".join(way.words)}"'
        joined = " AND ".join(f'"{word}"' for word in way.words)
        return f"({joined})" if len(way.words) > 1 else joined + (" *" if way.begins else "")

    search = parse_search(text)
    wanted = [_any(entry, written, " OR ") for entry in ways(search.words)]
    wanted += [written(Way(phrase, together=True)) for phrase in search.phrases]
    found = " AND ".join(dict.fromkeys(wanted))
    unwanted = " OR ".join(written(Way(phrase, together=True)) for phrase in search.without)
    return f"({found}) NOT ({unwanted})" if unwanted else found


def _any(entry: Sequence[Way], written: Written, sign: str) -> str:
    alternatives: Iterable[str] = dict.fromkeys(map(written, entry))
    return f"({sign.join(alternatives)})"

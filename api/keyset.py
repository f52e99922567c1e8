"""Pages by keyset: a page begins behind the last row of the one before, so page 20,000 costs what page 2 costs.

Nulls stand last. Databases drop nulls silently from `(a, b) > (x, y)`, so their branch is written out: an order whose
first column may be null is read in two legs, rows with a value and then rows without. Neither leg needs NULLS LAST
on that column, so a plain index serves both.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, and_, false, or_, tuple_

from api.problems import bad_cursor
from api.sorting import Key
from api.values import from_cursor

HASH_LENGTH: Final = 12


@dataclass(frozen=True, slots=True)
class Leg:
    """One statement's part of a page: rows that fulfil `where`, in `order`."""

    where: tuple[ColumnElement[bool], ...]
    order: tuple[ColumnElement[Any], ...]


def legs(keys: Sequence[Key], after: Sequence[Any] | None, *, nulls: bool = True) -> list[Leg]:
    """The statements to run one after the other until a page is full.

    `after` holds the last row's value of each key, None for null. `nulls=False`: a filter excludes nulls in the first
    column, so that their leg is spared.
    """
    first, rest = keys[0], keys[1:]
    if not first.column.nullable:
        return [Leg(() if after is None else (_behind(keys, after, known=True),), order_of(keys))]
    found: list[Leg] = []
    source = first.column.source
    if after is None or after[0] is not None:
        where: tuple[ColumnElement[bool], ...] = (source.is_not(None),)
        if after is not None:
            where += (_behind(keys, after, known=True),)
        found.append(Leg(where, (_plain(first), *order_of(rest))))
    if nulls:
        where = (source.is_(None),)
        if after is not None and after[0] is None:
            where += (_behind(rest, after[1:], known=False),)
        found.append(Leg(where, order_of(rest)))
    return found


def order_of(keys: Sequence[Key]) -> tuple[ColumnElement[Any], ...]:
    """ORDER BY of these keys, nulls last."""
    return tuple(_plain(key).nulls_last() if key.column.nullable else _plain(key) for key in keys)


def _plain(key: Key) -> Any:
    return key.column.source.desc() if key.descending else key.column.source.asc()


def _behind(keys: Sequence[Key], after: Sequence[Any], *, known: bool) -> ColumnElement[bool]:
    """Rows strictly behind the values. `known`: the leg holds no row with null in the first column."""
    sources = [key.column.source for key in keys]
    may_be_null = [key.column.nullable and not (known and position == 0) for position, key in enumerate(keys)]
    if len({key.descending for key in keys}) == 1 and not any(may_be_null):
        # The form that both databases answer straight from an index.
        row, values = tuple_(*sources), tuple_(*after, types=[source.type for source in sources])
        return row < values if keys[0].descending else row > values
    branches: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for key, source, value, nullable in zip(keys, sources, after, may_be_null, strict=True):
        if value is not None:
            further = source < value if key.descending else source > value
            branches.append(and_(*equal, or_(further, source.is_(None)) if nullable else further))
        equal.append(source.is_(None) if value is None else source == value)
    behind = or_(*branches) if branches else false()
    if may_be_null[0]:
        return behind
    # Implied by the branches; said on its own, it lets an index on the first column bound the search.
    bound = sources[0] <= after[0] if keys[0].descending else sources[0] >= after[0]
    return and_(bound, behind)


def fingerprint(*parts: object) -> str:
    """A short hash of the query that a cursor belongs to."""
    return hashlib.sha256(orjson.dumps([str(part) for part in parts])).hexdigest()[:HASH_LENGTH]


def write_cursor(query: str, values: Sequence[Any], carried: Any = None) -> str:
    """An opaque token: behind which row the next page of `query` (a `fingerprint`) begins.

    `carried` is what the first page counted, so that later pages need not count again. Texts pass through as they are;
    times must be text already or datetimes.
    """
    text = orjson.dumps([query, list(values), carried], option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC)
    return urlsafe_b64encode(text).rstrip(b"=").decode("ascii")


def read_cursor(token: str, query: str, keys: Sequence[Key], parameter: str = "cursor") -> tuple[tuple[Any, ...], Any]:
    """The last row's values and what was carried.

    Raises `Problem` 400 for a token that is not one of ours, or that belongs to another query; it names `parameter`.
    """
    try:
        decoded = orjson.loads(urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4)))
        owner, values, carried = decoded
        if not isinstance(owner, str) or not isinstance(values, list):
            raise ValueError("not our shape")
    except (ValueError, TypeError):  # binascii, unicode, JSON and unpacking errors
        detail = "This is not a cursor of this API; pass `next_cursor` back exactly as received."
        raise bad_cursor(detail, parameter) from None
    if owner != query:
        other = "This cursor belongs to another query; filters and sort must stay as they were"
        detail = f"{other}, or leave `{parameter}` out."
        raise bad_cursor(detail, parameter)
    try:
        if len(values) != len(keys):
            raise ValueError("another number of keys")
        return tuple(from_cursor(key.column, value) for key, value in zip(keys, values, strict=True)), carried
    except ValueError as error:
        raise bad_cursor(f"This cursor was changed on its way: {error}.", parameter) from None

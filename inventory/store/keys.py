"""Under which keys stored listings are found, and who is near.

A listing is compared with at most `MOST` others, however many are stored: from each of its keys come the nearest on
either side, and of all these first those that share a key without a scale (a serial, a GTIN) with few, then those that
are nearest by most keys. A block that holds more than that (hundreds of listings of one product at one weight) is seen
in part; which part, depends on the order in which they came.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, TextClause, delete, select, text

from inventory.store.dialect import array_text, within
from inventory.store.matching import BlockingKey
from inventory.tables import listing_keys

NEAREST: Final = 8
"""So many listings of a key are looked at above a listing's place, and as many below it."""
LOOKED: Final = 64
"""So many listings of a key on a side are looked at in all, with those that do not meet by their reach."""
MOST: Final = 12
"""With so many others a listing is compared at most."""
WIDER: Final = 1.25
"""A twin's own reach may be so much greater: places within reach of each other must not differ more in it."""

Keys = Mapping[int, Sequence[BlockingKey]]
"""Listing id → its keys."""

_BATCH: Final = {
    "postgresql": """
        FROM unnest(CAST(:ids AS bigint[]), CAST(:keys AS bigint[]), CAST(:places AS float8[]),
        CAST(:reaches AS float8[])) WITH ORDINALITY AS given(listing_id, key, place, reach, number)
    """,
    "sqlite": """
        FROM (SELECT json_extract(value, '$[0]') AS listing_id, json_extract(value, '$[1]') AS key,
        json_extract(value, '$[2]') AS place, json_extract(value, '$[3]') AS reach, key + 1 AS number
        FROM json_each(:batch))
    """,
}
_NEAR: Final = """
    SELECT near.listing_id, near.apart FROM (
        SELECT k.listing_id, k.place, k.reach, abs(k.place - b.place) AS apart FROM listing_keys AS k
        WHERE k.key = b.key AND k.place {side} b.place AND k.place {limit} AND k.listing_id <> b.listing_id
        ORDER BY k.place {order}, k.listing_id {order} LIMIT :looked
    ) AS near
    WHERE near.apart <= {greatest}(near.reach, b.reach)
    ORDER BY near.place {order}, near.listing_id {order} LIMIT :nearest
"""
_ABOVE: Final = {"side": ">=", "limit": "<= b.place + abs(b.reach) * :wider", "order": "ASC"}
_BELOW: Final = {"side": "<", "limit": ">= b.place - abs(b.reach) * :wider", "order": "DESC"}
_JOINED: Final = {
    "postgresql": "SELECT b.number, near.listing_id, near.apart FROM b CROSS JOIN LATERAL ({near}) AS near",
    "sqlite": """
        SELECT b.number, json_extract(near.value, '$[0]'), json_extract(near.value, '$[1]') FROM b
        JOIN json_each((SELECT json_group_array(json_array(listing_id, apart)) FROM ({near}))) AS near
    """,
}
_GREATEST: Final = {"postgresql": "greatest", "sqlite": "max"}


def _query(dialect: str) -> TextClause:
    """For each key of a batch the nearest listings on either side, by index: (number of the key, listing, how far)."""
    sides = (_NEAR.format(greatest=_GREATEST[dialect], **side) for side in (_ABOVE, _BELOW))
    found = " UNION ALL ".join(_JOINED[dialect].format(near=near) for near in sides)
    return text(f"WITH b AS MATERIALIZED (SELECT * {_BATCH[dialect]}) {found}")


_QUERIES: Final = {dialect: _query(dialect) for dialect in _BATCH}
_COLUMNS: Final = "listing_id, key, place, reach"
_INSERT: Final = {
    dialect: text(f"INSERT INTO listing_keys ({_COLUMNS}) SELECT {_COLUMNS} {batch}")
    for dialect, batch in _BATCH.items()
}


def stored_keys(connection: Connection, listing_ids: Collection[int]) -> dict[int, set[BlockingKey]]:
    """The keys that these listings have; listings without any are left out."""
    if not listing_ids:
        return {}
    query = select(listing_keys).where(within(connection, listing_keys.c.listing_id, listing_ids))
    stored: dict[int, set[BlockingKey]] = defaultdict(set)
    for row in connection.execute(query).all():
        stored[row.listing_id].add(BlockingKey(row.key, row.place, row.reach))
    return dict(stored)


def write_keys(connection: Connection, keys: Keys, stored: Mapping[int, set[BlockingKey]]) -> None:
    """Make these the listings' keys instead of those that are stored; what is so already is not written."""
    other = {listing_id: found for listing_id, found in keys.items() if set(found) != stored.get(listing_id, set())}
    if old := [listing_id for listing_id in other if listing_id in stored]:
        connection.execute(delete(listing_keys).where(within(connection, listing_keys.c.listing_id, old)))
    rows = {(listing_id, key.key, key.place): key for listing_id, found in other.items() for key in sorted(found)}
    if rows:
        flat = [(listing_id, key) for (listing_id, *_), key in rows.items()]
        connection.execute(_INSERT[connection.dialect.name], _parameters(connection, flat))


def neighbours(connection: Connection, keys: Keys) -> dict[int, list[int]]:
    """Listing → the listings that it is to be compared with; one query for all."""
    flat = [(listing_id, key) for listing_id, found in keys.items() for key in found]
    if not flat:
        return {}
    parameters = _parameters(connection, flat) | {"nearest": NEAREST, "looked": LOOKED, "wider": WIDER}
    rows = connection.execute(_QUERIES[connection.dialect.name], parameters).all()
    by_key: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for number, other, apart in rows:
        by_key[number].append((apart, other))
    worth: dict[int, dict[int, tuple[float, float]]] = defaultdict(dict)
    for number, found in by_key.items():
        listing_id, key = flat[number - 1]
        of_listing = worth[listing_id]
        for other, share in _shares(found):
            alike, near = of_listing.get(other, (0.0, 0.0))
            of_listing[other] = (alike, near + share) if key.reach else (alike + share, near)
    return {
        listing_id: sorted(found, key=lambda other: (*(-round(said, 9) for said in found[other]), other))[:MOST]
        for listing_id, found in worth.items()
    }


def _shares(found: list[tuple[float, int]]) -> Iterator[tuple[int, float]]:
    """What one key says for each listing near it: 1 by how many are as near or nearer, itself among them."""
    places = sorted(apart for apart, _ in found)
    return ((other, 1 / bisect_right(places, apart)) for apart, other in found)


def share_a_key(some: Sequence[BlockingKey], others: Sequence[BlockingKey]) -> bool:
    """Whether two listings would be found by each other, were nobody else stored."""
    by_key: dict[int, list[BlockingKey]] = defaultdict(list)
    for one in some:
        by_key[one.key].append(one)
    return any(
        abs(one.place - other.place) <= max(one.reach, other.reach)
        for other in others
        for one in by_key.get(other.key, ())
    )


def _parameters(connection: Connection, flat: Sequence[tuple[int, BlockingKey]]) -> dict[str, Any]:
    if connection.dialect.name == "sqlite":
        return {"batch": json.dumps([(listing_id, *key) for listing_id, key in flat])}
    return {
        "ids": array_text([listing_id for listing_id, _ in flat]),
        "keys": array_text([key.key for _, key in flat]),
        "places": array_text([key.place for _, key in flat]),
        "reaches": array_text([key.reach for _, key in flat]),
    }

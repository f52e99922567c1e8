"""How many stored listings bear a key: the more machines are alike, the likelier two are near each other by chance.

Counted by steps (`Matching.crowd_steps`), never beyond the last: so a count costs the same however many are stored,
and a crowd is compared anew only where it reached another step, which costs each listing a share of one comparison.
"""

from __future__ import annotations

import json
from bisect import bisect
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, select, text

from inventory.store.dialect import array_text, within
from inventory.store.keys import Keys
from inventory.store.matching import BlockingKey, Candidate, Matching
from inventory.tables import listing_keys

_GIVEN: Final = {
    "postgresql": "unnest(CAST(:keys AS bigint[])) AS given(value)",
    "sqlite": "json_each(:keys) AS given",
}
_BEARERS: Final = "SELECT 1 FROM listing_keys WHERE listing_keys.key = given.value LIMIT :most"
_COUNT: Final = "SELECT given.value, (SELECT count(*) FROM ({bearers}) AS bearers) FROM {given}"
_QUERIES: Final = {dialect: text(_COUNT.format(bearers=_BEARERS, given=given)) for dialect, given in _GIVEN.items()}


def steps_of(connection: Connection, keys: Collection[int], steps: Sequence[int]) -> dict[int, int]:
    """For each key the last step that its listings reach; 0 before the first."""
    if not keys:
        return {}
    wanted = sorted(keys)
    given = array_text(wanted) if connection.dialect.name == "postgresql" else json.dumps(wanted)
    rows = connection.execute(_QUERIES[connection.dialect.name], {"keys": given, "most": steps[-1]}).all()
    reached = (0, *steps)
    return {key: reached[bisect(steps, count)] for key, count in rows}


def counted(connection: Connection, found: dict[int, Candidate], matching: Matching) -> dict[int, Candidate]:
    """The listings, each with its crowd as it is stored now."""
    key_of = _key_of(found, matching)
    return _with_crowds(found, key_of, steps_of(connection, set(key_of.values()), matching.crowd_steps))


class Crowds:
    """The crowds that the listings of a batch join or leave. To be made before their keys are written."""

    def __init__(
        self,
        connection: Connection,
        found: dict[int, Candidate],
        keys: Keys,
        stored: Mapping[int, Collection[BlockingKey]],
        matching: Matching,
    ) -> None:
        self._connection, self._found, self._steps = connection, found, matching.crowd_steps
        self._key_of = _key_of(found, matching)
        left = {old.key for listing_id, had in stored.items() for old in set(had).difference(keys.get(listing_id, ()))}
        self._before = steps_of(connection, left.union(self._key_of.values()), self._steps)

    def count(self) -> tuple[dict[int, Candidate], set[int]]:
        """The batch's listings with their crowds, and all listings of crowds that have reached another step since."""
        now = steps_of(self._connection, self._before.keys(), self._steps)
        other = [key for key, step in self._before.items() if now[key] != step]
        return _with_crowds(self._found, self._key_of, now), self._bearers(other)

    def _bearers(self, keys: Collection[int]) -> set[int]:
        if not keys:
            return set()
        query = select(listing_keys.c.listing_id).where(within(self._connection, listing_keys.c.key, keys))
        return set(self._connection.execute(query).scalars())


def _key_of(found: Mapping[int, Candidate], matching: Matching) -> dict[int, int]:
    return {listing_id: key for listing_id, one in found.items() if (key := matching.crowd_key(one)) is not None}


def _with_crowds(
    found: dict[int, Candidate], key_of: Mapping[int, int], steps: Mapping[int, int]
) -> dict[int, Candidate]:
    for listing_id, key in key_of.items():
        found[listing_id].crowd = steps[key]
    return found

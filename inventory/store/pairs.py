"""Judged pairs of listings: compared once when one of them is stored or changed, and kept if same or maybe."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from inventory.store.candidates import read_missing
from inventory.store.dialect import within
from inventory.store.keys import Keys, share_a_key
from inventory.store.locks import Locks
from inventory.store.many_rows import are_among, insert_rows, update_rows
from inventory.store.matching import Candidate, Judgement, Matching
from inventory.tables import listing_pairs

Ends = tuple[int, int]
"""Two listings, the lower id first."""
_TABLE = listing_pairs.c


def judge(
    connection: Connection,
    near: Mapping[int, Collection[int]],
    keys: Keys,
    known: dict[int, Candidate],
    matching: Matching,
    now: datetime,
    locks: Locks,
    said: Mapping[Ends, Judgement] | None = None,
    unpaired: Collection[int] = (),
) -> set[int]:
    """Compare the listings of `keys` with those `near` them, and store what came of it; the listings whose pairs
    are others than before. `known` are candidates by id; those that are read are added. What people `said` of pairs
    with one of these listings is not compared: same is stored as they say it, different like any other is not. Of those
    `unpaired` no pair can be stored yet.

    A pair that is stored is compared again even where one of the two has so many neighbours that the other is no
    longer among them: that of two listings found first must not matter.
    """
    stored, spoken = pairs_of(connection, keys.keys() - unpaired), said or {}
    found = {ends(one, other) for one, others in near.items() for other in others}
    locks.widen({number for pair in stored.keys() - found for number in pair} - known.keys())
    read_missing(connection, known, {number for pair in (*found, *stored) for number in pair}, matching)
    judged = {pair: judgement for pair, judgement in spoken.items() if judgement.verdict != "different"}
    for pair in sorted((found | stored.keys()) - spoken.keys()):
        one, other = (known[number] for number in pair)
        if pair not in found and not _would_meet(one, other, keys, matching):
            continue
        judgement = matching.compare(one, other)
        if judgement.verdict != "different":
            judged[pair] = judgement
    return _write(connection, stored, judged, now)


def pairs_of(connection: Connection, ids: Collection[int]) -> dict[Ends, Judgement]:
    """The stored pairs of which one listing is among these."""
    found: dict[Ends, Judgement] = {}
    if not ids:
        return found
    columns = select(_TABLE.low_id, _TABLE.high_id, _TABLE.verdict, _TABLE.method, _TABLE.score, _TABLE.evidence)
    for end in (_TABLE.low_id, _TABLE.high_id):  # a query each: the database then takes the end's index
        rows = connection.execute(columns.where(within(connection, end, ids))).all()
        found |= {(row[0], row[1]): Judgement(row[2], row[3], row[4], row[5] or {}) for row in rows}
    return found


def ends(one: int, other: int) -> Ends:
    """A pair as it is stored."""
    return (one, other) if one < other else (other, one)


def plain(evidence: Mapping[str, Any]) -> dict[str, Any] | None:
    """Evidence as JSON gives it back."""
    found: dict[str, Any] = json.loads(json.dumps(dict(evidence), default=str))
    return found or None


def _would_meet(one: Candidate, other: Candidate, keys: Keys, matching: Matching) -> bool:
    some, others = (keys.get(c.listing_id) or matching.keys_of(c) for c in (one, other))
    return share_a_key(some, others)


def _write(
    connection: Connection, stored: Mapping[Ends, Judgement], judged: Mapping[Ends, Judgement], now: datetime
) -> set[int]:
    gone = [pair for pair in stored if pair not in judged]
    new = [pair for pair in judged if pair not in stored]
    other = [pair for pair in judged if pair in stored and _row(judged[pair]) != _row(stored[pair])]
    if gone:
        connection.execute(delete(listing_pairs).where(are_among(connection, (_TABLE.low_id, _TABLE.high_id), gone)))
    new_rows, other_rows = (
        [{"low_id": low, "high_id": high, **_row(judged[low, high]), "judged_at": now} for low, high in found]
        for found in (new, other)
    )
    insert_rows(connection, listing_pairs, new_rows)
    update_rows(connection, listing_pairs, other_rows, ("low_id", "high_id"))
    return {number for pair in (*gone, *new, *other) for number in pair}


def _row(judgement: Judgement) -> dict[str, Any]:
    return {
        "verdict": judgement.verdict,
        "method": judgement.method,
        "score": judgement.score,
        "evidence": plain(judgement.evidence),
    }

"""Which listings hang together, and which of them must be parted anew where something changed. Few queries a batch.

Listings that a chain of `same` pairs joins are a component: only within one can things come together. How it is
parted also depends on components beside it, to which a `maybe` leads that is about as good as a `same` of its listing
(`Matching.bears_on`): its rivals. So where a component changed, it and those whose rival it is are parted anew, each
from all its members and those of its rivals. This depends on stored pairs only, never on the order in which they came,
and stays small: chains of `maybe` may be long (one model in thousands of ads), few of them are rivals, and chains of
`same` are short.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import Connection

from inventory.store.locks import Locks
from inventory.store.matching import Judgement, Matching
from inventory.store.pairs import Ends, ends, pairs_of

Component = tuple[int, ...]
"""Listing ids, ascending."""


class Surroundings:
    """The pairs around some listings, read from the database as far as they are needed."""

    def __init__(self, connection: Connection, matching: Matching, locks: Locks) -> None:
        self._connection = connection
        self._locks = locks
        self._bears_on = matching.bears_on
        self._read: set[int] = set()
        self._pairs: dict[Ends, Judgement] = {}
        self._at: dict[str, dict[int, set[int]]] = {"same": defaultdict(set), "maybe": defaultdict(set)}

    def to_part(self, touched: Collection[int]) -> list[Component]:
        """The components of these listings, those with no pair too, and those whose rivals they are."""
        closed = self._closed(touched)
        beside = self._at_maybe(closed) - closed
        self._load(beside)
        return self._components(closed | self._closed({one for one in beside if self._rivals_of(one) & closed}))

    def contexts(self, parts: Iterable[Component]) -> dict[Component, set[int]]:
        """For each component its members, and those of its rivals."""
        rivals = {part: set().union(*(self._rivals_of(one) for one in part)) for part in parts}
        self._closed(set().union(*rivals.values()))  # all at once: what follows reads nothing more
        return {part: self._closed({*part, *found}) for part, found in rivals.items()}

    def pairs(self, ids: Collection[int]) -> Iterator[tuple[Ends, Judgement]]:
        """The pairs among these listings, in order."""
        inside = set(ids)
        near = {
            ends(one, other)
            for one in inside
            for beside in self._at.values()
            for other in beside.get(one, ())
            if other in inside
        }
        return ((pair, self._pairs[pair]) for pair in sorted(near))

    def _components(self, left: set[int]) -> list[Component]:
        found = []
        while left:
            part = self._part(min(left))
            found.append(tuple(sorted(part)))
            left -= part
        return found

    def _at_maybe(self, ids: Collection[int]) -> set[int]:
        at = self._at["maybe"]
        return {other for one in ids for other in at.get(one, ())}

    def _rivals_of(self, one: int) -> set[int]:
        """Listings to which a `maybe` leads from this one that may keep it from joining another."""
        same = [self._pairs[ends(one, other)] for other in self._at["same"].get(one, ())]
        if not same:
            return set()
        return {
            other
            for other in self._at["maybe"].get(one, ())
            if any(self._bears_on(judgement, self._pairs[ends(one, other)]) for judgement in same)
        }

    def _closed(self, ids: Collection[int]) -> set[int]:
        """These listings with all that a chain of `same` leads to; the pairs of all of them are read then."""
        closed, fresh = set(ids), set(ids)
        while fresh:
            self._load(fresh)
            reached = {other for number in fresh for other in self._at["same"].get(number, ())}
            fresh = reached - closed
            closed |= fresh
        return closed

    def _load(self, ids: Collection[int]) -> None:
        wanted = set(ids) - self._read
        if not wanted:
            return
        self._locks.widen(wanted)
        self._read |= wanted
        for (low, high), judgement in pairs_of(self._connection, wanted).items():
            self._pairs[low, high] = judgement
            self._at[judgement.verdict][low].add(high)
            self._at[judgement.verdict][high].add(low)

    def _part(self, start: int) -> set[int]:
        part, fresh = {start}, [start]
        while fresh:
            others = self._at["same"].get(fresh.pop(), set()) - part
            part |= others
            fresh.extend(others)
        return part

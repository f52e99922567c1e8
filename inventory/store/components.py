"""Which listings hang together, and which of them must be parted anew where something changed. Few queries a batch.

Listings that a chain of `same` pairs joins are a component: only within one can things come together. How it is
parted also depends on the components beside it, to which a `maybe` leads (a rival may be as good). So where a
component changed, it and those beside it are parted anew, each from all its members and all members beside it. This
depends on stored pairs only, never on the order in which they came, and stays small: chains of `maybe` may be long
(one model in thousands of ads), chains of `same` are not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from sqlalchemy import Connection

from inventory.store.matching import Judgement
from inventory.store.pairs import Ends, pairs_of

Component = tuple[int, ...]
"""Listing ids, ascending."""


class Surroundings:
    """The pairs around some listings, read from the database as far as they are needed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read: set[int] = set()
        self._pairs: dict[Ends, Judgement] = {}
        self._at: dict[str, dict[int, set[int]]] = {"same": defaultdict(set), "maybe": defaultdict(set)}

    def components(self, ids: Collection[int]) -> list[Component]:
        """The components of these listings, those with no pair too."""
        left = self._closed(ids)
        found = []
        while left:
            part = self._part(min(left))
            found.append(tuple(sorted(part)))
            left -= part
        return found

    def beside(self, ids: Collection[int]) -> set[int]:
        """These listings, those that a `maybe` leads to, and the components of them all."""
        closed = self._closed(ids)
        reached = closed.union(*(self._at["maybe"][number] for number in closed if number in self._at["maybe"]))
        return self._closed(reached)

    def pairs(self, ids: Collection[int]) -> Iterator[tuple[Ends, Judgement]]:
        """The pairs among these listings, in order."""
        inside = set(ids)
        near = {
            (min(one, other), max(one, other))
            for one in inside
            for beside in self._at.values()
            for other in beside.get(one, ())
            if other in inside
        }
        return ((ends, self._pairs[ends]) for ends in sorted(near))

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

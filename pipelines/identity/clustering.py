"""Listings → things: judged pairs become groups, the same whatever the order, and never across a veto.

Exact pairs (serial, GTIN) join first, the surest first. A scored pair joins where neither listing has a second
candidate that is about as good and another thing (of the same dealer, or judged different): such ties stay "maybe"
for a person to look at. Nor does a scored pair bring together two listings that are different by their own facts.

What a person says of a pair comes before all of it: "same" joins first and overrules what stands between the two,
"different" is a veto that nothing overrules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from inventory.store.matching import CORRECTION, Candidate, Group, Judgement, Pair
from pipelines.identity.compare import compare
from pipelines.identity.score import TIED_BITS, bits_of
from pipelines.identity.vetoes import veto

Name = tuple[str, str]
SCORED: Final = frozenset(TIED_BITS)
"""Methods whose pairs may be ties; all other methods are exact."""


def cluster(members: Sequence[Candidate], pairs: Sequence[Pair]) -> tuple[Group, ...]:
    """Part the members into groups, each with the pairs that brought it together.

    `pairs` are those judged "same" or "maybe" among the members; a pair of a listing that is no member is left out.
    """
    by_name = {member.name: member for member in members}
    known = sorted((Pair.of(*pair) for pair in pairs if _among(by_name, pair)), key=_surest)
    parts = _Parts(by_name, [pair for pair in known if pair.judgement.method == CORRECTION])
    for pair in known:
        if pair.judgement.verdict == "same" and pair.judgement.method not in SCORED:
            parts.join(pair)
    _join_scored([pair for pair in known if pair.judgement.method in SCORED], parts)
    inside: dict[Name, list[Pair]] = defaultdict(list)
    for pair in known:
        if pair.judgement.verdict == "same" and parts.of[pair.one] == parts.of[pair.other]:
            inside[parts.of[pair.one]].append(pair)
    return tuple(Group(tuple(names), _tree(names, inside[part])) for part, names in sorted(parts.names.items()))


class _Parts:
    """Which listings are together so far: at first those of which a person says so. A part is called by its first name.

    Where a person overrules what stands between two listings, one of them is wrong about itself, and it is not known
    which: each then stands beside a listing that only it forbids (A and B are one in spite of their serials, and C has
    A's serial).
    """

    def __init__(self, members: dict[Name, Candidate], said: Sequence[Pair] = ()) -> None:
        self.members = members
        self.of = {name: name for name in members}
        self.names = {name: [name] for name in members}
        self._forbidden: dict[tuple[Name, Name], bool] = {}
        self._different: dict[tuple[Name, Name], bool] = {}
        self._apart = {(pair.one, pair.other) for pair in said if pair.judgement.verdict == "different"}
        together = [pair for pair in said if pair.judgement.verdict == "same"]
        self._overruled = {name for pair in together if self.are_different(*pair[:2]) for name in pair[:2]}
        for pair in together:
            self.join(pair)

    def may_join(self, pair: Pair) -> bool:
        """Whether the pair's parts are two, and no veto stands between their members.

        A scored pair is no proof: nothing may speak against it between any of the members.
        """
        one, other = self.of[pair.one], self.of[pair.other]
        if one == other:
            return False
        between = {(a, b) if a < b else (b, a) for a in self.names[one] for b in self.names[other]}
        if pair.judgement.method == CORRECTION or not self._apart.isdisjoint(between):
            return self._apart.isdisjoint(between)
        apart = self.are_different if pair.judgement.method in SCORED else self._is_forbidden
        weak = self._overruled.difference((pair.one, pair.other))
        return not any(apart(a, b) for a, b in between if a not in weak and b not in weak)

    def are_different(self, one: Name, other: Name) -> bool:
        """Whether two listings, by themselves, are two things."""
        key = (one, other) if one < other else (other, one)
        if key not in self._different:
            self._different[key] = compare(self.members[key[0]], self.members[key[1]]).verdict == "different"
        return self._different[key]

    def join(self, pair: Pair) -> bool:
        """Put the pair's parts together if they may be."""
        if not self.may_join(pair):
            return False
        kept, gone = sorted((self.of[pair.one], self.of[pair.other]))
        moved = self.names.pop(gone)
        for name in moved:
            self.of[name] = kept
        self.names[kept] = sorted(self.names[kept] + moved)
        return True

    def _is_forbidden(self, one: Name, other: Name) -> bool:
        key = (one, other) if one < other else (other, one)
        if key not in self._forbidden:
            self._forbidden[key] = veto(self.members[key[0]], self.members[key[1]]) is not None
        return self._forbidden[key]


def _join_scored(pairs: Sequence[Pair], parts: _Parts) -> None:
    """Join what is no tie, until nothing more joins: a join may settle who a third listing's only candidate is."""
    at: dict[Name, list[Pair]] = defaultdict(list)
    for pair in pairs:
        at[pair.one].append(pair)
        at[pair.other].append(pair)
    waiting = [pair for pair in pairs if pair.judgement.verdict == "same"]
    while waiting:
        open_pairs = [pair for pair in waiting if parts.may_join(pair)]
        clear = [pair for pair in open_pairs if not _is_tied(pair, at, parts)]
        joined = sum([parts.join(pair) for pair in clear])
        if not joined:
            return
        waiting = open_pairs


def is_rival(other: Judgement, one: Judgement) -> bool:
    """Whether a pair is about as good as another that it has a listing in common with. Exact pairs have no rivals."""
    if one.method not in SCORED or other.method not in SCORED:
        return False
    return bits_of(other.score) >= bits_of(one.score) - TIED_BITS[one.method]


def _is_tied(pair: Pair, at: dict[Name, list[Pair]], parts: _Parts) -> bool:
    """Whether one of the pair's listings may as well be a third one, which is another thing than the pair's other."""
    joined = {parts.of[pair.one], parts.of[pair.other]}
    for mine, partner in ((pair.one, pair.other), (pair.other, pair.one)):
        for rival in at[mine]:
            third = rival.other if rival.one == mine else rival.one
            if (
                third != partner
                and is_rival(rival.judgement, pair.judgement)
                and {parts.of[mine], parts.of[third]} != joined
                and (third[0] == partner[0] or parts.are_different(third, partner))
                and parts.may_join(rival)
            ):
                return True
    return False


def _tree(names: Sequence[Name], pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """For each member but the first the surest pair that leads to it from those before."""
    reached = {names[0]}
    found = []
    while len(reached) < len(names):
        pair = next(p for p in pairs if (p.one in reached) != (p.other in reached))
        reached |= {pair.one, pair.other}
        found.append(pair)
    return tuple(found)


def _among(members: Iterable[Name], pair: Pair) -> bool:
    return pair.one in members and pair.other in members and pair.one != pair.other


def _surest(pair: Pair) -> tuple[float, Name, Name]:
    return -pair.judgement.score, pair.one, pair.other

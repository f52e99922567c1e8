"""A small set of rules of identity, for tests of what the store makes of any: equal serials, and close hours."""

from __future__ import annotations

from collections.abc import Sequence

from inventory.store.matching import BlockingKey, Candidate, Group, Judgement, Pair

REACH_HOURS = 10.0
ALL_HOURS = -1
MANY = 6


class ExactRules:
    """Same: an equal serial, or the same hours; maybe: hours within ten; never: two serials.

    Where six listings have hours, the same hours are no proof either, only a maybe.

    Same pairs join, the surest first, unless a veto stands between; then a listing with a `maybe` to more than one
    listing outside leaves its group: what stands beside a component matters, as it does for the program's rules.
    """

    def keys_of(self, one: Candidate) -> Sequence[BlockingKey]:
        """A serial's key is its number; all hours share a key."""
        found = []
        if one.serial_key:
            found.append(BlockingKey(int(one.serial_key)))
        if one.hours is not None:
            found.append(BlockingKey(ALL_HOURS, float(one.hours), REACH_HOURS))
        return found

    @property
    def crowd_steps(self) -> Sequence[int]:
        """Six are many."""
        return (MANY,)

    def crowd_key(self, one: Candidate) -> int | None:
        """All that have hours are one crowd."""
        return None if one.hours is None else ALL_HOURS

    def compare(self, one: Candidate, other: Candidate) -> Judgement:
        """The verdict, the same whichever comes first."""
        if one.serial_key and other.serial_key:
            same = one.serial_key == other.serial_key
            return Judgement("same" if same else "different", "serial", 0.99 if same else 0.0)
        if one.hours is None or other.hours is None:
            return Judgement("different", "hours", 0.0)
        apart = abs(one.hours - other.hours)
        chance = MANY in (one.crowd, other.crowd)
        verdict = "same" if apart == 0 and not chance else "maybe" if apart <= REACH_HOURS else "different"
        return Judgement(verdict, "hours", 0.8 - apart / 100, {"apart": apart})

    def bears_on(self, same: Judgement, maybe: Judgement) -> bool:
        """Any `maybe` counts."""
        return same.verdict == "same" and maybe.verdict == "maybe"

    def cluster(self, members: Sequence[Candidate], pairs: Sequence[Pair]) -> Sequence[Group]:
        """Parts by `same` pairs in a fixed order, none across two serials."""
        by_name = {member.name: member for member in members}
        doubted = {
            name
            for name in by_name
            if sum(name in pair[:2] and pair.judgement.verdict == "maybe" for pair in pairs) > 2
        }
        part_of = {name: [name] for name in sorted(by_name)}
        why: list[Pair] = []
        for pair in sorted(pairs, key=lambda pair: (-pair.judgement.score, pair.one, pair.other)):
            one, other = part_of[pair.one], part_of[pair.other]
            serials = {by_name[name].serial_key for name in one + other} - {None}
            sure = pair.judgement.method == "serial" or not {pair.one, pair.other} & doubted
            if pair.judgement.verdict == "same" and one is not other and len(serials) < 2 and sure:
                one += other
                for name in other:
                    part_of[name] = one
                why.append(pair)
        parts = {id(part): tuple(sorted(part)) for part in part_of.values()}
        return [
            Group(names, _from_first(names, [pair for pair in why if pair.one in names])) for names in parts.values()
        ]


def _from_first(names: tuple[tuple[str, str], ...], why: list[Pair]) -> tuple[Pair, ...]:
    reached, found = {names[0]}, []
    while len(reached) < len(names):
        pair = next(pair for pair in why if (pair.one in reached) != (pair.other in reached))
        reached |= {pair.one, pair.other}
        found.append(pair)
    return tuple(found)

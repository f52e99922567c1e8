"""Links listings to units after a batch is stored, in the same transaction: keys, pairs, components, units.

Who may be whom is decided by the rules that the caller brings (`Matching`); everything here follows from stored
listings and pairs. So the same listings give the same partition in whatever order and in batches of whatever size
they come, as long as no block is fuller than inventory/store/keys.py reads it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from sqlalchemy import Connection

from inventory.store.candidates import candidates, read_missing
from inventory.store.components import Component, Surroundings
from inventory.store.corrections import name_of
from inventory.store.crowds import Crowds
from inventory.store.keys import neighbours, stored_keys, write_keys
from inventory.store.locks import Locks
from inventory.store.matching import BlockingKey, Candidate, Judgement, Matching, Pair
from inventory.store.pair_corrections import Said, any_said, differences, judgements, said_of
from inventory.store.pairs import judge
from inventory.store.unit_rows import Linked, Members, write_alone, write_units

ALONE: Final = Judgement("same", "alone", 1.0)
"""Why a listing is in a unit that no other brought it into."""
_NONE: Final[Mapping[int, Fresh]] = MappingProxyType({})


class Fresh(NamedTuple):
    """A listing that this transaction added, alone in a unit: no row of another table tells more of it."""

    listing: Candidate
    keys: tuple[BlockingKey, ...]


def link(
    connection: Connection,
    listing_ids: Collection[int],
    matching: Matching,
    now: datetime,
    fresh: Mapping[int, Fresh] = _NONE,
) -> None:
    """Find the units of listings that are new or have changed; to be called once in a transaction, at its end.

    What was linked before is parted again where it hangs together with them, or where their crowd has grown so much
    that what was likely is chance. Of those that are `fresh` nothing is read.
    """
    if not listing_ids:
        return
    found = candidates(connection, [one for one in listing_ids if one not in fresh])
    keys = keys_by_id(found, matching)
    stored = stored_keys(connection, keys)
    found |= {listing_id: one.listing for listing_id, one in fresh.items()}
    keys |= {listing_id: one.keys for listing_id, one in fresh.items()}
    corrected = any_said(connection)
    said = _said_of(connection, found) if corrected else []
    locks = Locks(connection)
    numbers = {key.key for keys_of in (keys, stored) for found_keys in keys_of.values() for key in found_keys}
    locks.wait(numbers.union(one.key for one in said))
    crowds = Crowds(connection, found, keys, stored, matching)
    write_keys(connection, keys, stored)
    known, other = crowds.count()
    if crowd := other - known.keys():
        locks.widen(crowd)
        read_missing(connection, known, crowd, matching)
        keys |= keys_by_id({number: known[number] for number in crowd if number in known}, matching)
        said = _said_of(connection, known) if corrected else []
    spoken = judgements(connection, said) if said else {}
    near = neighbours(connection, keys)
    touched = judge(connection, near, keys, known, matching, now, locks, spoken, unpaired=fresh.keys())
    alone = fresh.keys() - touched
    write_alone(connection, [known[listing_id] for listing_id in sorted(alone)], ALONE, now)
    to_part = (touched | keys.keys()) - alone
    part_anew(connection, to_part, known, matching, now, locks, corrected=corrected)


def write_keys_of(connection: Connection, listing_ids: Collection[int], matching: Matching) -> None:
    """Bring only the keys of stored listings up to date, so that they are found where others are linked anew."""
    keys = keys_by_id(candidates(connection, listing_ids), matching)
    write_keys(connection, keys, stored_keys(connection, keys))


def keys_by_id(found: Mapping[int, Candidate], matching: Matching) -> dict[int, tuple[BlockingKey, ...]]:
    """The keys of listings by today's rules, in the order of their ids."""
    return {listing_id: tuple(matching.keys_of(found[listing_id])) for listing_id in sorted(found)}


def _said_of(connection: Connection, found: Mapping[int, Candidate]) -> list[Said]:
    return said_of(connection, {name_of(*one.name) for one in found.values()})


def part_anew(
    connection: Connection,
    touched: Collection[int],
    known: dict[int, Candidate],
    matching: Matching,
    now: datetime,
    locks: Locks,
    *,
    corrected: bool,
) -> None:
    """Part the components of these listings, and those beside them, into units by the stored pairs.

    `known` are candidates by id as they are stored now; those that are read are added. `corrected`: people may have
    said that two of them are not one thing.
    """
    around = Surroundings(connection, matching, locks)
    affected = around.to_part(touched)
    several = [part for part in affected if len(part) > 1]
    context = around.contexts(several)
    read_missing(connection, known, {number for part in (*affected, *context.values()) for number in part}, matching)
    apart: list[Pair] = []
    if corrected and several:
        inside = {number for part in several for number in context[part]}
        apart = differences(connection, [known[number] for number in sorted(inside) if number in known])
    groups: list[Members] = []
    for part in affected:
        if not all(number in known for number in part):
            continue  # a listing that another transaction took away meanwhile
        if len(part) == 1:
            groups.append([Linked(known[part[0]], ALONE, None)])
        else:
            groups += _parted(part, context[part], around, known, matching, apart)
    write_units(connection, groups, now)


def _parted(
    part: Component,
    context: Collection[int],
    around: Surroundings,
    known: Mapping[int, Candidate],
    matching: Matching,
    apart: Sequence[Pair],
) -> Iterator[Members]:
    members = [known[number] for number in sorted(context) if number in known]
    pairs = [
        Pair.of(known[low].name, known[high].name, judgement)
        for (low, high), judgement in around.pairs(context)
        if low in known and high in known
    ]
    names = {member.name for member in members}
    pairs += [pair for pair in apart if pair.one in names and pair.other in names]
    by_name = {known[number].name: known[number] for number in part}
    for group in matching.cluster(members, pairs):
        if inside := [by_name[name] for name in group.members if name in by_name]:
            yield _explained(inside, group.why)


def _explained(members: Sequence[Candidate], why: Sequence[Pair]) -> Members:
    """Each member with the pair that brought it in."""
    by_name = {member.name: member for member in members}
    linked = {members[0].name: Linked(members[0], ALONE, None)}
    for pair in why:
        for name, partner in ((pair.one, pair.other), (pair.other, pair.one)):
            if partner in linked and name in by_name and name not in linked:
                linked[name] = Linked(by_name[name], pair.judgement, by_name[partner].listing_id)
    return [linked.get(member.name) or Linked(member, ALONE, None) for member in members]

"""Which listings people say are one thing, or are not: what linking obeys before any rule.

A person names listings as their dealers do, stored or not: what is said of a listing that is not there waits for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from sqlalchemy import Connection, Select, exists, select, union_all

from inventory.store.corrections import Name, name_of, stored_keys
from inventory.store.many_rows import are_among
from inventory.store.matching import CORRECTION, Candidate, Judgement, Pair
from inventory.store.pairs import Ends, ends
from inventory.tables import dealers, listings, pair_corrections

_TABLE: Final = pair_corrections.c


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of two listings; `one` is the lower name."""

    one: Name
    other: Name
    verdict: Literal["same", "different"]
    reason: str
    by: str

    @property
    def judgement(self) -> Judgement:
        """As the rules would put it, and surer."""
        return Judgement(self.verdict, CORRECTION, 1.0, {"reason": self.reason, "by": self.by})

    @property
    def key(self) -> int:
        """A number under which the writers of the two wait for each other, as they do under a blocking key."""
        packed = "\0".join((*self.one, *self.other)).encode()
        return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest(), signed=True)


def any_said(connection: Connection) -> bool:
    """Whether there is any such correction: mostly there is none, and nothing more to ask."""
    return bool(connection.execute(select(exists().select_from(pair_corrections))).scalar_one())


def said_of(connection: Connection, names: Collection[Name]) -> list[Said]:
    """What is in force for pairs with one of these listings; of two files that of the one that was entered last."""
    found: dict[tuple[Name, Name], Said] = {}
    wanted = set(names)
    for row in connection.execute(_query(connection, wanted)).mappings():
        one, other = (row["dealer"], row["external_id"]), (row["other_dealer"], row["other_external_id"])
        if one in wanted or other in wanted:
            verdict = cast(Literal["same", "different"], row["verdict"])
            found[one, other] = Said(one, other, verdict, row["reason"], row["by"])
    return [found[pair] for pair in sorted(found)]


def judgements(connection: Connection, said: Iterable[Said]) -> dict[Ends, Judgement]:
    """What is said of pairs of which both are stored."""
    pairs = list(said)
    ids = ids_of(connection, {name for one in pairs for name in (one.one, one.other)})
    found: dict[Ends, Judgement] = {}
    for one in pairs:
        if one.one in ids and one.other in ids:
            found[ends(ids[one.one], ids[one.other])] = one.judgement
    return found


def ids_of(connection: Connection, names: Collection[Name]) -> dict[Name, int]:
    """The stored listings among these; by the dealer's own id, else by the address."""
    if not names:
        return {}
    query = (
        select(dealers.c.name, listings.c.identity_key, listings.c.id)
        .select_from(listings.join(dealers))
        .where(are_among(connection, (listings.c.dealer_id, listings.c.identity_key), stored_keys(connection, names)))
    )
    found: dict[Name, int] = {}
    for dealer, key, listing_id in connection.execute(query.order_by(listings.c.identity_key)):
        if (name := name_of(dealer, key)) in names:
            found.setdefault(name, listing_id)  # "id:" comes before "url:"
    return found


def differences(connection: Connection, members: Iterable[Candidate]) -> list[Pair]:
    """The pairs among these listings that a person says are not one thing."""
    by_name: Mapping[Name, tuple[str, str]] = {name_of(*member.name): member.name for member in members}
    return [
        Pair.of(by_name[one.one], by_name[one.other], one.judgement)
        for one in said_of(connection, by_name)
        if one.verdict == "different" and one.one in by_name and one.other in by_name
    ]


def _query(connection: Connection, names: Collection[Name]) -> Select[Any]:
    ends = ((_TABLE.dealer, _TABLE.external_id), (_TABLE.other_dealer, _TABLE.other_external_id))
    halves = (  # each by its own index
        select(pair_corrections).where(are_among(connection, end, names)) for end in ends
    )
    both = union_all(*halves).subquery()
    return select(both).order_by(both.c.entered_at, both.c.file)

"""What the store asks of the rules that decide which listings are one thing. The rules are in pipelines/identity.

inventory knows how keys, pairs and units are stored; it is told by a `Matching` who may be whom. Everything here is
decided from listings alone, never from database ids, so that the same listings in another order give the same groups.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple, Protocol

Verdict = Literal["same", "maybe", "different"]

CORRECTION: Final = "correction"
"""The method of a judgement that a person made: no rule is better."""


class BlockingKey(NamedTuple):
    """An indexed key under which a listing's twins are looked for.

    `key` is a signed 64-bit hash of what must be equal; `place` where on a scale (hours, grams; 0 where none) the
    listing stands, and `reach` how far from it a twin may stand. Two listings are candidates where a key is equal
    and their places lie within the greater of their reaches. A reach below 0 is none: such a listing meets those that
    reach as far as it (the reach without its sign), never another of its kind.
    """

    key: int
    place: float = 0.0
    reach: float = 0.0


@dataclass(slots=True)
class Candidate:
    """What the rules may look at: a stored listing. `name` is its identity without database ids.

    Not frozen: a batch makes thousands, and `crowd` is filled in when it is counted.
    """

    listing_id: int
    name: tuple[str, str]
    """(dealer, identity_key)"""
    unit_id: int | None
    vertical: str
    status: str
    first_seen: datetime
    last_seen: datetime
    gone_at: datetime | None
    title: str | None
    category: str | None
    make: str | None
    model: str | None
    base_model: str | None
    year: int | None
    hours: int | None
    serial_key: str | None
    brand: str | None
    gtin: str | None
    sku: str | None
    mpn: str | None
    product_group: str | None
    condition: str | None
    price: Decimal | None
    currency: str | None
    price_tax: str
    offer_type: str
    quantity: int | None
    city: str | None
    region: str | None
    country: str | None
    size_label: str | None
    net_weight_g: float | None
    pack_count: int | None
    unit_weight_g: float | None
    life_stage: str | None
    food_form: str | None
    breed_sizes: tuple[str, ...] | None
    crowd: int | None = None
    """How many listings like it are stored, as the last of the rules' steps that they reach; None: not counted."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether two listings are one thing, by which rung of the ladder, how surely (0–1) and for which reasons."""

    verdict: Verdict
    method: str
    score: float
    evidence: Mapping[str, Any] = field(default_factory=dict)


class Pair(NamedTuple):
    """Two listings that were compared, by their names in order, and what came of it."""

    one: tuple[str, str]
    other: tuple[str, str]
    judgement: Judgement

    @classmethod
    def of(cls, one: tuple[str, str], other: tuple[str, str], judgement: Judgement) -> Pair:
        """The pair of two names, given in any order."""
        return cls(one, other, judgement) if one <= other else cls(other, one, judgement)


@dataclass(frozen=True, slots=True)
class Group:
    """Listings of one thing: its members' names in order; `why` has, for each member but the first, the pair that
    brought it in; `maybe` are pairs to members of other groups that a person may look at."""

    members: tuple[tuple[str, str], ...]
    why: tuple[Pair, ...]


class Matching(Protocol):
    """The rules. Each call is pure and deterministic."""

    def keys_of(self, one: Candidate) -> Sequence[BlockingKey]:
        """The keys under which a twin of this listing would be found; none where it can have no twin (rentals)."""
        ...

    @property
    def crowd_steps(self) -> Sequence[int]:
        """Counts, ascending, from which on a crowd is another. Each step is some times the one before: where one is
        reached, all of the crowd is compared again, which is to stay rare."""
        ...

    def crowd_key(self, one: Candidate) -> int | None:
        """Of the listing's keys the one whose bearers are counted: its crowd; None where none is."""
        ...

    def compare(self, one: Candidate, other: Candidate) -> Judgement:
        """The verdict on two listings, the same whichever comes first."""
        ...

    def bears_on(self, same: Judgement, maybe: Judgement) -> bool:
        """Whether a "maybe" may keep a "same" of which one listing is in both from joining: only then `cluster` is
        given it, with the listings that hang together with its other end."""
        ...

    def cluster(self, members: Sequence[Candidate], pairs: Sequence[Pair]) -> Sequence[Group]:
        """Part listings into things, whatever the order of both arguments: every member is in one group.

        No group joins two that are `different` by a veto (other serial numbers), even where a third is like both;
        a listing that is equally like two of one dealer joins neither (the pairs stay `maybe`).

        Pairs of the method `CORRECTION` are a person's word: `same` joins against any veto, and `different`, of which
        the rules give no pairs, is a veto of its own.
        """
        ...

"""The rules of identity as the store asks for them (inventory/store/matching.py)."""

from __future__ import annotations

from collections.abc import Sequence

from inventory.store.matching import BlockingKey, Candidate, Group, Judgement, Pair
from pipelines.identity import blocking, clustering, compare, machines


class IdentityRules:
    """Which listings may be one thing, which are, and how they group. It has no state: every call is pure."""

    def keys_of(self, one: Candidate) -> Sequence[BlockingKey]:
        """See `pipelines.identity.blocking`."""
        return blocking.keys_of(one)

    @property
    def crowd_steps(self) -> Sequence[int]:
        """See `pipelines.identity.machines`."""
        return machines.CROWD_STEPS

    def crowd_key(self, one: Candidate) -> int | None:
        """See `pipelines.identity.blocking`."""
        return blocking.crowd_key(one)

    def compare(self, one: Candidate, other: Candidate) -> Judgement:
        """See `pipelines.identity.compare`."""
        return compare.compare(one, other)

    def bears_on(self, same: Judgement, maybe: Judgement) -> bool:
        """See `pipelines.identity.clustering`."""
        return clustering.is_rival(maybe, same)

    def cluster(self, members: Sequence[Candidate], pairs: Sequence[Pair]) -> Sequence[Group]:
        """See `pipelines.identity.clustering`."""
        return clustering.cluster(members, pairs)

"""Report how well listings of one thing are found: precision, recall and F1 over pairs of two dealers, and the cost.

usage: python -m bench.training.same_thing ITEMS.jsonl [TRUTH.csv] [--copies 20] [--wrong]

ITEMS.jsonl are records as for `scrapy ingest`; TRUTH.csv has dealer, external_id, thing (listings of one thing share
it). Without TRUTH the listings are judged on free labels: those that share a serial number (or GTIN) are one thing,
and the rules have to find that out with the numbers hidden.
"""

from __future__ import annotations

import argparse
import bisect
import csv
import json
import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NamedTuple

from inventory.listing import Listing
from inventory.store.matching import Candidate, Pair
from pipelines.chain import read_listing
from pipelines.identity.matching import IdentityRules
from pipelines.listing_lines import listing_of

Name = tuple[str, str]
Names = tuple[Name, Name]
SEEN: Final = datetime(2026, 1, 1, tzinfo=UTC)
RULES: Final = IdentityRules()
HIDDEN: Final = "numbers hidden"
COPIED: Final = {field: field for field in Candidate.__dataclass_fields__ if field in Listing.__dataclass_fields__}


class Found(NamedTuple):
    """What a run of the rules gives: pairs of two dealers compared, those put together, and candidates a listing."""

    compared: frozenset[Names]
    together: frozenset[Names]
    maybe: frozenset[Names]
    candidates: Sequence[int]


class Scores(NamedTuple):
    """Shares of pairs; `blocking` is the share of true pairs that were compared at all."""

    true_pairs: int
    found: int
    precision: float
    recall: float
    blocking: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def candidate_of(listing: Listing, number: int = 0) -> Candidate:
    """A listing as it would be stored now."""
    said = {name: getattr(listing, name) for name in COPIED if name != "breed_sizes"}
    return Candidate(
        listing_id=number,
        name=(listing.dealer, listing.identity_key or ""),
        unit_id=None,
        status="active",
        first_seen=SEEN,
        last_seen=SEEN,
        gone_at=None,
        breed_sizes=tuple(listing.breed_sizes) if listing.breed_sizes else None,
        **said,
    )


def read_items(path: Path) -> list[Candidate]:
    """The records of a file through all of the pipeline but the store."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        listing = listing_of(json.loads(line))
        read_listing(listing, currency=None, country=None, today=date(2026, 1, 1))
        found.append(candidate_of(listing, number))
    return found


def find(listings: Sequence[Candidate]) -> Found:
    """Compare what the blocking keys bring together, and cluster."""
    listings = counted(listings)
    by_name = {one.name: one for one in listings}
    partners = _partners(listings)
    pairs = []
    for one, other in sorted({_ordered(a, b) for a, others in partners.items() for b in others}):
        judgement = RULES.compare(by_name[one], by_name[other])
        if judgement.verdict != "different":
            pairs.append(Pair(one, other, judgement))
    groups = [
        group
        for members, inside in _components(listings, pairs)
        for group in RULES.cluster([by_name[n] for n in members], inside)
    ]
    together = _pairs(group.members for group in groups)
    return Found(
        frozenset(_ordered(a, b) for a, others in partners.items() for b in others if a[0] != b[0]),
        together,
        frozenset(_ordered(p.one, p.other) for p in pairs if p.one[0] != p.other[0]) - together,
        [len(partners.get(one.name, ())) for one in listings],
    )


def counted(listings: Sequence[Candidate]) -> list[Candidate]:
    """The listings with their crowds, as the store counts them."""
    keys = [RULES.crowd_key(one) for one in listings]
    counts, steps = Counter(keys), (0, *RULES.crowd_steps)
    return [
        one if key is None else replace(one, crowd=max(step for step in steps if step <= counts[key]))
        for one, key in zip(listings, keys, strict=True)
    ]


def score(found: Found, true: frozenset[Names], judged: Collection[Name] | None = None) -> Scores:
    """How many of the pairs are right, and of the true ones found; if given, only pairs of `judged` listings count."""
    together = {pair for pair in found.together if judged is None or (pair[0] in judged and pair[1] in judged)}
    hits = len(together & true)
    return Scores(
        len(true),
        len(together),
        hits / len(together) if together else 0.0,
        hits / len(true) if true else 0.0,
        len(found.compared & true) / len(true) if true else 0.0,
    )


def free_labels(listings: Sequence[Candidate]) -> tuple[list[Candidate], frozenset[Names]]:
    """The listings with their numbers hidden, and the pairs of two dealers that share a serial number or GTIN.

    Listings without a number stay among them, as in a real stock; what they are joined with cannot be judged.
    """
    things: dict[tuple[str, str | None], list[Name]] = defaultdict(list)
    for one in listings:
        number = one.serial_key or one.gtin
        if number:
            things[one.vertical, number].append(one.name)
    return [replace(one, serial_key=None, gtin=None) for one in listings], _pairs(things.values())


def copies(listings: Sequence[Candidate], times: int) -> list[Candidate]:
    """The stock many times over, as of other dealers' other things: years, hours, weights and prices are shaken."""
    rng = random.Random(5)
    out = []
    for time in range(times):
        shift = 0 if time == 0 else 1
        for one in listings:
            hours = None if one.hours is None else max(0, round(one.hours * (1 + shift * rng.uniform(-0.8, 0.8))))
            weight = one.net_weight_g and one.net_weight_g * (1 + shift * rng.choice((-0.5, -0.2, 0.0, 0.25, 1.0)))
            year = one.year and one.year - shift * rng.randrange(4)
            name = (f"{one.name[0]}-{time}", one.name[1])
            serial = one.serial_key and f"{one.serial_key[:-2]}{time:02d}{one.serial_key[-2:]}"
            out.append(replace(one, name=name, hours=hours, net_weight_g=weight, year=year, serial_key=serial))
    return out


def _partners(listings: Sequence[Candidate]) -> Mapping[Name, set[Name]]:
    """Candidates as the store finds them: one key, and places within the greater of both reaches."""
    blocks: dict[int, list[tuple[float, float, Name]]] = defaultdict(list)
    for one in listings:
        for key in RULES.keys_of(one):
            blocks[key.key].append((key.place, key.reach, one.name))
    found: dict[Name, set[Name]] = defaultdict(set)
    for block in blocks.values():
        block.sort()
        places = [place for place, _, _ in block]
        widest = max(abs(reach) for _, reach, _ in block)
        for place, reach, name in block:
            near = block[bisect.bisect_left(places, place - widest) : bisect.bisect_right(places, place + widest)]
            for there, theirs, other in near:
                if other != name and abs(there - place) <= max(reach, theirs):
                    found[name].add(other)
    return found


def _components(listings: Sequence[Candidate], pairs: Sequence[Pair]) -> Iterator[tuple[list[Name], list[Pair]]]:
    part = {one.name: one.name for one in listings}

    def root(name: Name) -> Name:
        while part[name] != name:
            part[name] = part[part[name]]
            name = part[name]
        return name

    for pair in pairs:
        part[root(pair.one)] = root(pair.other)
    members, inside = defaultdict(list), defaultdict(list)
    for one in listings:
        members[root(one.name)].append(one.name)
    for pair in pairs:
        inside[root(pair.one)].append(pair)
    for name, names in members.items():
        yield names, inside[name]


def _pairs(groups: Iterable[Sequence[Name]]) -> frozenset[Names]:
    """Pairs of two dealers within groups."""
    return frozenset(_ordered(a, b) for names in groups for i, a in enumerate(names) for b in names[:i] if a[0] != b[0])


def _ordered(one: Name, other: Name) -> Names:
    return (one, other) if one < other else (other, one)


def _truth(path: Path) -> frozenset[Names]:
    things: dict[str, list[Name]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            things[row["thing"]].append((row["dealer"], f"id:{row['external_id']}"))
    return _pairs(things.values())


def _cost(found: Found) -> str:
    counts = sorted(found.candidates)
    mean, most_of_99 = sum(counts) / len(counts), counts[len(counts) * 99 // 100]
    return f"candidates a listing: mean {mean:.2f}, 99 % {most_of_99}, most {counts[-1]}"


def main() -> None:
    """Print the figures of one file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("items", type=Path)
    parser.add_argument("truth", type=Path, nargs="?")
    parser.add_argument("--copies", type=int, default=0, help="also measure the cost on so many shaken copies")
    parser.add_argument("--wrong", action="store_true", help="list what is wrong")
    asked = parser.parse_args()
    listings = read_items(asked.items)
    tasks = {HIDDEN: free_labels(listings)}
    if asked.truth:
        tasks = {"all": (listings, _truth(asked.truth))} | tasks
    for task, (seen, true) in tasks.items():
        if not true:
            continue
        found = find(seen)
        numbered = {one.name for one in listings if one.serial_key or one.gtin}
        scores = score(found, true, numbered if task == HIDDEN else None)
        print(f"{task}: listings {len(seen)}  true pairs {scores.true_pairs}  found {scores.found}")
        print(
            f"  precision {scores.precision:.3f}  recall {scores.recall:.3f}  F1 {scores.f1:.3f}  "
            f"blocking recall {scores.blocking:.3f}  maybe {len(found.maybe)} (true {len(found.maybe & true)})"
        )
        print(f"  {_cost(found)}")
        if asked.wrong:
            titles = {one.name: one.title for one in seen}
            for kind, names in (("wrong", found.together - true), ("missed", true - found.together)):
                for one, other in sorted(names):
                    print(f"  {kind}: {titles[one]} | {titles[other]}")
    if asked.copies:
        print(f"{asked.copies} copies: {_cost(find(copies(listings, asked.copies)))}")


if __name__ == "__main__":
    main()

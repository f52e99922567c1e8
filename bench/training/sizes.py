"""Make data/class_facts.csv from labelled auction models, and report cross-validated accuracy.

usage: python -m bench.training.sizes LABELS.csv [--write]

LABELS.csv has columns group, model, base_model, class_lower, class_upper, rows. Variants of one number that share
their class become one fact; a label that lies far from everything else known of its number is left out, and listed.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from inventory.taxonomy.machines import CLASS_COLUMNS, Fact, FactTable, family, naming_rules, published
from inventory.taxonomy.models import ModelNumber
from inventory.taxonomy.size_classes import SizeClass, classes_of
from inventory.taxonomy.tables import DATA
from pipelines.inference.model_size import ModelSize, votes, weigh

GROUPS = {
    "Track Excavators": "excavators",
    "Wheel Loader": "wheel-loaders",
    "Track Type Tractors": "dozers",
    "Backhoe Loaders": "backhoe-loaders",
    "Skid Steer Loaders": "skid-steer-loaders",
    "Motor Graders": "motor-graders",
}
SOURCE = "classes of the Blue Book for Bulldozers auction data, merged over variants"


class Label(NamedTuple):
    category: str
    model: str
    base_model: str
    size_class: SizeClass


class Result(NamedTuple):
    label: Label
    answer: ModelSize | None

    @property
    def right(self) -> bool:
        return self.answer is not None and self.answer.size_class == self.label.size_class


def read_labels(path: Path) -> list[Label]:
    """Labels whose class is one of ours (an older list had 4-6 t)."""
    found = []
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            category = GROUPS[row["group"]]
            edges = float(row["class_lower"]), float(row["class_upper"]) if row["class_upper"] else None
            known = next((c for c in classes_of(category) if (c.lower, c.upper) == edges), None)
            if known is not None:
                found.append(Label(category, row["model"], row["base_model"], known))
    return found


def merged(labels: Iterable[Label]) -> list[Fact]:
    """One fact for a number whose variants agree, else the shortest tails that tell the classes apart."""
    table = FactTable(published())
    groups: dict[tuple[str, str, float], dict[str, SizeClass]] = defaultdict(dict)
    torn = set()
    for label in labels:
        number = table.number(label.category, label.model)
        tails = groups[label.category, number.prefix, number.number]
        if tails.setdefault(number.tail, label.size_class) != label.size_class:
            torn.add((label.category, number))
    for category, number in torn:  # two makers' machines under one number: only the make can tell
        del groups[category, number.prefix, number.number][number.tail]
    facts = []
    for (category, prefix, number_value), tails in sorted(groups.items(), key=lambda item: str(item[0])):
        for tail, (size_class, count) in shortest(tails).items() if tails else ():
            number = ModelNumber(prefix, number_value, tail)
            facts.append(Fact(category, None, number, None, size_class, count, None, f"{prefix}{number_value:g}{tail}"))
    return facts


def shortest(tails: dict[str, SizeClass], start: str = "") -> dict[str, tuple[SizeClass, int]]:
    """The shortest tail that stands for each class without contradiction, with how many variants it stands for."""
    classes = set(tails.values())
    if len(classes) == 1:
        return {start if len(tails) > 1 else next(iter(tails)): (classes.pop(), len(tails))}
    found: dict[str, tuple[SizeClass, int]] = {}
    by_next: dict[str, dict[str, SizeClass]] = defaultdict(dict)
    for tail, size_class in tails.items():
        if tail == start:
            found[tail] = (size_class, 1)
        else:
            by_next[tail[: len(start) + 1]][tail] = size_class
    for head, members in by_next.items():
        found.update(shortest(members, head))
    return found


def doubtful(label: Label, table: FactTable) -> bool:
    """Whether all that is published about the number lies two classes or more from the label."""
    answer = weigh(label.category, list(votes(label.category, None, label.model, table, naming_rules())))
    if answer is None or answer.size_class is None or answer.share < 0.6 or answer.method == "rule":
        return False
    classes = classes_of(label.category)
    return abs(classes.index(answer.size_class) - classes.index(label.size_class)) > 2


def cross_validate(
    labels: list[Label], key: Callable[[Label], object], folds: int = 5, *, unpublished: bool = False
) -> list[Result]:
    """Answers for labels that were left out with all others of the same key.

    `unpublished`: what makers publish about the very number is left out too, as if nobody had ever seen it.
    """
    keys = sorted({str(key(label)) for label in labels})
    random.Random(3).shuffle(keys)
    fold = {name: index % folds for index, name in enumerate(keys)}
    results: list[Result] = []
    for index in range(folds):
        asked = [x for x in labels if fold[str(key(x))] == index]
        table = table_without(asked, [x for x in labels if fold[str(key(x))] != index], unpublished=unpublished)
        results.extend(answer(x, table) for x in asked)
    return results


def table_without(asked: list[Label], others: list[Label], *, unpublished: bool) -> FactTable:
    """The facts to answer `asked` from: classes of `others`, and what is published (of other numbers only)."""
    facts = published()
    if unpublished:
        table = FactTable(facts)
        numbers = [(family(x.category), table.number(x.category, x.model)) for x in asked]
        gone = {(top, number.prefix, number.number) for top, number in numbers}
        facts = tuple(f for f in facts if (family(f.category), f.number.prefix, f.number.number) not in gone)
    return FactTable([*facts, *merged(others)])


def answer(label: Label, table: FactTable) -> Result:
    return Result(label, weigh(label.category, list(votes(label.category, None, label.model, table, naming_rules()))))


def report(name: str, results: list[Result]) -> None:
    sure = [r for r in results if r.answer and r.answer.confidence >= 0.8]
    by_category: dict[str, list[bool]] = defaultdict(list)
    for result in results:
        by_category[result.label.category].append(result.right)
    print(
        f"{name:22} {sum(r.right for r in results) / len(results):.3f}  sure {len(sure) / len(results):.2f} "
        f"of them right {sum(r.right for r in sure) / max(1, len(sure)):.3f}  "
        + " ".join(f"{c}={sum(v) / len(v):.3f}" for c, v in by_category.items())
    )


def report_methods(results: list[Result]) -> None:
    """Print, by category, how many labels each method answered and how many of those rightly."""
    methods: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for result in results:
        methods[result.label.category, result.answer.method if result.answer else "unknown"].append(result.right)
    for (category, method), rights in sorted(methods.items()):
        print(f"  {category:20} {method:12} n={len(rights):4} right {sum(rights) / len(rights):.3f}")


def write(facts: list[Fact], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(CLASS_COLUMNS)
        for f in facts:
            assert f.size_class is not None
            lower, upper = f.size_class.lower, f.size_class.upper
            number = f"{f.number.number:g}"
            end = "" if upper is None else f"{upper:g}"
            writer.writerow([f.category, f.number.prefix, number, f.number.tail, f"{lower:g}", end, f.models, SOURCE])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    labels = read_labels(options.labels)
    table = FactTable(published())
    report("published facts only", [answer(x, table) for x in labels])
    wrong = [x for x in labels if doubtful(x, table)]
    kept = [x for x in labels if x not in wrong]
    print(f"{len(wrong)} doubtful labels left out:", ", ".join(f"{x.category} {x.model}" for x in wrong))
    unseen = cross_validate(labels, lambda x: (x.category, x.base_model))
    report("by base model, cv", unseen)
    report_methods(unseen)
    report("nothing published, cv", cross_validate(labels, lambda x: (x.category, x.base_model), unpublished=True))
    report("by model, cv", cross_validate(labels, lambda x: (x.category, x.model)))
    facts = merged(kept)
    full = FactTable([*published(), *facts])
    report(f"plain ({len(facts)} facts)", [answer(x, full) for x in labels])
    if options.write:
        write(facts, DATA / "class_facts.csv")


if __name__ == "__main__":
    main()

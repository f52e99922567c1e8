"""Make data/category_weights.tsv from models whose kind is known, and report cross-validated accuracy.

usage: python -m bench.training.categories TITLES.csv MODELS.csv [--write]

TITLES.csv has columns make, model, category; MODELS.csv make, machine_type, model; inventory's own tables are added.
Softmax regression over sparse features; needs scikit-learn (1.9), which nothing else does. About a minute.
"""

from __future__ import annotations

import argparse
import csv
import math
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from inventory.taxonomy.machines import NamingRule, family, naming_rules, published
from inventory.taxonomy.makes import canonical_make
from inventory.taxonomy.models import model_number
from pipelines.inference.category_model import WEIGHTS, features, relatives
from pipelines.inference.title import read_title

MACHINE_TYPES = {
    "Forklift": "forklifts", "Wheel Loader": "wheel-loaders", "Hydraulic Excavator": "excavators",
    "Crawler Tractor": "dozers", "4WD Tractor": "other-equipment",
    "Telescopic Forklift": "telehandlers", "2WD Tractor": "other-equipment", "Mini Excavator": "mini-excavators",
    "Asphalt Paver": "asphalt-pavers", "Cab and Chassis": "other-equipment", "Boom Lift": "boom-lifts",
    "Hydraulic Truck Crane": "cranes", "Disc": "other-equipment", "Scissor Lift": "scissor-lifts",
    "Articulated Dump Truck": "articulated-trucks", "Midi Excavator": "excavators",
    "Rough Terrain Crane": "rough-terrain-cranes", "Rock Truck": "rigid-trucks", "Loader Backhoe": "backhoe-loaders",
    "Skid Steer Loader": "skid-steer-loaders", "Baler": "other-equipment",
    "Crawler Loader": "crawler-loaders", "Cultivator": "other-equipment", "Mobile Excavator": "wheeled-excavators",
    "Motor Grader": "motor-graders", "Compactor": "rollers", "Combine": "other-equipment",
    "Material Handler": "other-equipment", "Integrated Tool Carrier": "wheel-loaders", "Sprayer": "other-equipment",
    "Multi Terrain Loader": "compact-track-loaders", "Pneumatic Roller": "rollers", "Cold Planer": "other-equipment",
    "Crawler Crane": "crawler-cranes", "Air Drill": "other-equipment", "Utility Tractor": "other-equipment",
    "MFWD Tractor": "other-equipment", "Log Loader": "other-equipment", "Skidder": "other-equipment",
    "Harrow": "other-equipment", "Forwarder": "other-equipment", "Harvester": "other-equipment",
    "Swather": "other-equipment", "Wheel Dozer": "other-equipment", "Feller Buncher": "other-equipment",
    "Motor Scraper": "scrapers",
}  # fmt: skip
TITLES = {"excavator": "excavators", "midi-excavator": "excavators", "dozer": "dozers"}
STRENGTH, STEPS, KEEP = 2.0, 120, 0.08
"""Weights smaller than KEEP are not written."""
KNOWN_NUMBER = 2.0
RARE = 2
"""A feature of fewer models says nothing that the number itself (sn) does not say; left out, the file is half."""
OUR_TABLES = 1.5
OTHER_SOURCES = 0.3
"""What an example of a model list weighs beside one that a dealer sold."""


Answers = list[tuple[float, bool, int]]
"""Probability, whether right, how often sold."""


class Example(NamedTuple):
    make: str | None
    model: str
    category: str
    weight: float
    features: tuple[str, ...]

    @property
    def key(self) -> str:
        number = model_number(self.model)
        return f"{self.make}|{number.prefix}{number.number:g}"


def example(make: str | None, model: str, category: str, weight: float, *, published: bool = False) -> Example:
    """A published model is not told its relatives: it would always find itself among them."""
    known = [] if published else relatives(make, model)
    return Example(make, model, category, weight, (*features(make, model), *known))


def sold(path: Path) -> list[tuple[Example, int]]:
    """Distinct make, model and category with how often they were sold, read as the pipeline reads a title."""
    counts: Counter[tuple[str | None, str, str]] = Counter()
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            parts = read_title(f"{row['make']} {row['model']}")
            category = TITLES.get(row["category"], row["category"] + "s")
            counts[parts.make, parts.model or "", category] += 1
    return [(example(*key, math.log2(1 + count)), count) for key, count in counts.items()]


def listed(path: Path) -> list[Example]:
    """Models of a reference list, and of our own table of sizes."""
    found = []
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            category = MACHINE_TYPES.get(row["machine_type"])
            if category is not None:
                found.append(example(canonical_make(row["make"]), row["model"], category, OTHER_SOURCES))
    for fact in published():
        assert fact.make is not None
        if family(fact.category) == "excavators" and fact.size is not None and 4.9 <= fact.size < 6.5:
            continue  # dealers call these mini, midi or neither
        model = fact.name.removeprefix(f"{fact.make} ")
        found.append(example(fact.make, model, fact.category, OUR_TABLES, published=True))
    for rules in naming_rules().values():
        for rule in rules:
            found.extend(numbered(rule))
    return found


def numbered(rule: NamingRule) -> Iterator[Example]:
    """A few made-up numbers within a maker's series."""
    for step in range(8):
        number = round(rule.low * (rule.high / rule.low) ** (step / 7))
        size = rule.size(number)
        if size is not None:
            small = rule.category == "excavators" and size < 5
            category = "mini-excavators" if small else rule.category
            yield example(rule.make, f"{rule.prefix}{number}", category, OTHER_SOURCES / 2)


Model = dict[str, dict[int, float]]


def train(examples: list[Example], slugs: list[str]) -> Model:
    """Softmax regression: feature → category number → weight, centred, as only differences count."""
    from sklearn.feature_extraction import DictVectorizer  # type: ignore[import-not-found,import-untyped,unused-ignore]
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-not-found,import-untyped,unused-ignore]

    counts = Counter(feature for item in examples for feature in item.features)
    rows = [{f: value(f) for f in item.features if counts[f] >= RARE or f.startswith("sn ")} for item in examples]
    table = DictVectorizer()
    fitted = LogisticRegression(C=STRENGTH, max_iter=STEPS, tol=1e-3, fit_intercept=False).fit(
        table.fit_transform(rows),
        [item.category for item in examples],
        sample_weight=[item.weight for item in examples],
    )
    index = [slugs.index(category) for category in fitted.classes_]
    return {
        feature: {k: float(weight) * value(feature) for k, weight in zip(index, column, strict=True)}
        for feature, column in zip(table.feature_names_, fitted.coef_.T, strict=True)
    }


def value(feature: str) -> float:
    """A known number is let decide by itself: its weight costs the regression less."""
    return KNOWN_NUMBER if feature.startswith(("sn ", "sv ")) else 1.0


def scores(weights: Model, found: tuple[str, ...], size: int) -> list[float]:
    result = [0.0] * size
    for feature in found:
        for k, weight in weights.get(feature, {}).items():
            result[k] += weight
    return result


def softmax(values: list[float]) -> list[float]:
    top = max(values)
    powers = [math.exp(value - top) for value in values]
    total = sum(powers)
    return [power / total for power in powers]


def accuracy(
    weights: Model,
    tests: list[tuple[Example, int]],
    slugs: list[str],
    seen: Answers | None = None,
) -> tuple[int, int]:
    """Right answers and all, by sales; appends (probability, right, sales) to `seen`."""
    right = total = 0
    for item, count in tests:
        values = scores(weights, item.features, len(slugs))
        answer = slugs[max(range(len(slugs)), key=values.__getitem__)]
        right += count * (answer == item.category)
        if seen is not None:
            seen.append((max(softmax(values)), answer == item.category, count))
        total += count
    return right, total


def reliability(answers: Answers) -> None:
    """How often answers of each probability were right."""
    for tenth in range(10):
        found = [item for item in answers if tenth / 10 <= item[0] < (tenth + 1) / 10 + (tenth == 9)]
        total = sum(count for _, _, count in found)
        if total:
            said = sum(p * count for p, _, count in found) / total
            was = sum(right * count for _, right, count in found) / total
            print(f"{tenth / 10:.1f}-{(tenth + 1) / 10:.1f}  {total:6}  said {said:.3f}  right {was:.3f}")


def write(weights: Model, slugs: list[str], path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("\t".join(slugs) + "\n")
        for feature in sorted(weights):
            kept = [(k, round(w * 100)) for k, w in sorted(weights[feature].items()) if abs(w) >= KEEP]
            if kept:
                file.write(feature + "\t" + " ".join(f"{k}:{w}" for k, w in kept) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("titles", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--folds", type=int, default=5)
    options = parser.parse_args()
    labelled, others = sold(options.titles), listed(options.models)
    slugs = sorted({item.category for item, _ in labelled} | {item.category for item in others})
    keys = sorted({item.key for item, _ in labelled})
    random.Random(3).shuffle(keys)
    fold = {key: number % max(1, options.folds) for number, key in enumerate(keys)}
    right = total = 0
    answers: Answers = []
    for number in range(options.folds):
        seen = [item for item, _ in labelled if fold[item.key] != number]
        weights = train(seen + others, slugs)
        got = accuracy(weights, [pair for pair in labelled if fold[pair[0].key] == number], slugs, answers)
        right, total = right + got[0], total + got[1]
        print(f"fold {number}: {got[0] / got[1]:.4f}", flush=True)
    if total:
        print(f"sold models never seen (split by base model): {right / total:.4f}")
        reliability(answers)
    weights = train([item for item, _ in labelled] + others, slugs)
    got = accuracy(weights, labelled, slugs)
    print(f"plain: {got[0] / got[1]:.4f}")
    if options.write:
        write(weights, slugs, WEIGHTS)


if __name__ == "__main__":
    main()

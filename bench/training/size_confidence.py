"""Fit the weights of pipelines/inference/size_confidence.py and print the reliability of confidences.

usage: python -m bench.training.size_confidence LABELS.csv

Every label is answered without its model, and once more without its base model; a logistic regression then learns
which evidence holds. The table is for labels that the regression did not see either (three folds by base model).
"""

from __future__ import annotations

import argparse
import math
import random
from pathlib import Path
from typing import NamedTuple

from bench.training.sizes import Label, merged, read_labels
from inventory.taxonomy.machines import FactTable, naming_rules, published
from pipelines.inference.model_size import votes, weigh
from pipelines.inference.size_confidence import evidence

EPOCHS, FOLDS = 60, 5


class Case(NamedTuple):
    evidence: tuple[float, ...]
    right: bool
    base: str


def folds(keys: list[str], count: int) -> dict[str, int]:
    random.Random(3).shuffle(keys)
    return {key: index % count for index, key in enumerate(keys)}


def left_out(labels: list[Label], *, base: bool) -> list[Case]:
    """Each label's evidence from facts without its model, or without all models of its base."""

    def key(label: Label) -> str:
        return f"{label.category} {label.base_model if base else label.model}"

    fold = folds(sorted({key(label) for label in labels}), FOLDS)
    cases = []
    for number in range(FOLDS):
        table = FactTable([*published(), *merged(x for x in labels if fold[key(x)] != number)])
        for label in labels:
            if fold[key(label)] != number:
                continue
            found = list(votes(label.category, None, label.model, table, naming_rules()))
            answer = weigh(label.category, found)
            if answer is not None and answer.size_class is not None:
                clue = evidence(found, answer.size_class, answer.share, answer.value)
                right = answer.size_class == label.size_class
                cases.append(Case(clue, right, f"{label.category} {label.base_model}"))
    return cases


def fit(cases: list[Case]) -> list[float]:
    """Logistic regression by gradient descent."""
    weights = [0.0] * len(cases[0].evidence)
    order = list(cases)
    for epoch in range(EPOCHS):
        random.Random(epoch).shuffle(order)
        rate = 0.05 / (1 + epoch / 10)
        for case in order:
            error = chance(weights, case.evidence) - case.right
            for index, clue in enumerate(case.evidence):
                weights[index] -= rate * (error * clue + 1e-4 * weights[index])
    return weights


def chance(weights: list[float], clues: tuple[float, ...]) -> float:
    return 1 / (1 + math.exp(-sum(w * x for w, x in zip(weights, clues, strict=True))))


def report(pairs: list[tuple[float, bool]]) -> None:
    """Print how often answers of each confidence were right, and the expected calibration error."""
    off = 0.0
    for tenth in range(10):
        found = [pair for pair in pairs if tenth / 10 <= pair[0] < (tenth + 1) / 10]
        if found:
            said, was = (sum(values) / len(found) for values in zip(*found, strict=True))
            off += abs(said - was) * len(found) / len(pairs)
            print(f"{tenth / 10:.1f}-{(tenth + 1) / 10:.1f}  {len(found):5}  said {said:.3f}  right {was:.3f}")
    sure = [right for said, right in pairs if said >= 0.8]
    print(f"expected calibration error {off:.3f}; at 0.8 and above {sum(sure) / len(sure):.3f} of {len(sure)} right")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    labels = read_labels(parser.parse_args().labels)
    cases = left_out(labels, base=False) + left_out(labels, base=True)
    fold = folds(sorted({case.base for case in cases}), 3)
    pairs = []
    for number in range(3):
        weights = fit([case for case in cases if fold[case.base] != number])
        pairs += [(chance(weights, case.evidence), case.right) for case in cases if fold[case.base] == number]
    report(pairs)
    print("WEIGHTS =", tuple(round(weight, 2) for weight in fit(cases)))


if __name__ == "__main__":
    main()

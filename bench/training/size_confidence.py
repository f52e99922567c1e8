"""Fit the weights of pipelines/inference/size_confidence.py and print the reliability of confidences.

usage: python -m bench.training.size_confidence LABELS.csv

Every label is answered without its model, without its base model, and (every seventh) without what is published
about its number; a logistic regression then learns which evidence holds. The tables are for labels that the regression
did not see either (five folds by base model). "grossly" counts wrong answers three classes or more from the label:
most of those are labels that are off (a T300 as a loader for 700 lb), and bound what a confidence can promise.
"""

from __future__ import annotations

import argparse
import math
import random
from pathlib import Path
from typing import NamedTuple

from bench.training.sizes import Label, read_labels, table_without
from inventory.taxonomy.machines import family, naming_rules
from inventory.taxonomy.size_classes import classes_of
from pipelines.inference.model_size import votes, weigh
from pipelines.inference.size_confidence import SPLIT, evidence, said

EPOCHS, FOLDS, EVERY = 40, 5, 7
MODES = ("model", "base", "unpublished")


class Case(NamedTuple):
    mode: str
    family: str
    evidence: tuple[float, ...]
    share: float
    off: int
    """How many classes the answer lies from the label."""
    base: str

    @property
    def right(self) -> bool:
        return self.off == 0


class Weights(NamedTuple):
    clues: list[float]
    families: dict[str, float]

    def chance(self, case: Case) -> float:
        total = sum(w * x for w, x in zip(self.clues, case.evidence, strict=True)) + self.families[case.family]
        return 1 / (1 + math.exp(-total))

    def said(self, case: Case) -> float:
        """As the pipeline says it."""
        return said(case.family, min(self.chance(case), case.share + SPLIT))


def folds(keys: list[str], count: int) -> dict[str, int]:
    random.Random(3).shuffle(keys)
    return {key: index % count for index, key in enumerate(keys)}


def left_out(labels: list[Label], mode: str) -> list[Case]:
    """Each label's evidence from facts without its model, all models of its base, or all about its number."""

    def key(label: Label) -> str:
        return f"{label.category} {label.model if mode == 'model' else label.base_model}"

    fold = folds(sorted({key(label) for label in labels}), FOLDS)
    cases = []
    for number in range(FOLDS):
        asked = [x for x in labels if fold[key(x)] == number]
        rest = [x for x in labels if fold[key(x)] != number]
        table = table_without(asked, rest, unpublished=mode == "unpublished")
        for label in asked:
            found = list(votes(label.category, None, label.model, table, naming_rules()))
            answer = weigh(label.category, found)
            if answer is None or answer.size_class is None:
                continue
            classes = classes_of(label.category)
            clues = evidence(label.category, found, answer.size_class, answer.share, answer.value)
            off = abs(classes.index(answer.size_class) - classes.index(label.size_class))
            base = f"{label.category} {label.base_model}"
            cases.append(Case(mode, family(label.category), clues, answer.share, off, base))
    return cases


def fit(cases: list[Case]) -> Weights:
    """Logistic regression by gradient descent."""
    weights = Weights([0.0] * len(cases[0].evidence), {case.family: 0.0 for case in cases})
    order = [case for index, case in enumerate(cases) if case.mode != "unpublished" or index % EVERY == 0]
    for epoch in range(EPOCHS):
        random.Random(epoch).shuffle(order)
        rate = 0.03 / (1 + epoch / 5)
        for case in order:
            error = weights.chance(case) - case.right
            for index, clue in enumerate(case.evidence):
                weights.clues[index] -= rate * (error * clue + 1e-4 * weights.clues[index])
            weights.families[case.family] -= rate * (error + 1e-4 * weights.families[case.family])
    return weights


def report(name: str, pairs: list[tuple[float, Case]]) -> None:
    """Print how often answers of each confidence were right, and the expected calibration error."""
    print(name)
    off = 0.0
    for tenth in range(10):
        found = [pair for pair in pairs if tenth / 10 <= pair[0] < (tenth + 1) / 10]
        if found:
            mean, was = sum(p for p, _ in found) / len(found), sum(c.right for _, c in found) / len(found)
            off += abs(mean - was) * len(found) / len(pairs)
            print(f"  {tenth / 10:.1f}-{(tenth + 1) / 10:.1f}  {len(found):5}  said {mean:.3f}  right {was:.3f}")
    sure = [case for confidence, case in pairs if confidence >= 0.8]
    gross = sum(case.off > 2 for case in sure)
    print(
        f"  expected calibration error {off:.3f}; at 0.8 and above {len(sure) / len(pairs):.2f} of answers, of them "
        f"{sum(case.right for case in sure) / max(1, len(sure)):.3f} right, grossly off {gross / max(1, len(sure)):.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    labels = read_labels(parser.parse_args().labels)
    cases = [case for mode in MODES for case in left_out(labels, mode)]
    fold = folds(sorted({case.base for case in cases}), FOLDS)
    plain: list[tuple[float, Case]] = []
    capped: list[tuple[float, Case]] = []
    for number in range(FOLDS):
        weights = fit([case for case in cases if fold[case.base] != number])
        unseen = [case for case in cases if fold[case.base] == number]
        plain += [(weights.chance(case), case) for case in unseen]
        capped += [(weights.said(case), case) for case in unseen]
    for mode in MODES:
        report(f"without the {mode}, chance", [pair for pair in plain if pair[1].mode == mode])
        report(f"without the {mode}, as said", [pair for pair in capped if pair[1].mode == mode])
    weights = fit(cases)
    print("WEIGHTS =", tuple(round(weight, 2) for weight in weights.clues))
    print("FAMILIES =", {name: round(weight, 2) for name, weight in sorted(weights.families.items())})


if __name__ == "__main__":
    main()

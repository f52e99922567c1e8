"""Write bench/size_accuracy.csv: how often sizes of labelled machines were right, by category and method.

usage: python -m bench.training.size_accuracy LABELS.csv

LABELS.csv as for bench.training.sizes. Each label is answered three times: with itself among the facts, with all labels
of its base model left out, and with the published figures of its number left out too. The made listings
(tests/recorded/listings), which cover the other categories, are added as `known` = made.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.made_listings import made_listings, verdict
from bench.size_page import ACCURACY, ACCURACY_COLUMNS, Accuracy
from bench.training.sizes import Result, answer, cross_validate, doubtful, merged, read_labels
from inventory.taxonomy.machines import FactTable, published


def of_labels(path: Path) -> Iterator[Accuracy]:
    """The three ways of asking, over all labels."""
    labels = read_labels(path)
    table = FactTable(published())
    full = FactTable([*published(), *merged(x for x in labels if not doubtful(x, table))])
    yield from counted("descriptor", (answer(label, full) for label in labels))
    yield from counted("number", cross_validate(labels, lambda x: (x.category, x.base_model)))
    yield from counted("nothing", cross_validate(labels, lambda x: (x.category, x.base_model), unpublished=True))


def counted(known: str, results: Iterable[Result]) -> Iterator[Accuracy]:
    """Labels and right answers by category and method; what was not answered counts as `none`."""
    labelled: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    for result in results:
        key = result.label.category, result.answer.method if result.answer else "none"
        labelled[key] += 1
        right[key] += result.right
    for (category, method), n in sorted(labelled.items()):
        yield Accuracy(category, known, method, n, right[category, method])


def of_made_listings() -> Iterator[Accuracy]:
    """The classes of the made machines, by the category that a careful person sees."""
    labelled: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    for listing in made_listings("machines"):
        said = verdict(listing, "size_class")
        if said in ("right", "wrong", "missed"):
            key = str(listing.expected["category"]), str(listing.found.get("size_method") or "none")
            labelled[key] += 1
            right[key] += said == "right"
    for (category, method), n in sorted(labelled.items()):
        yield Accuracy(category, "made", method, n, right[category, method])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    rows = [*of_labels(parser.parse_args().labels), *of_made_listings()]
    with ACCURACY.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(ACCURACY_COLUMNS)
        writer.writerows(rows)


if __name__ == "__main__":
    main()

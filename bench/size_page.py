"""The tables of docs/sizes.md: class edges with their sources, the facts we have, and what labelled machines said.

usage: python -m bench.size_page        (`make docs` puts its output under the page's last heading)

The edges and the facts come from inventory/taxonomy/data; the accuracy from bench/size_accuracy.csv, which
`python -m bench.training.size_accuracy LABELS.csv` writes where the labelled machines are at hand.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from inventory.taxonomy.categories import CATEGORIES
from inventory.taxonomy.machines import published
from inventory.taxonomy.size_classes import COLUMNS as EDGE_COLUMNS
from inventory.taxonomy.tables import DATA, read_rows

ACCURACY: Final = Path(__file__).parent / "size_accuracy.csv"
ACCURACY_COLUMNS: Final = ("category", "known", "method", "labelled", "right")
KNOWN: Final = {
    "descriptor": "model labelled",
    "number": "number never labelled",
    "nothing": "nor any figure published",
    "made": "made listings",
}
"""What was known of a machine when it was answered (`known` of size_accuracy.csv)."""
METHODS: Final = ("descriptor", "base model", "rule")


class Accuracy(NamedTuple):
    """Labelled machines of a category that were answered by one method, and how many of the answers were right."""

    category: str
    known: str
    method: str
    labelled: int
    right: int


def accuracies(path: Path = ACCURACY) -> list[Accuracy]:
    """What was measured, as it stands in the file."""
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Accuracy(row["category"], row["known"], row["method"], int(row["labelled"]), int(row["right"]))
            for row in csv.DictReader(file)
        ]


def edges() -> Iterator[tuple[str, str, str]]:
    """Category, its classes in words and their sources, in the order of the file."""
    found: dict[str, list[str]] = defaultdict(list)
    sources: dict[str, list[str]] = defaultdict(list)
    units: dict[str, str] = {}
    for _, row in read_rows(DATA / "size_classes.csv", EDGE_COLUMNS):
        slug = row["category"]
        found[slug] += [row["lower"]] if not found[slug] else []
        found[slug].append(row["upper"] or "and above")
        units[slug] = row["unit"]
        if row["source"] not in sources[slug]:
            sources[slug].append(row["source"])
    for slug, marks in found.items():
        yield slug, f"{' – '.join(marks)} {units[slug]}".replace("– and above", "and above,"), "; ".join(sources[slug])


def edges_table() -> list[str]:
    """A row a category with a basis: its basis, edges, source, and how many published sizes we have, of them cited."""
    known = {slug: (classes, source) for slug, classes, source in edges()}
    sizes = Counter(fact.category for fact in published() if fact.size is not None)
    weights = Counter(fact.category for fact in published() if fact.operating_weight_kg is not None)
    rows = []
    for slug, category in CATEGORIES.items():
        if category.vertical != "equipment" or category.size_basis is None:
            continue
        parent = category.parent if slug not in known and category.parent in known else None
        classes, source = known.get(slug, (f"as `{parent}`" if parent else "no classes", ""))
        rows.append([f"`{slug}`", category.size_basis, classes, source, str(sizes[slug]), str(weights[slug])])
    return table(["category", "basis", "class edges (lower, upper]", "source", "sizes known", "weights known"], rows)


def accuracy_table() -> list[str]:
    """A row a category: labelled machines, and the share right by what was known and by method."""
    found: dict[tuple[str, str], list[Accuracy]] = defaultdict(list)
    for entry in accuracies():
        found[entry.category, entry.known].append(entry)
    rows = []
    for slug, category in CATEGORIES.items():
        if category.vertical != "equipment" or category.size_basis is None:
            continue
        labelled = sum(entry.labelled for entry in found[slug, "number"])
        shares = [share(found[slug, known]) for known in KNOWN]
        methods = [share([e for e in found[slug, "number"] if e.method == method]) for method in METHODS]
        rows.append([f"`{slug}`", str(labelled), *shares, *methods])
    return table(["category", "n labelled", *KNOWN.values(), *(f"never labelled, by {m}" for m in METHODS)], rows)


def share(entries: Sequence[Accuracy]) -> str:
    """The share right with the number of answers, or that nobody measured it."""
    labelled = sum(entry.labelled for entry in entries)
    return f"{sum(entry.right for entry in entries) / labelled:.3f} ({labelled})" if labelled else "unmeasured"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table."""
    return [f"| {' | '.join(cells)} |" for cells in [head, ["---"] * len(head), *rows]]


def tables() -> str:
    """Both tables with their headings' texts, as they stand at the end of docs/sizes.md."""
    parts = ["### Classes and facts", *("", *edges_table()), "", "### Accuracy", "", *accuracy_table()]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    print(tables(), end="")

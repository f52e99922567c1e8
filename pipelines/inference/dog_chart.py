"""A size chart in a description: the row of the size that is sold ("S – neck 12-16 in, chest 16-22 in; M – …").

A chart is text with sizes in it; a row runs from its size to the next one. Measures without a name take theirs from the
words in front of the chart ("Back length / chest by size: M 16-18 in / 20-26 in"). What a chart says of other sizes is
nothing about the thing that is sold, so without a known size it says nothing.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from pipelines.inference.dog_measures import GIRTHS, RANGE, centimetres, measures, named_measures
from pipelines.inference.dog_words import DOG_WORDS
from pipelines.inference.size_label import LabelAt, labels_in

MAX_CHARS: Final = 2500
MAX_ROW: Final = 160
MAX_HEAD: Final = 80
MEASURED: Final = re.compile(
    r"\d\s*(?:cm|mm|m\b|inch|in\b|ft\b|feet|foot|zoll|pouce|\"|”|″|'|’|′|lbs?\b|kg|кг|см)", re.IGNORECASE
)
SENTENCE_END: Final = re.compile(r"[.!?](?=\s+[^\W\d_a-zà-ÿ])|\n\s*\n")


class Row(NamedTuple):
    """What a description says of the size that is sold, and the words in front of the chart that name its columns."""

    text: str
    head: str


def sold_row(description: str | None, label: str | None) -> Row | None:
    """The part of a description that is about what is sold.

    That is the chart's row of `label`, all of it where no sizes are named, and None where they are but `label` is none
    of them.
    """
    if not description or not MEASURED.search(text := description[:MAX_CHARS]):
        return None
    found = labels_in(text)
    if not found:
        return Row(text, "")
    if label is None:
        return None
    rows = [_row(text, found, index) for index, at in enumerate(found) if at.label == label]
    return next((row for row in rows if MEASURED.search(row.text)), None)


def _row(text: str, found: list[LabelAt], index: int) -> Row:
    start = found[index].end
    end = found[index + 1].start if index + 1 < len(found) else len(text)
    row = text[start : min(end, start + MAX_ROW)]
    stop = SENTENCE_END.search(row)
    head = text[max(0, found[0].start - MAX_HEAD) : found[0].start]
    return Row(row[: stop.start()] if stop else row, re.split(r"[.!?\n]\s", head)[-1])


def row_measures(row: Row, kind: str | None) -> dict[str, float]:
    """The measures in cm of a row, by their own names, by those of the chart's columns, or as its kind is measured."""
    if not row.head:
        return _of_its_own(row.text, kind)
    named = named_measures(row.text)
    columns = [hit.label for hit in DOG_WORDS.read(row.head).get("measure", ())]
    spans = list(RANGE.finditer(row.text))
    if named or not columns or len(spans) < len(columns):
        return measures(row.text, kind)
    found: dict[str, float] = {}
    for column, span in zip(columns, spans, strict=False):
        low, high = sorted((centimetres(span[1], span[3]), centimetres(span[2], span[3])))
        if column in GIRTHS:
            found |= {f"{column}_min_cm": low, f"{column}_max_cm": high}
    return found


def _of_its_own(text: str, kind: str | None) -> dict[str, float]:
    """Measures of a description without sizes: sides and those with a name; a leash has no girth."""
    found = measures(text, None, alone=False)
    girths = {name: value for name, value in found.items() if name.split("_")[0] in GIRTHS}
    worn = kind in {"dog-collars", "dog-harnesses", "dog-apparel"}
    return found if worn else {name: value for name, value in found.items() if name not in girths}

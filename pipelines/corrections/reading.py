"""Files of corrections: CSV in, typed rows and faults out. Pure.

There are two kinds of files, told apart by their header, because a row is either about a field or about two listings:
one header for both would leave half of each row empty, and a slip of a cell would be a row of the other kind.

    dealer,external_id,field,value,reason,by
    dealer,external_id,other_dealer,other_external_id,verdict,reason,by

Columns may stand in any order, between commas, semicolons or tabs; empty lines and lines that begin with # are left
out. `external_id` is the dealer's own id, or the address of a listing that has none. A file with a fault is not to be
applied in part: a row that cannot be read would look like one that was taken out.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, Literal, cast

from inventory.store.entering import FieldRow, PairRow
from pipelines.corrections.fields import CORRECTABLE, SIZE_CLASS, NotAValue, read_value
from pipelines.ingest import DEALER_NAME

OF_FIELDS: Final = ("dealer", "external_id", "field", "value", "reason", "by")
OF_PAIRS: Final = ("dealer", "external_id", "other_dealer", "other_external_id", "verdict", "reason", "by")
VERDICTS: Final = ("same", "different")
DELIMITERS: Final = (",", ";", "\t")
MAX_TEXT: Final = 2000

Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line cannot be used: what is wrong in which column, and what to write instead."""

    file: str
    line: int
    column: str | None
    said: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " + (f"{self.column} " if self.column else "")
        return where + self.said


@dataclass(slots=True)
class CorrectionFile:
    """What a file says: its rows with their line numbers, and its faults. `name` is without a folder."""

    name: str
    fields: list[tuple[int, FieldRow]] = field(default_factory=list)
    pairs: list[tuple[int, PairRow]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class _Wrong(ValueError):
    def __init__(self, column: str | None, said: str) -> None:
        super().__init__(said)
        self.column = column


def read_file(name: str, content: bytes) -> CorrectionFile:
    """The rows of a file, and what is wrong with the others."""
    found = CorrectionFile(name)
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        found.faults.append(Fault(name, 1, None, "the file is not UTF-8: save it as CSV UTF-8"))
        return found
    numbered = [(n, line) for n, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    try:
        header, delimiter = _header(numbered[0][1] if numbered else "")
    except _Wrong as wrong:
        found.faults.append(Fault(name, numbered[0][0] if numbered else 1, None, str(wrong)))
        return found
    for number, line in numbered[1:]:
        try:
            _row(found, number, header, _cells(line, delimiter))
        except _Wrong as wrong:
            found.faults.append(Fault(name, number, wrong.column, str(wrong)))
    return found


def contradictions(files: Iterable[CorrectionFile]) -> list[Fault]:
    """What rows say against each other, within a file and between files: each with both places."""
    files = list(files)
    return [*_twice(files), *_size_twice(files), *_pairs_against(files)]


def _header(line: str) -> tuple[tuple[str, ...], str]:
    delimiter = max(DELIMITERS, key=line.count)
    header = tuple(re.sub(r"[\s-]+", "_", cell.strip().casefold()) for cell in _cells(line, delimiter))
    wanted = OF_PAIRS if {"other_dealer", "other_external_id", "verdict"} & set(header) else OF_FIELDS
    if sorted(header) != sorted(wanted):
        raise _Wrong(
            None,
            f"the first line must name the columns {','.join(OF_FIELDS)} or {','.join(OF_PAIRS)}; "
            f"it says {line.strip()[:200] or 'nothing'}",
        )
    return header, delimiter


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, strict=True), [])]
    except csv.Error as error:
        raise _Wrong(None, f"is no CSV: {error}; a quote within quotes is doubled, a row is one line") from None


def _row(found: CorrectionFile, number: int, header: Sequence[str], cells: Sequence[str]) -> None:
    if len(cells) != len(header):
        raise _Wrong(None, f"has {len(cells)} cells, not {len(header)}: put a text with a comma in double quotes")
    said = dict(zip(header, cells, strict=True))
    for column, text in said.items():
        if not text:
            raise _Wrong(column, _MISSING.get(column, "is missing"))
        if len(text) > MAX_TEXT or "\0" in text:
            raise _Wrong(column, f"is no text of up to {MAX_TEXT} characters")
    if "field" in said:
        found.fields.append((number, _field_row(said)))
    else:
        found.pairs.append((number, _pair_row(said)))


_MISSING: Final = {
    "value": "is missing: write `unknown` where nobody knows it",
    "reason": "is missing: say why, for who reads it next year",
    "by": "is missing: say who knows it",
}


def _field_row(said: Mapping[str, str]) -> FieldRow:
    name = said["field"].casefold()
    if name not in CORRECTABLE:
        near = get_close_matches(name, CORRECTABLE, 1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise _Wrong(
            "field", f"{said['field'][:60]!r} cannot be corrected; {hint}It is one of {', '.join(CORRECTABLE)}"
        )
    try:
        read_value(name, said["value"])
    except NotAValue as error:
        raise _Wrong("value", f"{said['value'][:60]!r} of {name} {error}") from None
    return FieldRow(_dealer(said, "dealer"), said["external_id"], name, said["value"], said["reason"], said["by"])


def _pair_row(said: Mapping[str, str]) -> PairRow:
    verdict = said["verdict"].casefold()
    if verdict not in VERDICTS:
        raise _Wrong("verdict", f"{said['verdict'][:60]!r} is neither same nor different")
    one = (_dealer(said, "dealer"), said["external_id"])
    other = (_dealer(said, "other_dealer"), said["other_external_id"])
    if one == other:
        raise _Wrong("other_external_id", "names the same listing as external_id: name two listings")
    known = cast(Literal["same", "different"], verdict)
    return PairRow(min(one, other), max(one, other), known, said["reason"], said["by"])


def _dealer(said: Mapping[str, str], column: str) -> str:
    if not DEALER_NAME.fullmatch(said[column]):
        raise _Wrong(column, f"{said[column][:60]!r} is no dealer's name: small letters, digits, - and _")
    return said[column]


def _twice(files: Iterable[CorrectionFile]) -> Iterable[Fault]:
    first: dict[tuple[Name, str], tuple[str, int, str]] = {}
    for file in files:
        for number, row in file.fields:
            where, line, value = first.setdefault((row.name, row.field), (file.name, number, row.value))
            if (where, line) == (file.name, number):
                continue
            if read_value(row.field, value) != read_value(row.field, row.value):
                said = f"of {row.dealer} {row.external_id} is {value!r} in {where}:{line} and {row.value!r} here"
                yield Fault(file.name, number, row.field, f"{said}: leave one")
            elif where == file.name:
                yield Fault(
                    file.name, number, row.field, f"of {row.dealer} {row.external_id} stands in line {line} too"
                )


def _size_twice(files: Iterable[CorrectionFile]) -> Iterable[Fault]:
    sized: dict[Name, tuple[str, int, str]] = {}
    for file in files:
        for number, row in file.fields:
            if row.field in ("size_value", SIZE_CLASS):
                where, line, name = sized.setdefault(row.name, (file.name, number, row.field))
                if name != row.field:
                    said = f"and {name} ({where}:{line}) of one listing: a size tells its class, leave {SIZE_CLASS} out"
                    yield Fault(file.name, number, row.field, said)


def _pairs_against(files: Iterable[CorrectionFile]) -> Iterable[Fault]:
    rows = [(file.name, number, row) for file in files for number, row in file.pairs]
    group: dict[Name, set[Name]] = {}
    first: dict[tuple[Name, Name], tuple[str, int]] = {}
    for name, number, row in rows:
        where, line = first.setdefault((row.one, row.other), (name, number))
        if where == name and line != number:
            yield Fault(name, number, "verdict", f"of these two listings stands in line {line} too: leave one")
        if row.verdict == "same":
            joined = group.get(row.one, {row.one}) | group.get(row.other, {row.other})
            group.update(dict.fromkeys(joined, joined))
    same: dict[tuple[Name, Name], list[str]] = defaultdict(list)
    for name, number, row in rows:
        if row.verdict == "same":
            same[row.one, row.other].append(f"{name}:{number}")
    for name, number, row in rows:
        if row.verdict == "different" and row.other in group.get(row.one, ()):
            places = same.get((row.one, row.other))
            by = f"by {', '.join(places)}" if places else "by other rows that say same, one after the other"
            said = f"is different here, and the two are one thing {by}: leave one"
            yield Fault(name, number, "verdict", said)

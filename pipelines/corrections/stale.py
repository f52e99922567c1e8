"""Rows that have no effect, or no longer the one that was meant. Pure: rows and what is stored in, reasons out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from inventory.store.corrections import Name
from inventory.store.entering import FieldRow, Standing
from pipelines.corrections.applying import unfit
from pipelines.corrections.fields import SIZE_CLASS, NotAValue, read_value
from pipelines.corrections.reading import CorrectionFile

State = Literal["waits", "gone", "needless", "otherwise", "unfit"]


@dataclass(frozen=True, slots=True)
class Stale:
    """A row that a person should look at: `waits` for its listing, whose listing is `gone`, which is `needless` since
    the source says the same, of which another file says `otherwise`, or which its listing cannot have (`unfit`)."""

    file: str
    line: int
    state: State
    said: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.said}"


def stale_rows(
    files: Sequence[CorrectionFile],
    stored: Mapping[Name, Standing],
    words: Mapping[tuple[Name, Name], Sequence[tuple[str, str]]],
) -> list[Stale]:
    """In the order of the rows. `stored` are the listings that they name, `words` what stored files say of pairs."""
    given = {file.name for file in files}
    together: dict[Name, dict[str, str]] = {}
    for file in files:
        for _, row in file.fields:
            together.setdefault(row.name, {})[row.field] = row.value
    misfits = {name: unfit(name[0], stored[name].values, fields) for name, fields in together.items() if name in stored}
    found = []
    for file in files:
        for number, row in file.fields:
            if state := _of_field(row, stored.get(row.name), given, misfits.get(row.name, {})):
                found.append(Stale(file.name, number, *state))
        found += _of_pairs(file, stored, words, given)
    return found


def _of_field(
    row: FieldRow, known: Standing | None, given: Collection[str], misfits: Mapping[str, str]
) -> tuple[State, str] | None:
    what = f"{row.field} of {row.dealer} {row.external_id}"
    if known is None:
        return "waits", f"{what}: no such listing is stored; the row waits for it"
    value = read_value(row.field, row.value)
    for file, name, text in known.others:
        if file not in given and name == row.field and _read(name, text) != value:
            return "otherwise", f"{what}: {file} says {text!r}; the file that is entered last is in force"
    if why := misfits.get(row.field):
        return "unfit", f"{what}: {why}"
    if known.status == "gone":
        return "gone", f"{what}: the listing is gone"
    if _says_so(row.field, value, known.values):
        return "needless", f"{what}: the source says {row.value!r} by now; the row can go"
    return None


def _of_pairs(
    file: CorrectionFile,
    stored: Mapping[Name, Standing],
    words: Mapping[tuple[Name, Name], Sequence[tuple[str, str]]],
    given: Collection[str],
) -> Iterator[Stale]:
    for number, row in file.pairs:
        missing = [name for name in (row.one, row.other) if name not in stored]
        other = [f for f, verdict in words.get((row.one, row.other), ()) if f not in given and verdict != row.verdict]
        if missing:
            said = f"{' and '.join(' '.join(name) for name in missing)}: not stored; the row waits"
            yield Stale(file.name, number, "waits", said)
        elif other:
            said = f"{' '.join(row.one)} and {' '.join(row.other)}: {other[-1]} says otherwise"
            yield Stale(file.name, number, "otherwise", f"{said}; the file that is entered last is in force")
        elif all(stored[name].status == "gone" for name in (row.one, row.other)):
            yield Stale(file.name, number, "gone", f"{' '.join(row.one)} and {' '.join(row.other)}: both are gone")


def _read(name: str, text: str) -> Any:
    try:
        return read_value(name, text)
    except (NotAValue, KeyError):
        return text


def _says_so(name: str, value: Any, values: Mapping[str, Any]) -> bool:
    if name == SIZE_CLASS:
        edges = (None, None) if value is None else (value.lower, value.upper)
        return edges == (values["size_min"], values["size_max"])
    return bool(values[name] == value)

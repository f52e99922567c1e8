"""Corrections as tests enter them: a file's name and its lines."""

from __future__ import annotations

from inventory.store.entering import Entered, Rows, enter
from pipelines.corrections.applying import corrected
from pipelines.corrections.reading import OF_FIELDS, OF_PAIRS, read_file
from pipelines.identity.matching import IdentityRules
from tests.inventory.yard import Yard


def fields(yard: Yard, *lines: str, file: str = "fields.csv") -> Entered:
    """Enter a file whose lines are `external_id,field,value` of the dealer acme."""
    rows = [f"acme,{line},seen on site,eva" for line in lines]
    return _enter(yard, file, [",".join(OF_FIELDS), *rows])


def pairs(yard: Yard, *lines: str, file: str = "pairs.csv") -> Entered:
    """Enter a file whose lines are `dealer,external_id,other_dealer,other_external_id,verdict`."""
    return _enter(yard, file, [",".join(OF_PAIRS), *(f"{line},seen on site,eva" for line in lines)])


def _enter(yard: Yard, file: str, lines: list[str]) -> Entered:
    read = read_file(file, "\n".join(lines).encode())
    assert read.faults == []
    rows = Rows([row for _, row in read.fields], [row for _, row in read.pairs])
    return enter(yard.engine, {file: rows}, corrected, IdentityRules(), lambda: yard.now)

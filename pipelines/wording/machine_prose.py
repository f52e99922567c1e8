"""Which sentences speak of the machine that is for sale, and what they state of it by maker, model, year and labels.

"We took a Cat 320 in exchange" speaks of another one. Pages and descriptions are read by the same functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from inventory.taxonomy.makes import squashed
from pipelines.parsing.places import country_code
from pipelines.wording.clauses import clauses_of, labelled
from pipelines.wording.machine_sentences import built_year, make_and_model, sentences

FIRST_TEXTS: Final = 4
"""Texts in which maker, model and year are looked for; later ones speak of other machines too."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A field's value and the words it was read from."""

    field: str
    value: str
    words: str


def own_sentences(
    texts: Iterable[str], make: str | None, model: str, *, wants_year: bool, today: date
) -> tuple[list[str], list[Stated]]:
    """Each text without the sentences that name another machine, and what the first texts state.

    `make` and `model` are what is known so far; the first sentence that names a machine settles what is not.
    """
    own: list[str] = []
    stated: list[Stated] = []
    for place, text in enumerate(texts):
        kept: list[str] = []
        for sentence in sentences(text):
            said = make_and_model(sentence)
            if said is not None and not _is_same(said[0], said[1], make, model):
                continue
            kept.append(sentence)
            if place >= FIRST_TEXTS:
                continue
            if said is not None and not (make and model):
                make, model = said[0], said[1]
                stated += [Stated("make", make, sentence), Stated("model", model, sentence)]
            if wants_year and (make or model):
                year = built_year(sentence, said[2] if said else None, today=today)
                if year is not None:
                    stated.append(Stated("year", str(year), sentence))
                    wants_year = False
        own.append(" ".join(kept))
    return own, stated


def labelled_clauses(text: str) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Fields, value and clause of every clause that starts with a label; a country behind a place belongs to it."""
    clauses = clauses_of(text)
    for place, clause in enumerate(clauses):
        fields, value = labelled(clause)
        if fields == ("location",) and place + 1 < len(clauses) and country_code(clauses[place + 1]):
            value = f"{value}, {clauses[place + 1]}"
        if fields:
            yield fields, value, clause


def _is_same(their_make: str, their_model: str, make: str | None, model: str) -> bool:
    """Whether a sentence's maker and model are the listing's, as far as these are known."""
    if make and their_make != make:
        return False
    theirs, ours = squashed(their_model), squashed(model)
    return not ours or theirs.startswith(ours) or ours.startswith(theirs) or theirs in ours

"""The tables of facts: no row breaks the class edges, and none contradicts its neighbours without a reason."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from inventory.taxonomy import machines
from inventory.taxonomy.machines import Fact, fact_table, load_class_facts, naming_rules, published
from inventory.taxonomy.models import model_number
from inventory.taxonomy.tables import DATA, TaxonomyError
from tests.taxonomy.contradictions import (
    out_of_its_series,
    outside_its_classes,
    unlike_its_generations,
    unlike_its_weight,
)

Check = Callable[[Iterable[Fact]], Iterator[str]]

CHECKS = (outside_its_classes, unlike_its_weight, unlike_its_generations, out_of_its_series)


@pytest.mark.parametrize("check", CHECKS)
def test_no_published_row_contradicts_its_classes_or_neighbours_without_a_reason_in_its_note(check: Check) -> None:
    assert list(check(published())) == []


def made(model: str, size: float, kg: float | None = None, note: str = "", category: str = "excavators") -> Fact:
    return Fact(category, "Komatsu", model_number(model), size, None, 1, kg, f"Komatsu {model}", note)


@pytest.mark.parametrize(
    ("check", "rows"),
    [
        (outside_its_classes, [made("D1", 12, category="dozers")]),
        (unlike_its_weight, [made("PC200", 20, 21000)]),
        (unlike_its_weight, [made("PC200", 20, 20)]),
        (unlike_its_generations, [made("PC200-6", 20), made("PC200-7", 33)]),
        (unlike_its_generations, [made("PC200-6", 20, 20000), made("PC200-7", 20, 33000)]),
        (out_of_its_series, [made("PC200", 20), made("PC210", 2.1)]),
        (out_of_its_series, [made("PC200", 20), made("PC210", 61)]),
    ],
)
def test_a_row_that_contradicts_its_neighbours_is_refused_unless_it_says_why(check: Check, rows: list[Fact]) -> None:
    assert len(list(check(rows))) == 1
    assert list(check([*rows[:-1], rows[-1]._replace(note="another series")])) == []


def test_a_naming_rule_agrees_with_what_the_maker_publishes_about_the_same_number() -> None:
    table, wrong, compared = fact_table(), 0, 0
    for (_, prefix), rules in naming_rules().items():
        for rule in rules:
            for fact in table.facts(rule.category, prefix):
                size = rule.size(fact.number.number)
                if fact.make == rule.make and fact.size is not None and size is not None:
                    compared += 1
                    wrong += not 0.6 < size / fact.size < 1.6
    assert compared > 500
    assert wrong / compared < 0.03


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("excavators,PC,200,,20,22,1,x", "is no class of excavators"),
        ("boats,PC,200,,19,21,1,x", "unknown category"),
    ],
)
def test_a_class_fact_that_breaks_the_edges_is_refused(tmp_path: Path, row: str, reason: str) -> None:
    path = tmp_path / "class_facts.csv"
    path.write_text("category,prefix,number,tail,lower,upper,models,source\n" + row + "\n", encoding="utf-8")
    with pytest.raises(TaxonomyError, match=reason):
        load_class_facts(path)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Acme,excavators,A1,1,,,x", "unknown make"),
        ("Komatsu,boats,A1,1,,,x", "unknown category"),
        ("Komatsu,dozers,A1,1,,,x", "belong into dozers.csv"),
        ("Komatsu,excavators,A1,,,,x", "neither size nor weight"),
        ("Komatsu,excavators,A1,-3,,,x", "not above 0"),
        ("Komatsu,excavators,A1,1,,,x\nKomatsu,excavators,A1,2,,,x", "stands twice"),
    ],
)
def test_a_wrong_machine_row_is_refused_with_its_line(tmp_path: Path, row: str, reason: str) -> None:
    path = tmp_path / "excavators.csv"
    path.write_text("make,category,model,size,operating_weight_kg,note,source\n" + row + "\n", encoding="utf-8")
    with pytest.raises(TaxonomyError, match=reason):
        machines.load_machines(path)


def test_the_shipped_class_facts_load() -> None:
    assert len(load_class_facts(DATA / "class_facts.csv")) > 1000

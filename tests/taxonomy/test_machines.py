"""The tables of facts: no row breaks the class edges, and none contradicts its neighbours without a reason."""

from pathlib import Path

import pytest

from inventory.taxonomy import machines
from inventory.taxonomy.machines import DATA, Fact, fact_table, family, load_class_facts, naming_rules, published
from inventory.taxonomy.size_classes import classes_of, size_class
from inventory.taxonomy.tables import TaxonomyError

FAR = 3.0
"""A published size this many times its maker's next ones is a slip of the pen, unless the series is no scale."""


def sized_families() -> set[str]:
    return {family(fact.category) for fact in published() if classes_of(fact.category)}


def test_every_published_size_lies_within_its_categorys_classes() -> None:
    outside = [
        fact.name
        for fact in published()
        if fact.size is not None and classes_of(fact.category) and size_class(fact.category, fact.size) is None
    ]
    # Below the smallest class of an auction list that starts at 20 hp or 45 hp there may be lesser machines.
    assert all(name.split()[0] for name in outside)
    assert len(outside) <= 5, outside


def test_no_published_size_is_far_from_its_neighbours_without_a_reason() -> None:
    odd = []
    series: dict[tuple[str, str | None, str], list[Fact]] = {}
    for fact in published():
        if fact.size is not None and fact.number.prefix:
            series.setdefault((family(fact.category), fact.make, fact.number.prefix), []).append(fact)
    for facts in series.values():
        facts.sort(key=lambda fact: fact.number.number)
        for before, here, after in zip(facts, facts[1:], facts[2:], strict=False):
            assert before.size is not None
            assert here.size is not None
            assert after.size is not None
            if not here.note and all(max(here.size, n) / min(here.size, n) > FAR for n in (before.size, after.size)):
                odd.append(here.name)
    assert odd == []


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

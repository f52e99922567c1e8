"""Files of corrections: what is wrong is told by line and column, with what may be written instead."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.store.merge import DETAIL_FIELDS, STORED_FIELDS
from pipelines.corrections.applying import corrected, unfit
from pipelines.corrections.fields import CORRECTABLE, NotAValue, read_value
from pipelines.corrections.reading import OF_FIELDS, OF_PAIRS, contradictions, read_file
from tests.docs.pages import fenced, read

FIELDS, PAIRS = ",".join(OF_FIELDS), ",".join(OF_PAIRS)


def lines(*texts, header=FIELDS, name="a.csv"):
    return read_file(name, "\n".join([header, *texts]).encode())


WRONG = {
    "acme,1,yaer,2015,r,b": ("field", "did you mean year?"),
    "acme,1,content_hash,x,r,b": ("field", "cannot be corrected"),
    "acme,1,year,twenty,r,b": ("value", "whole number from 1950"),
    "acme,1,year,2090,r,b": ("value", "whole number from 1950"),
    "acme,1,price,\"45,000\",r,b": ("value", "write it plainly"),
    "acme,1,price,-1,r,b": ("value", "is no amount"),
    "acme,1,category,digger,r,b": ("value", "write one of excavators"),
    "acme,1,size_class,21-25,r,b": ("value", "no size class of any category"),
    "acme,1,serial_number,N/A,r,b": ("value", "no serial number"),
    "acme,1,country,Nowhere,r,b": ("value", "code of two capitals"),
    "acme,1,breed_sizes,huge,r,b": ("value", "xs s m l xl"),
    "acme,1,offer_type,unknown,r,b": ("value", "sale, rent, auction"),
    "acme,1,gtin,123,r,b": ("value", "check digit"),
    "acme,1,year,,r,b": ("value", "`unknown`"),
    "acme,1,year,2015,,b": ("reason", "say why"),
    "acme,1,year,2015,r,": ("by", "say who"),
    "Acme Ltd,1,year,2015,r,b": ("dealer", "small letters"),
    "acme,1,year,2015,r": (None, "has 5 cells, not 6"),
    'acme,1,year,2015,"r,b': (None, "is no CSV"),
}  # fmt: skip


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_line_is_told_with_its_column_and_what_may_be_written(line):
    (fault,) = lines("acme,0,year,2015,r,b", line).faults
    column, said = WRONG[line]
    assert (fault.file, fault.line, fault.column) == ("a.csv", 3, column)
    assert said in fault.said


def test_a_wrong_pair_is_told():
    found = lines("acme,1,acme,1,same,r,b", "acme,1,bolt,1,maybe,r,b", "acme,1,bolt,1,Different,r,b", header=PAIRS)
    assert [(fault.line, fault.column) for fault in found.faults] == [(2, "other_external_id"), (3, "verdict")]
    assert found.pairs[0][1].verdict == "different"


@pytest.mark.parametrize("header", ["", "dealer,external_id,field,value,reason", "id,price", FIELDS + ",note"])
def test_a_wrong_header_is_told_with_both_that_are_right(header):
    (fault,) = lines("acme,1,year,2015,r,b", header=header).faults
    assert FIELDS in fault.said
    assert PAIRS in fault.said


def test_spreadsheets_columns_comments_and_marks_are_read():
    text = "\ufeff# of the visit in May\nBy;Reason;External ID;Dealer;Value;Field\n\neva;seen;1;acme;2015;Year\n"
    found = read_file("a.csv", text.encode())
    assert found.faults == []
    (number, row) = found.fields[0]
    assert (number, row.name, row.field, row.value, row.by) == (4, ("acme", "1"), "year", "2015", "eva")


def test_two_values_of_one_field_are_refused_within_a_file_and_between_files():
    one = lines("acme,1,year,2015,r,b", "acme,1,year,2016,r,b", "acme,2,make,CAT,r,b")
    two = lines("acme,2,make,Caterpillar,r,b", "acme,1,price,1,r,b", "acme,1,year,2017,r,b", name="b.csv")
    found = contradictions([one, two])
    assert [(fault.file, fault.line) for fault in found] == [("a.csv", 3), ("b.csv", 4)]
    assert "a.csv:2" in found[1].said


def test_a_size_and_a_size_class_of_one_listing_are_refused():
    (fault,) = contradictions([lines("acme,1,size_value,21.5,r,b", "acme,1,size_class,21-24,r,b")])
    assert "leave size_class out" in fault.said


def test_same_and_different_at_once_are_refused_also_along_a_chain():
    same = ["acme,1,bolt,1,same,r,b", "bolt,1,crag,1,same,r,b"]
    other = lines("bolt,1,acme,1,different,r,b", header=PAIRS, name="b.csv")
    (direct,) = contradictions([lines(same[0], header=PAIRS), other])
    assert (direct.file, direct.line, "one thing by a.csv:2" in direct.said) == ("b.csv", 2, True)
    (chain,) = contradictions([lines(*same, "crag,1,acme,1,different,r,b", header=PAIRS)])
    assert (chain.line, "one after the other" in chain.said) == (4, True)


@given(st.sampled_from(sorted(CORRECTABLE)), st.text(max_size=40))
def test_any_text_is_a_value_or_refused_with_words(name, text):
    with suppress(NotAValue):
        value = read_value(name, text)
        assert value is None or read_value(name, text) == value


@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_faults(content):
    found = read_file("a.csv", content)
    assert found.faults or not found.fields


def test_the_examples_of_the_folders_readme_can_be_read():
    examples = fenced(read("corrections/README.md"), "csv")
    assert len(examples) == 2
    for text in examples:
        found = read_file("a.csv", text.encode())
        assert found.faults == []
        assert found.fields or found.pairs
        assert contradictions([found]) == []


def test_every_field_that_can_be_corrected_stands_in_the_folders_readme():
    text = read("corrections/README.md")
    assert [name for name in CORRECTABLE if f"`{name}`" not in text] == []


def test_the_size_classes_that_the_readme_and_a_refusal_name_can_be_written():
    with pytest.raises(NotAValue) as refused:
        read_value("size_class", "huge")
    (row,) = [line for line in read("corrections/README.md").splitlines() if line.startswith("| `size_class`")]
    named = [*str(refused.value).rpartition(": ")[2].split(", "), *row.split("|")[2].split("`")[1::2]]
    assert [read_value("size_class", text).upper is None for text in named] == [False, True] * 2


MACHINE = {
    **dict.fromkeys((*STORED_FIELDS, *DETAIL_FIELDS, "serial_key")),
    "vertical": "equipment",
    "offer_type": "sale",
    "price_tax": "unknown",
    "category": "excavators",
    "title": "Digger",
}
FOOD = MACHINE | {
    "vertical": "dog", "category": "dry-dog-food", "title": "Kibble", "net_weight_g": 12000.0, "pack_count": 1,
    "unit_weight_g": 12000.0, "price": Decimal("60.00"), "unit_price_per_kg": Decimal("5.00"), "size_value": 12000.0,
    "size_basis": "net weight", "size_unit": "g", "size_method": "text", "size_confidence": 0.9,
}  # fmt: skip


def test_a_corrected_weight_is_the_size_of_a_machine_that_is_measured_by_it():
    found = corrected("acme", MACHINE, {"operating_weight_kg": "22500"})
    assert (found["size_value"], found["size_min"], found["size_max"], found["size_unit"]) == (22.5, 21, 24, "t")
    assert (found["size_method"], found["size_confidence"]) == ("correction", 1.0)
    found = corrected("acme", MACHINE, {"size_value": "22.5"})
    assert found["operating_weight_kg"] == 22500


def test_a_corrected_pack_has_its_weight_its_size_and_its_price_of_a_kilogram():
    found = corrected("acme", FOOD, {"net_weight_g": "15000", "price": "45"})
    assert (found["size_value"], found["unit_weight_g"]) == (15000, 15000)
    assert found["unit_price_per_kg"] == Decimal("3.00")
    found = corrected("acme", FOOD, {"unit_weight_g": "400", "pack_count": "6"})
    assert (found["net_weight_g"], found["size_value"], found["unit_price_per_kg"]) == (2400, 2400, Decimal("25.00"))


def test_a_price_that_nobody_knows_has_no_price_of_a_kilogram():
    found = corrected("acme", FOOD, {"price": "unknown"})
    assert (found["price"], found["unit_price_per_kg"]) == (None, None)
    assert found["provenance"]["price"] == "correction"


def test_what_a_listing_cannot_have_is_left_out_and_told():
    wrong = {"category": "dry-dog-food", "size_class": "100-150", "year": "2001"}
    assert corrected("acme", MACHINE, wrong)["year"] == 2001
    assert "category" not in corrected("acme", MACHINE, wrong)
    told = unfit("acme", MACHINE, {"category": "dry-dog-food", "year": "2001"})
    assert told.keys() == {"category"}
    fits = corrected("acme", MACHINE, {"category": "dozers", "size_class": "105-130"})
    assert (fits["size_min"], fits["size_max"]) == (105, 130)

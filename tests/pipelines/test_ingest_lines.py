"""A line that is handed in: its dealer, its vertical, when it was seen, and what listing it gives."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from inventory.ingested import KnownDealer
from pipelines.ingest import Addressing, Problem, json_records, observed_at, read_lines
from pipelines.json_lines import LineError, line_of
from pipelines.listing_lines import inferred_record

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
KNOWN = {"acme": KnownDealer("equipment", "EUR", "AT"), "paws": KnownDealer("dog")}
MACHINE = {"external_id": "7", "title": "2016 CAT 745C", "hours": "5,239 hrs", "price": "12.500,50", "location": "Linz"}


def listing(record, dealer="acme", vertical=None, renamed=None):
    (read,) = read_lines([Addressing(KNOWN, dealer, vertical, renamed).addressed(1, record)], TODAY)
    assert not isinstance(read, Problem), read.said
    return read[1]


def problem(record, dealer="acme", vertical=None):
    addressing = Addressing(KNOWN, dealer, vertical)
    try:
        line = addressing.addressed(1, record)
    except LineError as error:
        return str(error)
    (read,) = read_lines([line], TODAY)
    assert isinstance(read, Problem)
    return read.said


def test_raw_text_is_read_with_the_dealers_currency_and_country():
    found = listing(MACHINE)
    assert (found.category, found.make, found.hours) == ("articulated-trucks", "Caterpillar", 5239)
    assert (found.price, found.currency, found.country) == (Decimal("12500.50"), "EUR", "AT")
    assert found.identity_key == "id:7"
    assert found.content_hash
    assert found.crawl_id is None


@pytest.mark.parametrize(("dealer", "said", "currency"), [
    ("novel", {}, "CAD"),
    ("novel", {"currency": "USD"}, "USD"),
    ("acme", {}, "EUR"),
])  # fmt: skip
def test_a_currency_that_is_given_for_all_holds_where_neither_line_nor_dealer_names_one(dealer, said, currency):
    addressing = Addressing(KNOWN, dealer, "equipment", currency="CAD")
    (read,) = read_lines([addressing.addressed(1, MACHINE | said)], TODAY)
    assert not isinstance(read, Problem), read.said
    assert read[1].currency == currency


def test_typed_and_raw_fields_say_the_same():
    typed = MACHINE | {"hours": 5239, "price": 12500.5, "year": 2016, "external_id": 7}
    raw, parsed = listing(MACHINE), listing(typed)
    for name in ("category", "hours", "price", "year", "size_value", "identity_key", "model"):
        assert getattr(raw, name) == getattr(parsed, name), name


def test_what_infer_printed_is_inferred_the_same_again():
    printed = inferred_record(MACHINE | {"currency": "EUR"}, "equipment", TODAY)
    (_, again), *_ = json_records([line_of(printed)])
    assert isinstance(again, dict)
    direct, piped = listing(MACHINE | {"currency": "EUR"}), listing(again)
    for name in ("category", "size_value", "size_method", "make", "model", "hours", "price", "currency"):
        assert getattr(direct, name) == getattr(piped, name), name


def test_a_size_in_words_is_a_size():
    record = {"external_id": "1", "title": "Chicken dry dog food", "size": "12 kg"}
    assert listing(record, dealer="paws").net_weight_g == 12_000


def test_a_dealers_vertical_is_its_rows_else_its_first_lines():
    bed = {"external_id": "1", "title": "Orthopaedic dog bed, large"}
    vague = {"external_id": "2", "title": "Large, blue"}
    assert listing(vague, dealer="paws").vertical == "dog"
    addressing = Addressing(KNOWN, "novel", None)
    assert addressing.addressed(1, bed).known == addressing.addressed(2, vague).known == KnownDealer("dog")
    with pytest.raises(LineError, match="the dealer novel of 'dog'"):
        addressing.addressed(3, MACHINE | {"vertical": "equipment"})
    assert "the dealer acme of 'equipment'" in problem(MACHINE | {"vertical": "dog"})
    assert "the dealer acme of 'equipment'" in problem(MACHINE, vertical="dog")


@pytest.mark.parametrize(("record", "message"), [
    ({"dealer": "ACME Ltd", "url": "https://x.example/1", "title": "CAT 320"}, "digits, - and _, such as acme-ltd"),
    ({"dealer": 7, "url": "https://x.example/1", "title": "CAT 320"}, "names a dealer '7'"),
    ({"title": "CAT 320"}, "has neither external_id nor url"),
    ({"url": "no address", "title": "CAT 320"}, "has neither external_id nor url that is an http(s) address"),
    ({"external_id": "1"}, "has no title"),
    ({"dealer": "novel", "external_id": "1", "title": "thing"}, "give it a `vertical`"),
    ({"dealer": "novel", "external_id": "1", "title": "thing", "vertical": "cats"}, "neither equipment nor dog"),
    ({"dealer": "novel", "external_id": "1", "title": "thing", "vertical": ["dog"]}, "neither equipment nor dog"),
])  # fmt: skip
def test_what_cannot_be_used_says_why(record, message):
    assert message in problem(record)


def test_an_address_that_is_none_is_left_out_where_an_id_tells_the_listing():
    found = listing(MACHINE | {"url": "page 7"})
    assert (found.url, found.identity_key) == (None, "id:7")
    assert found.provenance["url"] == "refused: 'page 7' is no http:// or https:// address"


def test_a_line_without_a_dealer_is_refused_unless_one_is_said():
    assert problem(MACHINE, dealer=None).startswith("names no dealer")


@pytest.mark.parametrize(("said", "at"), [
    ("2026-11-22T07:30:00", NOW - timedelta(minutes=30)),
    ("2026-11-22T08:30:00+01:00", NOW - timedelta(minutes=30)),
    ("2026-11-22T07:30:00Z", NOW - timedelta(minutes=30)),
    ("2026-11-22", NOW - timedelta(hours=8)),
    (None, None),
    ("", None),
])  # fmt: skip
def test_a_time_without_a_zone_is_utc(said, at):
    assert observed_at(said, NOW) == at


@pytest.mark.parametrize("said", [
    "2026-11-22T08:00:01Z", "yesterday", 1700000000, "0001-01-01T00:00:00+14:00", "1970-01-01T00:00:00Z",
    ["2026"], True,
])  # fmt: skip
def test_a_time_that_cannot_be_is_refused(said):
    with pytest.raises(LineError, match="observed_at"):
        observed_at(said, NOW)


def test_keys_of_json_lines_can_be_renamed_and_another_stores_bookkeeping_is_left_out():
    record = {"Nr": "7", "title": "2016 CAT 745C", "first_seen": "2020-01-01T00:00:00Z", "unit_id": 3, "yard": "B4"}
    found = listing(record, renamed={"Nr": "external_id"})
    assert found.external_id == "7"
    assert found.attributes == {"yard": "B4"}


@pytest.mark.parametrize(
    "said",
    [{"p": "50000", "price": None}, {"p": "50000", "price": "1"}, {"price": "50000", "p": None}],
)
def test_a_mapped_key_wins_over_one_that_has_the_name_already_unless_it_is_empty(said):
    record = {name: value for name, value in MACHINE.items() if name != "price"}
    assert listing(record | said, renamed={"p": "price"}).price == 50000
    assert listing(dict(reversed(said.items())) | record, renamed={"p": "price"}).price == 50000


def test_an_id_that_is_cut_short_is_no_id():
    for id_, url in (("a" * 200 + "1", "https://acme.example/1"), ("a" * 200 + "2", "https://acme.example/2")):
        found = listing(MACHINE | {"external_id": id_, "url": url})
        assert (found.external_id, found.identity_key) == (None, f"url:{url}")
        assert found.provenance["external_id"].startswith("refused: is too long")
    assert problem(MACHINE | {"external_id": "a" * 201}) == "has neither external_id nor url"
    assert listing(MACHINE | {"external_id": " " + "a" * 200}).external_id == "a" * 200


def test_a_bug_costs_its_line(monkeypatch):
    def fail(*_, **__):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("pipelines.ingest.read_listing", fail)
    assert problem(MACHINE) == "cannot be read: ZeroDivisionError: ours"


def test_lines_and_what_becomes_of_them_go_to_other_processes():
    line = Addressing(KNOWN, "acme", None).addressed(1, MACHINE)
    assert pickle.loads(pickle.dumps(line)) == line
    read = read_lines([line], TODAY)
    assert pickle.loads(pickle.dumps(read)) == read

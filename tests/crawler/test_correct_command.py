"""`scrapy correct` as a user runs it: enters, checks, refuses, and says what a person should look at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from inventory.engine import writer_engine
from inventory.tables import corrections
from tests.crawl.crawling import environment, scrapy
from tests.inventory.yard import Yard, machine

FIELDS = "dealer,external_id,field,value,reason,by"
PAIRS = "dealer,external_id,other_dealer,other_external_id,verdict,reason,by"


@pytest.fixture
def yard(sqlite_url, sqlite_settings):
    engine = writer_engine(sqlite_settings)
    found = Yard(engine)
    found.url = sqlite_url
    yield found
    engine.dispose()


def correct(yard, *arguments):
    """`scrapy correct …`: exit status, what it said line by line, standard error."""
    status, out, err = scrapy(environment(yard.url), "correct", *map(str, arguments))
    return status, [json.loads(line) for line in out.splitlines()], err


@pytest.fixture
def folder(tmp_path: Path):
    found = tmp_path / "corrections"
    found.mkdir()
    return found


def put(folder, name, *lines):
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_a_folder_is_checked_entered_and_taken_back(yard, folder):
    yard.crawl(machine("a", serial_number="CAT0320DKABC12345"))
    yard.crawl(machine("b", dealer="bolt"), dealer="bolt")
    put(folder, "fields.csv", FIELDS, "acme,a,year,2012,plate,eva")
    put(folder, "pairs.csv", PAIRS, "acme,a,bolt,b,same,photos,eva")
    assert correct(yard, "--check", folder)[:2] == (
        0,
        [{"check": True, "files": 2, "rows": 2, "wrong": 0, "stale": 0}],
    )
    assert (yard.row("a")["year"], yard.count(corrections)) == (2015, 0)
    status, lines, _ = correct(yard, folder)
    assert status == 0
    assert lines == [
        {"check": False, "files": 2, "rows": 2, "wrong": 0, "stale": 0}
        | {"new": 2, "as_before": 0, "taken_back": 0, "listings_changed": 1}
    ]
    assert yard.row("a")["year"] == 2012
    assert yard.row("a")["unit_id"] == yard.row("b")["unit_id"]
    put(folder, "fields.csv", FIELDS)
    put(folder, "pairs.csv", PAIRS)
    assert correct(yard, folder)[1][-1]["taken_back"] == 2
    assert yard.row("a")["year"] == 2015
    assert yard.row("a")["unit_id"] != yard.row("b")["unit_id"]


def test_rows_that_are_stale_are_named_with_their_reason(yard, folder):
    yard.crawl(machine("a"), machine("b"))
    put(folder, "old.csv", FIELDS, "acme,b,year,2011,r,tom", "acme,b,hours,7,r,tom")
    assert correct(yard, folder / "old.csv")[0] == 0
    put(
        folder,
        "new.csv",
        FIELDS,
        "acme,a,year,2015,r,eva",
        "acme,z,year,2015,r,eva",
        "acme,b,year,2012,r,eva",
        "acme,a,category,dog-beds,r,eva",
        "acme,a,hours,90,r,eva",
    )
    status, lines, _ = correct(yard, "--check", folder / "new.csv")
    assert status == 3
    assert [(line["line"], line["state"]) for line in lines[:-1]] == [
        (2, "needless"), (3, "waits"), (4, "otherwise"), (5, "unfit")
    ]  # fmt: skip
    assert "old.csv says '2011'" in lines[2]["said"]
    assert lines[-1]["stale"] == 4
    (folder / "old.csv").unlink()
    assert {"state": "left_out", "file": "old.csv"}.items() <= correct(yard, "--check", folder)[1][-2].items()


def test_a_file_with_a_wrong_line_stays_as_it_was_entered_before(yard, folder):
    yard.crawl(machine("a"))
    put(folder, "one.csv", FIELDS, "acme,a,year,2012,r,eva", "acme,a,hours,90,r,eva")
    assert correct(yard, folder)[0] == 0
    put(folder, "one.csv", FIELDS, "acme,a,year,2012,r,eva", "acme,a,huors,90,r,eva")
    status, lines, _ = correct(yard, folder)
    assert (status, lines[0]["state"], lines[0]["line"], lines[0]["column"]) == (3, "wrong", 3, "field")
    assert (yard.row("a")["year"], yard.row("a")["hours"]) == (2012, 90)


def test_ingest_obeys_corrections_and_the_api_says_so(yard, folder, sqlite_settings):
    put(folder, "one.csv", FIELDS, "acme,x1,hours,90,r,eva", "acme,x1,model,390D,r,eva")
    status, lines, _ = correct(yard, folder)
    assert (status, [line["state"] for line in lines[:-1]]) == (3, ["waits", "waits"])
    line = {"dealer": "acme", "external_id": "x1", "title": "2016 CAT 320D excavator", "hours": "5,000 h"}
    (folder / "stock.jsonl").write_text(json.dumps(line) + "\n")
    assert scrapy(environment(yard.url), "ingest", str(folder / "stock.jsonl"))[0] == 0
    with TestClient(create_app(sqlite_settings)) as client:
        shown = client.get(f"/v1/listings/{yard.row('x1')['id']}").json()["data"]
    assert (shown["hours"], shown["model"], shown["base_model"]) == (90, "390D", "390")
    assert (shown["provenance"]["hours"], shown["provenance"]["model"]) == ("correction", "correction")
    assert shown["uncorrected"]["hours"] == 5000
    assert correct(yard, folder)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [([], "name a file"), (["nowhere.csv"], "no such file"), (["docs"], "no *.csv")],
)
def test_wrong_use_says_what_to_do(yard, arguments, said):
    status, _, err = correct(yard, *arguments)
    assert (status, said in err) == (2, True)


def test_a_check_without_a_database_says_so_and_makes_none(tmp_path, folder):
    put(folder, "one.csv", FIELDS)
    url = f"sqlite:///{tmp_path / 'none.sqlite'}"
    status, _, err = scrapy(environment(url), "correct", "--check", str(folder))
    assert (status, "nothing is stored yet" in err) == (4, True)
    assert not (tmp_path / "none.sqlite").exists()

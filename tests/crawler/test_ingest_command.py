"""`scrapy ingest` as a user runs it: files, pipes, wrong lines, killed and run again, behind the other commands."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import func, select

from crawler.commands.ingest import WrongUse, _format_of, _map_of
from inventory.engine import writer_engine
from inventory.tables import events, listing_details, listings, unit_links
from tests.crawl.crawling import ROOT, environment, rows, scrapy
from tests.crawl.terminal import scrapy_at_a_terminal

pytestmark = pytest.mark.long

PAGES = sorted((ROOT / "tests" / "recorded" / "pages").glob("ridgeline*/page.html.gz"))
PIPE = subprocess.PIPE


@contextmanager
def process(url, *arguments, **streams):
    """A command that is ended whatever happens."""
    command = [sys.executable, "-m", "scrapy", *arguments]
    running = subprocess.Popen(command, cwd=ROOT, env=environment(url), **streams)
    try:
        yield running
    finally:
        running.kill()
        running.wait()
        for stream in (running.stdin, running.stdout, running.stderr):
            if stream is not None and not stream.closed:
                with suppress(BrokenPipeError):
                    stream.close()


def ingest(url, *arguments, fed=b""):
    """Exit status, the counts, standard error."""
    status, out, err = scrapy(environment(url), "ingest", *arguments, fed=fed, timeout_s=180)
    return status, json.loads(out) if out else None, err


def bed(number):
    said = {"dealer": "paws", "external_id": f"b{number}", "title": f"Dog bed {number}", "vertical": "dog"}
    return json.dumps(said).encode() + b"\n"


def stored(settings):
    engine = writer_engine(settings)
    try:
        with engine.connect() as connection:
            tables = (listings, listing_details, events, unit_links)
            return [connection.scalar(select(func.count()).select_from(table)) for table in tables]
    finally:
        engine.dispose()


def test_extract_infer_and_ingest_are_one_line_of_shell(sqlite_url):
    extract = ("extract", *map(str, PAGES))
    with (
        process(sqlite_url, *extract, stdout=PIPE) as first,
        process(sqlite_url, "infer", stdin=first.stdout, stdout=PIPE, stderr=PIPE) as second,
        process(sqlite_url, "ingest", "-", "--dealer", "x", stdin=second.stdout, stdout=PIPE, stderr=PIPE) as third,
    ):
        first.stdout.close()
        second.stdout.close()
        out, err = third.communicate(timeout=120)
        assert (first.wait(60), second.wait(60), third.returncode) == (0, 0, 0), err
    said = json.loads(out)
    assert (said["lines"], said["refused"]) == (len(PAGES), 0)
    assert said["new"] > 0
    assert said["new"] + said["dropped"].get("no_listing", 0) == len(PAGES)
    found = rows(sqlite_url, "listings")
    assert {row["dealer"] for row in found} == {"x"}
    excavator = next(row for row in found if row["category"] == "excavators")
    assert (excavator["size_value"], excavator["size_unit"], excavator["crawl_id"]) == (23.0, "t", None)


def test_wrong_lines_are_named_up_to_twenty_and_the_others_stored(sqlite_url):
    fed = b"".join([bed(1), b"{\n", b"\n", *[b"[1]\n"] * 30, b'{"dealer": "paws", "external_id": "n"}\n', bed(2)])
    status, said, err = ingest(sqlite_url, "-", fed=fed)
    assert status == 3
    counts = {name: said[name] for name in ("lines", "new", "changed", "unchanged", "refused", "dropped")}
    assert counts == {"lines": 34, "new": 2, "changed": 0, "unchanged": 0, "refused": 31, "dropped": {"no_title": 1}}
    lines = err.splitlines()
    assert lines[0].startswith("line 2 is no JSON")
    assert lines[1].startswith("line 4 is a list, not a JSON object")
    assert len(lines) == 21
    assert lines[-1] == "… and 12 more lines"


def test_csv_with_a_map_by_two_processes_and_from_a_line(sqlite_url, tmp_path):
    text = "Nr;Bezeichnung;Preis;observed_at\n" + "".join(
        f"{n};Bagger CAT 320D Baujahr 2015;{n}.500,50 EUR;2026-11-01\n" for n in range(12, 18)
    )
    file = tmp_path / "stock.csv.gz"
    file.write_bytes(gzip.compress(b"\xef\xbb\xbf" + text.encode()))
    arguments = (str(file), "--dealer", "de", "--vertical", "equipment", "--map", "Nr=external_id")
    arguments += ("--map", "Bezeichnung=title", "--map", "Preis=price", "--jobs", "2")
    status, said, err = ingest(sqlite_url, *arguments, "--from-line", "4")
    assert (status, said["new"], err) == (0, 4, "")
    assert ingest(sqlite_url, *arguments)[1]["unchanged"] == 4
    found = rows(sqlite_url, "listings")
    assert [row["external_id"] for row in found] == ["14", "15", "16", "17", "12", "13"]
    assert str(found[0]["price"]) == "14500.50"
    assert {row["category"] for row in found} == {"excavators"}
    assert {f"{row['first_seen']:%Y-%m-%d %H}" for row in found} == {"2026-11-01 00"}


def test_killed_in_the_middle_and_run_again_it_completes(any_settings):
    fed = [bed(n) for n in range(900)]
    with process(any_settings.write_url, "ingest", "-", stdin=PIPE, stdout=PIPE, stderr=PIPE) as running:
        running.stdin.write(b"".join(fed[:800]))
        running.stdin.flush()
        deadline = time.monotonic() + 60
        while not (half := stored(any_settings))[0] and time.monotonic() < deadline:
            time.sleep(0.05)
        running.kill()
        running.wait()
    assert half[0] > 0
    half = stored(any_settings)
    assert half == [half[0]] * 4  # whole batches: no listing without its details, event and link
    status, said, _ = ingest(any_settings.write_url, "-", fed=b"".join(fed))
    assert (status, said["new"], said["unchanged"]) == (0, 900 - half[0], half[0])
    assert stored(any_settings) == [900] * 4


def test_a_person_sees_a_table(sqlite_url, tmp_path):
    (tmp_path / "a.jsonl").write_bytes(bed(1) + b"{\n")
    status, text = scrapy_at_a_terminal(environment(sqlite_url), "ingest", str(tmp_path / "a.jsonl"))
    assert status == 3
    assert "line 2 is no JSON" in text
    assert "unchanged" in text
    assert '"lines"' not in text


@pytest.mark.parametrize(("arguments", "status", "message"), [
    (("-", "--map", "Nr=extrenal_id"), 2, "is no field of a listing; did you mean 'external_id'?"),
    (("-", "--dealer", "ACME Ltd"), 2, "such as acme-ltd"),
    (("-", "--currency", "Euro"), 2, "--currency Euro: is no ISO 4217 code such as EUR"),
    (("nowhere.jsonl",), 3, "nowhere.jsonl: No such file"),
    (("-", "--format", "csv"), 2, "no column is external_id or url: say which with --map; they are: a, b"),
])  # fmt: skip
def test_wrong_use_and_files_that_are_not_there(sqlite_url, arguments, status, message):
    found, _, err = ingest(sqlite_url, *arguments, fed=b"a,b\n1,2\n")
    assert found == status
    assert message in err
    assert "Traceback" not in err


def test_no_database_says_which_setting():
    status, said, err = ingest("postgresql://nobody@127.0.0.1:1/x", "-", fed=bed(1))
    assert (status, said) == (4, None)
    assert "DATABASE_URL" in err
    assert "Traceback" not in err


def test_the_format_is_told_by_the_name():
    assert [_format_of(name) for name in ("a.csv", "a.TSV.gz", "a.jsonl.gz", "a.json", "-")] == [
        "csv", "csv", "jsonl", "jsonl", "jsonl",
    ]  # fmt: skip
    with pytest.raises(WrongUse, match="say --format"):
        _format_of("a.xlsx")


@pytest.mark.parametrize("entries", [["title"], ["=title"], ["a=b"], ["a=title", "b=title"], ["a=title", "a=url"]])
def test_a_map_that_says_nothing_or_twice_the_same_is_refused(entries):
    with pytest.raises(WrongUse):
        _map_of(entries)


def test_a_map_may_name_a_column_with_a_sign_in_it():
    assert _map_of(["a=b=title"]) == {"a=b": "title"}

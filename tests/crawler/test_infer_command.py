"""`scrapy infer` as a user runs it: files, pipes, wrong lines, and behind `scrapy extract`."""

from __future__ import annotations

import gzip
import json
import os
import shlex
import subprocess
import sys
import threading
from collections import deque
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from crawler.extraction.report import page_report
from crawler.saved_pages import read_saved
from inventory.listing import INFERRED
from pipelines.json_lines import line_of, record_of
from pipelines.listing_lines import inferred_record
from tests.crawl.crawling import ROOT, environment, scrapy
from tests.crawl.terminal import scrapy_at_a_terminal
from tests.pipelines.test_listing_lines import TODAY

pytestmark = pytest.mark.long

PAGES = sorted((ROOT / "tests" / "recorded").glob("*/*/page.html.gz"))
NOWHERE = "postgresql://nobody@127.0.0.1:1/x"
MACHINE = b'{"id": 1, "title": "2016 CAT 745C", "hours": "5,239 hrs"}\n'


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "scrapy", *arguments]


@contextmanager
def process(*arguments: str, **streams):
    """A command that is ended whatever happens."""
    running = subprocess.Popen(command(*arguments), cwd=ROOT, env=environment(NOWHERE), **streams)
    try:
        yield running
    finally:
        running.kill()
        running.wait()
        for stream in (running.stdin, running.stdout, running.stderr):
            if stream is not None and not stream.closed:
                with suppress(BrokenPipeError):
                    stream.close()


def infer(*arguments: str, fed: bytes = b"") -> tuple[int, list[dict], str]:
    """`scrapy infer …`: exit status, its lines, standard error. The database that is set cannot be reached."""
    status, out, err = scrapy(environment(NOWHERE), "infer", *arguments, fed=fed)
    return status, [json.loads(line) for line in out.splitlines()], err


def test_a_file_and_standard_input_say_the_same_without_a_database(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(MACHINE)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(MACHINE))
    status, (line,), err = infer(fed=MACHINE)
    assert (status, err) == (0, "")
    assert (line["id"], line["category"], line["make"], line["hours"]) == (1, "articulated-trucks", "Caterpillar", 5239)
    assert line["size_unit"] == "t"
    for source in ("a.jsonl", "a.jsonl.gz"):
        assert infer(str(tmp_path / source)) == (0, [line], "")


def test_lines_that_cannot_be_read_are_named_and_the_others_keep_their_order():
    good = [json.dumps({"id": n, "title": "2016 CAT 745C"}).encode() for n in range(4)]
    fed = b"\r\n".join([
        b"\xef\xbb\xbf" + good[0], b"{", b"",
        b'{"title": ["2016", "CAT 745C"], "year": "abc", "vertical": "equipment"}', good[1],
        b"[1, 2]", b'{"title": "\xff"}', b'{"title": "hm"}', b'{"title": "dog bed \\ud83d", "price": NaN}', good[2],
        b'{"file": "a.html", "no_listing": "the page offers no one thing"}',
        b'{"vertical": "equipment", "title": "' + b"x" * 10_000_000 + b'"}', good[3],
    ])  # fmt: skip
    status, lines, err = infer("-", fed=fed)
    assert status == 3
    assert [line["id"] for line in lines if "id" in line] == [0, 1, 2, 3]
    assert len(lines) == 7
    said = err.splitlines()
    assert [line.split(" is ")[0].split(" does ")[0] for line in said[:4]] == ["line 2", "line 6", "line 7", "line 8"]
    assert "line 8 does not tell what it sells: give it a `vertical`, or say --vertical" in err
    assert "line 11 offers nothing: the page offers no one thing" in err
    assert said[-1] == "scrapy infer: 7 records, 4 lines skipped"
    assert "Traceback" not in err


@pytest.mark.parametrize(("arguments", "status", "message"), [
    (("a", "b"), 2, "name one file, or - for standard input"),
    (("--verticle", "dog"), 2, "--verticle"),
    (("--vertical", "cats"), 2, "invalid choice: 'cats'"),
    (("nowhere.jsonl",), 3, "nowhere.jsonl: No such file"),
    ((".",), 3, "Is a directory"),
])  # fmt: skip
def test_wrong_use_and_files_that_are_not_there(arguments, status, message):
    found, lines, err = infer(*arguments)
    assert (found, lines) == (status, [])
    assert message in err
    assert "Traceback" not in err


def test_a_slow_writers_line_comes_out_before_the_next_goes_in():
    pipe = subprocess.PIPE
    with process("infer", stdin=pipe, stdout=pipe) as running:
        for number in range(3):
            running.stdin.write(MACHINE.replace(b"1,", str(number).encode() + b",", 1))
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["id"] == number
        running.stdin.close()
        assert running.wait(30) == 0


def test_a_reader_that_has_seen_enough_ends_it_quietly():
    pipe = subprocess.PIPE
    with process("infer", stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0) as running:
        running.stdin.write(MACHINE * 2)
        running.stdout.read(1)
        running.stdout.close()
        with suppress(BrokenPipeError):  # nobody reads what we write, as it should be
            for _ in range(10_000):
                running.stdin.write(MACHINE * 100)
        assert running.wait(30) == 0
        assert running.stderr.read() == b""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_disk_is_said():
    with open("/dev/full", "wb") as full, process("infer", stdin=-1, stdout=full, stderr=-1) as running:
        _, err = running.communicate(MACHINE, timeout=60)
        assert (running.returncode, err.decode()) == (
            3,
            "scrapy infer: standard output: No space left on device; not all is written\n",
        )


@pytest.mark.parametrize(("redirection", "name"), [("<&-", "input"), ("< /dev/null >&-", "output")])
def test_a_stream_that_is_closed_is_said(redirection, name):
    line = f"exec {shlex.join(command('infer'))} {redirection}"
    ran = subprocess.run(["sh", "-c", line], cwd=ROOT, env=environment("sqlite://"), capture_output=True, timeout=60)
    assert (ran.returncode, ran.stderr.decode()) == (2, f"scrapy infer: standard {name} is closed\n")


def test_memory_stays_flat_however_much_comes():
    pipe = subprocess.PIPE
    line = b'{"title": "2016 CAT 745C", "yard": "' + b"x" * 3000 + b'"}\n'
    with process("infer", stdin=pipe, stdout=pipe) as running:
        reader = threading.Thread(target=lambda: deque(running.stdout, maxlen=0))
        reader.start()
        held = []
        for _ in range(4):
            for _ in range(2000):  # 6 MB: all of it has been read but for a pipe's fill
                running.stdin.write(line)
            running.stdin.flush()
            held.append(psutil.Process(running.pid).memory_info().rss / 2**20)
        running.stdin.close()
        assert running.wait(60) == 0
        reader.join()
    assert held[-1] - held[0] < 5


def test_a_person_sees_rows(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(MACHINE + b'{"title": "[red]Dog bed", "vertical": "dog"}\n')
    status, text = scrapy_at_a_terminal(environment(NOWHERE), "infer", str(tmp_path / "a.jsonl"))
    assert status == 0
    assert "category" in text
    assert "articulated-trucks" in text
    assert "{" not in text


def test_extract_and_infer_are_one_line_of_shell():
    files = [str(path) for path in PAGES if "ridgeline" in str(path) or "none-us-home" in str(path)]
    pipe = subprocess.PIPE
    with (
        process("extract", *files, stdout=pipe) as first,
        process("infer", stdin=first.stdout, stdout=pipe, stderr=pipe) as second,
    ):
        first.stdout.close()
        out, err = second.communicate(timeout=90)
        assert (first.wait(60), second.returncode) == (0, 0)
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["file"] for line in lines] == [file for file in files if "ridgeline" in file]
    excavator = next(line for line in lines if "excavator" in line["file"])
    assert (excavator["category"], excavator["size_value"], excavator["size_unit"]) == ("excavators", 23.0, "t")
    assert excavator["provenance"]["hours"].startswith("json-ld")
    assert err.decode().count("offers nothing") == len(files) - len(lines)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.parent.name)
def test_what_extract_prints_is_understood_as_it_is(page: Path):
    (saved,) = read_saved(page)
    said = record_of(line_of(page_report("https://dealer.example/1", saved.body, None, "equipment", TODAY)))
    if "no_listing" in said:
        return
    found = record_of(line_of(inferred_record(said, None, TODAY)))
    kept = said.keys() - INFERRED - {"provenance", "make", "attributes"}
    assert {name: found[name] for name in kept} == {name: said[name] for name in kept}
    assert found["provenance"].items() >= {n: v for n, v in said["provenance"].items() if n in found}.items()
    assert set(found.get("raw", {})) <= {"make"}

"""`scrapy record` on the demo dealers: fixtures that are read as they say, and never written over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.recording.fixture import agrees, read_fixture
from demo.running import running
from tests.crawl.crawling import environment, scrapy


@pytest.fixture(scope="module")
def demo():
    with running(machines=200, products=200) as found:
        yield found


def record(env: dict[str, str], *arguments: str) -> tuple[int, list[dict], str]:
    """`scrapy record …`: exit status, its lines, standard error."""
    status, out, err = scrapy(env, "record", *arguments)
    return status, [json.loads(line) for line in out.splitlines()], err


def assert_read_as_expected(folder: Path) -> None:
    fixture, said = read_fixture(folder)
    expected = said["expected"] if isinstance(said["expected"], list) else [said["expected"]]
    for listing, values in zip(fixture.listings(), expected, strict=False):
        assert all(agrees(getattr(listing, name), value) for name, value in values.items())


def test_pages_are_recorded_shown_and_never_written_over(demo, sqlite_url, tmp_path):
    env = environment(sqlite_url, **demo.env)
    status, lines, err = record(env, "ridgeline", "--pages", "2", "--out", str(tmp_path))
    assert status == 0, err
    assert "correct it by hand" in err
    assert sorted(line["folder"] for line in lines) == sorted(folder.name for folder in tmp_path.iterdir())
    assert len({line["url"].split("/")[4] for line in lines}) == 2
    truth = {entry["url"]: entry for entry in demo.truth("ridgeline")}
    for line in lines:
        assert line["expected"]["make"] == truth[line["url"]]["make"]
        assert_read_as_expected(tmp_path / line["folder"])
    before = {file: file.read_bytes() for file in tmp_path.rglob("*.*") if file.is_file()}
    status, again, err = record(env, "ridgeline", "--out", str(tmp_path), *(line["url"] for line in lines))
    assert (status, again) == (3, [])
    assert err.count("is there already") == 2
    assert {file: file.read_bytes() for file in before} == before


def test_records_of_a_shop_engine_are_kept_as_they_were_sent(demo, sqlite_url, tmp_path):
    status, (line,), err = record(
        environment(sqlite_url, **demo.env), "pawhaus", "--pages", "1", "--out", str(tmp_path)
    )
    assert status == 0, err
    assert (tmp_path / line["folder"] / "page.json.gz").exists()
    assert_read_as_expected(tmp_path / line["folder"])


def test_what_cannot_be_recorded_is_named(demo, sqlite_url, tmp_path):
    env = environment(sqlite_url, **demo.env)
    home = demo.url("hofmann")
    urls = [f"{home}/used/nothing-here", f"{home}/private/x", "https://elsewhere.example/"]
    status, lines, err = record(env, "hofmann", "--out", str(tmp_path), *urls)
    assert (status, lines, list(tmp_path.iterdir())) == (3, [], [])
    for why in ("http_404", "robots", "offsite"):
        assert why in err


def test_wrong_use_is_status_2_and_says_what_to_do(demo, sqlite_url, tmp_path):
    status, _, err = record(environment(sqlite_url, **demo.env), "ridgelin", "--out", str(tmp_path))
    assert status == 2
    assert "did you mean 'ridgeline'" in err

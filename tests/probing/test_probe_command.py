"""`scrapy probe` as a user runs it: each demo dealer is probed, and the file finds all of its listings."""

from __future__ import annotations

import argparse
import io
import json
import os
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from scrapy.settings import Settings

from crawler.commands.probe import Command, _Shown, _tell, home_of, problem_with
from crawler.dealers.loading import load_dealer
from crawler.probing.site import Site
from demo.dealers import DEALERS
from demo.running import RunningDemo, running
from tests.crawl.crawling import crawl, environment, rows, scrapy
from tests.probing.made_sites import MadeSite, card, detail, machines_of, page, probed

NOT_DECIDED = 3
WRONG_USE = 2


def run_probe(folder: Path, *arguments: str, **more: str) -> tuple[int, str, str]:
    """`scrapy probe …`: exit status, standard output, standard error."""
    env = environment(f"sqlite:///{folder / 'x.sqlite'}", DEALERS_DIR=str(folder), **more)
    return scrapy(env, "probe", *arguments, timeout_s=300)


@pytest.fixture(scope="module")
def demo() -> Iterator[RunningDemo]:
    with running(machines=160, products=60, page_kb=1) as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dealers")


@pytest.fixture(scope="module")
def probes(demo: RunningDemo, folder: Path) -> dict[str, tuple[int, str, str]]:
    """What the probe of each dealer said; their files are in the folder."""
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda name: run_probe(folder, demo.url(name), "--name", name), DEALERS)
        return dict(zip(DEALERS, found, strict=True))


@pytest.fixture(scope="module")
def crawled(probes: dict[str, tuple[int, str, str]], folder: Path) -> str:
    """A database with one crawl of the probed dealers, their files as they were written."""
    url = f"sqlite:///{folder / 'crawled.sqlite'}"
    env = environment(url, DEALERS_DIR=str(folder))
    for vertical in ("equipment", "dog"):
        status, _, err = crawl(vertical, env)
        assert status == 0, err
    return url


@pytest.mark.parametrize("name", DEALERS)
def test_a_demo_dealer_is_recognised_and_its_file_written(
    name: str, probes: dict[str, tuple[int, str, str]], folder: Path
) -> None:
    status, out, err = probes[name]
    assert status == 0, err
    said: dict[str, Any] = json.loads(out)
    dealer = load_dealer(folder / f"{name}.toml", {})
    assert dealer.platform == said["platform"] == DEALERS[name].platform
    assert dealer.vertical == DEALERS[name].vertical
    assert said["requests"] <= 60
    assert {"title", "price"} <= {entry["field"] for entry in said["fields"]}
    assert f"-a dealer={name}" in err


@pytest.mark.parametrize("name", DEALERS)
def test_the_crawl_by_the_written_file_finds_every_listing_once(name: str, demo: RunningDemo, crawled: str) -> None:
    wanted = Counter(path_of(entry["url"]) for entry in demo.truth(name) if entry["usable"])
    assert Counter(path_of(row["url"]) for row in rows(crawled, "listings") if row["dealer"] == name) == wanted


@pytest.mark.parametrize("name", DEALERS)
def test_a_promise_of_the_probe_is_kept_by_the_crawl(name: str, crawled: str) -> None:
    outcome = {row["dealer"]: (row["outcome"], row["reason"]) for row in rows(crawled, "crawls")}
    assert outcome[name][0] == "healthy", outcome[name][1]


def path_of(url: str) -> str:
    return url.partition("//")[2].partition("/")[2]


def test_a_file_that_exists_is_not_written_over(demo: RunningDemo, tmp_path: Path) -> None:
    file = tmp_path / "quarry.toml"
    file.write_text("mine")
    status, _, err = run_probe(tmp_path, demo.url("quarry"), "--name", "quarry")
    assert status == WRONG_USE
    assert "quarry.toml exists" in err
    assert file.read_text() == "mine"


def test_a_dry_run_prints_the_file_and_writes_nothing(demo: RunningDemo, tmp_path: Path) -> None:
    status, out, _ = run_probe(tmp_path, demo.url("quarry"), "--name", "quarry", "--dry-run")
    assert status == 0
    (tmp_path / "copy.toml").write_text(out)
    assert load_dealer(tmp_path / "copy.toml", {}).platform == "feed"
    assert [file.name for file in tmp_path.glob("*.toml")] == ["copy.toml"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name one address"),
        (("ftp://acme.example/",), "is no web address"),
        (("http://[::1",), "'http://[::1' is no web address"),
        (("http://acme:99999/",), "is no web address"),
        (("http://", "--name", "acme"), "'http://' is no web address"),
        (("https://acme.example/", "--name", "../evil"), "small letters"),
        (("https://acme.example/", "--max-requests", "3"), "at least 20"),
        (("https://acme.example/",), "CONTACT is not set"),
        (("http://127.0.0.1:9/", "--out", "/nowhere/at/all"), "no such folder"),
    ],
)
def test_wrong_use_is_said_before_anything_is_asked(
    arguments: tuple[str, ...], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CONTACT", "CONTACT_FILE", "DEALERS_DIR"):
        monkeypatch.delenv(name, raising=False)
    parser = argparse.ArgumentParser()
    command = Command()
    command.settings = Settings()
    command.add_options(parser)
    opts, args = parser.parse_known_args(arguments)
    assert message in str(problem_with(args, opts))


def test_an_address_is_completed_as_a_browser_does() -> None:
    assert home_of("acme.example") == "https://acme.example/"
    assert home_of("HTTP://acme.example") == "http://acme.example/"
    assert home_of("http://localhost:3000/used?x=1") == "http://localhost:3000/used?x=1"


def test_a_folder_that_may_not_be_written_in_is_said_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: (path, mode) != (tmp_path, os.W_OK))
    parser = argparse.ArgumentParser()
    command = Command()
    command.settings = Settings()
    command.add_options(parser)
    opts, args = parser.parse_known_args(["http://127.0.0.1:9/", "--out", str(tmp_path)])
    assert problem_with(args, opts) == f"{tmp_path}: nothing may be written there"


def test_what_was_found_is_not_lost_where_somebody_wrote_the_file_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setenv("DEALERS_DIR", str(tmp_path))
    machines = machines_of("dozers", 6, 100)
    site = MadeSite({"/": page("Dozers", "".join(map(card, machines)))})
    site.pages |= {machine.path: detail(machine) for machine in machines}
    found = probed(site)
    file = tmp_path / "acme.toml"
    file.write_text("mine")
    assert _tell(found, Site(site.ask), file, dry_run=False) == WRONG_USE
    said = capsysbinary.readouterr()
    assert b"File exists" in said.err
    assert tomllib.loads(said.out.decode())["title"] == found.dealer.title
    assert file.read_text() == "mine"


@pytest.mark.parametrize("inside", [True, False])
def test_the_next_command_finds_the_file(
    inside: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    out = tmp_path / "my dealers"
    out.mkdir()
    monkeypatch.setenv("DEALERS_DIR", str(out if inside else tmp_path))
    machines = machines_of("dozers", 6, 100)
    site = MadeSite({"/": page("Dozers", "".join(map(card, machines)))})
    site.pages |= {machine.path: detail(machine) for machine in machines}
    assert _tell(probed(site), Site(site.ask), out / "acme.toml", dry_run=False) == 0
    command = capsysbinary.readouterr().err.decode().splitlines()[-1].strip()
    assert command.startswith("scrapy crawl" if inside else f"DEALERS_DIR='{out}' scrapy crawl equipment")


def test_what_stands_in_an_address_is_no_markup_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.commands.probe.Console", lambda **_: Console(file=io.StringIO(), force_terminal=True))
    shown = _Shown(60)
    with shown:
        shown.stage("sections")
        shown.asking("http://127.0.0.1/[/red]map[bold].xml")


def test_a_site_out_of_reach_is_told_from_wrong_use(tmp_path: Path) -> None:
    status, out, err = run_probe(tmp_path, "http://127.0.0.1:9/")
    assert status == NOT_DECIDED
    assert "cannot be" in err
    assert "Traceback" not in err
    assert not out
    assert not list(tmp_path.glob("*.toml"))

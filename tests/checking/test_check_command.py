"""`scrapy dealers check` on the demo dealers, as a schedule runs it."""

from __future__ import annotations

import json

import pytest

from demo.running import running
from tests.crawl.crawling import ROOT, environment, scrapy

DEALERS = ["barkwood", "hofmann", "pawhaus", "quarry", "ridgeline", "skyline"]


@pytest.fixture(scope="module")
def demo():
    with running() as found:
        yield found


@pytest.fixture(autouse=True)
def well(demo):
    yield
    for name in demo.urls:
        demo.switch(name, reset=True)


def dealers(env: dict[str, str], *arguments: str) -> tuple[int, list[dict], str]:
    """`scrapy dealers …`: exit status, its lines, standard error."""
    status, out, err = scrapy(env, "dealers", *arguments)
    return status, [json.loads(line) for line in out.splitlines()], err


def test_every_demo_dealer_keeps_its_promise_and_is_asked_for_little(demo, sqlite_url):
    for name in demo.urls:
        demo.switch(name, forget=True)
    status, lines, err = dealers(environment(sqlite_url, **demo.env), "check", "--all")
    assert status == 0, err
    assert sorted(line["dealer"] for line in lines) == DEALERS
    assert {line["outcome"] for line in lines} == {"healthy"}
    assert all(line["listings"] and line["fill"]["price"]["of"] for line in lines)
    assert "6 of 6: " in err
    _, listed, _ = dealers(environment(sqlite_url, **demo.env))
    assert {line["verified_outcome"] for line in listed} == {"healthy"}
    assert all(line["verified_at"] and line["last_crawl"] is None for line in listed)
    for name in demo.urls:
        paths = [entry["path"] for entry in demo.requests(name)]
        assert len([path for path in paths if path != "/robots.txt"]) <= 5
        assert paths.count("/robots.txt") <= 2


def test_a_dealer_that_is_down_and_one_that_blocks_give_status_3_and_are_named(demo, sqlite_url):
    demo.switch("skyline", fail="block")
    env = environment(sqlite_url, **demo.env | {"DEMO_PORT_F": "9"})
    status, lines, err = dealers(env, "check", "quarry", "skyline", "hofmann")
    assert status == 3
    assert {line["dealer"]: line["outcome"] for line in lines} == {
        "quarry": "refused",
        "skyline": "blocked",
        "hofmann": "healthy",
    }
    assert "quarry refused: robots.txt is not to be had" in err
    assert "Traceback" not in err


def test_sections_that_are_gone_and_forbidden_are_named(demo, sqlite_url, tmp_path):
    said = (ROOT / "demo/dealers/hofmann.toml").read_text()
    moved = said.replace('excavators = ["/de/bagger", "/en/excavators"]', 'excavators = "/de/minibagger"')
    (tmp_path / "moved.toml").write_text(moved.partition("wheel-loaders")[0] + "[walk]" + moved.partition("[walk]")[2])
    (tmp_path / "private.toml").write_text(said.replace('dozers = ["/de/planierraupen"', 'dozers = ["/private/dozers"'))
    (tmp_path / "wrong.toml").write_text("title = 3")
    env = environment(sqlite_url, **demo.env | {"DEALERS_DIR": str(tmp_path)})
    status, lines, err = dealers(env, "check", "--all")
    assert status == 3
    outcomes = {line["dealer"]: (line["outcome"], line["findings"][0]["text"]) for line in lines}
    assert outcomes["moved"] == ("http_404", "section excavators: http_404 (the server answered 404)")
    assert outcomes["private"] == ("robots", "robots.txt forbids sections: dozers")
    assert "wrong.toml" in err
    assert not [entry for entry in demo.requests("hofmann") if entry["path"].startswith("/private")]


def test_wrong_use_is_status_2_and_says_what_to_do(demo, sqlite_url):
    status, lines, err = dealers(environment(sqlite_url, **demo.env), "check", "quary")
    assert (status, lines) == (2, [])
    assert "did you mean 'quarry'" in err

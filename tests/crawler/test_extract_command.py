"""`scrapy extract` as a user runs it: files, addresses, wrong use."""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterator
from contextlib import suppress

import pytest
from scrapy.settings import Settings

from crawler.commands.extract import Command, problem_with
from crawler.fetching.asking import Answer, Asking
from crawler.fetching.asking_pages import owners_of
from tests.crawl.crawling import environment, scrapy
from tests.crawler.dealer_files import dealer
from tests.servers.answering import Answered, Asked, answering

PAGE = (
    "<html><head><title>2016 Volvo L120H</title></head><body><h1>2016 Volvo L120H</h1>"
    "<table><tr><th>Price</th><td>USD 45,000</td></tr><tr><th>Hours</th><td>4,321</td></tr></table></body></html>"
)
HAR = {
    "log": {
        "entries": [
            {
                "request": {"url": "https://acme.example/l120h"},
                "response": {"content": {"mimeType": "text/html", "text": PAGE}},
            }
        ]
    }
}


def extract(*arguments: str) -> tuple[int, list[dict], str]:
    """`scrapy extract …`: exit status, its lines, standard error."""
    status, out, err = scrapy(environment("sqlite://"), "extract", *arguments)
    return status, [json.loads(line) for line in out.splitlines()], err


@pytest.fixture(scope="module")
def home() -> Iterator[str]:
    def answer(asked: Asked) -> Answered:
        return (200, {}, PAGE.encode()) if asked.path == "/l120h" else (404, {}, b"")

    with answering(answer) as port:
        yield f"http://127.0.0.1:{port}"


def test_files_of_each_kind_are_read_and_broken_ones_named(tmp_path):
    (tmp_path / "a.html").write_text(PAGE)
    (tmp_path / "b.html.gz").write_bytes(gzip.compress(PAGE.encode()))
    (tmp_path / "c.har").write_text(json.dumps(HAR))
    (tmp_path / "d.html.gz").write_bytes(gzip.compress(PAGE.encode())[:40])
    (tmp_path / "e.har").write_text("{")
    files = [str(tmp_path / name) for name in ("a.html", "b.html.gz", "c.har", "d.html.gz", "e.har", "f.html")]
    status, lines, err = extract(*files)
    assert status == 3
    assert [line["file"] for line in lines] == files[:3]
    assert {line["price"] for line in lines} == {"45000.00"}
    assert all(line["provenance"]["price"] for line in lines)
    assert lines[2]["url"] == "https://acme.example/l120h"
    assert all(name in err for name in files[3:])
    assert "Traceback" not in err


def test_a_file_has_the_address_that_is_said(tmp_path):
    (tmp_path / "a.html").write_text(PAGE)
    status, (line,), _ = extract(str(tmp_path / "a.html"), "--url", "https://acme.example/x")
    assert (status, line["url"]) == (0, "https://acme.example/x")


def test_addresses_are_asked_for_and_one_that_is_gone_costs_only_itself(home):
    status, (line,), err = extract(f"{home}/gone", f"HTTP{home[4:]}/l120h")
    assert (status, line["url"], line["hours"]) == (3, f"{home}/l120h", 4321)
    assert f"{home}/gone: http_404" in err


def options(*arguments: str) -> tuple[Command, list[str], argparse.Namespace]:
    parser = argparse.ArgumentParser()
    command = Command()
    command.settings = Settings()
    command.add_options(parser)
    opts, args = parser.parse_known_args(arguments)
    return command, args, opts


@pytest.mark.parametrize(("arguments", "message"), [
    ((), "at least one file or URL"),
    (("http://[::1",), "'http://[::1' is no web address"),
    (("http://acme:99999/",), "is no web address"),
    (("https://acme.example/",), "CONTACT is not set"),
    (("a.html", "b.html", "--url", "https://acme.example/"), "--url goes with one file"),
    (("a.html", "--url", "nonsense"), "'nonsense' is no web address"),
    (("a.html", "--currency", "euro"), "no ISO 4217 code"),
])  # fmt: skip
def test_wrong_use_is_said_before_anything_is_asked(arguments, message, monkeypatch):
    for name in ("CONTACT", "CONTACT_FILE"):
        monkeypatch.delenv(name, raising=False)
    _, args, opts = options(*arguments)
    assert message in str(problem_with(args, opts))


class BrokenOff:
    """A process whose conversation ends after the first address, as at Ctrl-C."""

    def crawl(self, spider, *, talk, delay_s):
        assert spider is Asking
        self.talk = talk

    def start(self):
        async def ask(url):
            if url.endswith("2"):
                raise KeyboardInterrupt
            return Answer(url, 200, PAGE.encode())

        with suppress(KeyboardInterrupt, StopIteration):
            self.talk(ask).send(None)


def test_what_was_broken_off_is_no_success(capsysbinary, monkeypatch):
    monkeypatch.delenv("CONTACT", raising=False)
    command, args, opts = options("http://127.0.0.1/1", "http://127.0.0.1/2", "http://127.0.0.1/3")
    command.crawler_process = BrokenOff()
    command.run(args, opts)
    said = capsysbinary.readouterr()
    assert command.exitcode == 3
    assert said.out.count(b"\n") == 1
    assert b"broken off before http://127.0.0.1/2" in said.err


def test_an_address_is_asked_for_as_the_file_of_its_dealer_says_or_as_the_command_does():
    known = dealer(name="acme", render="auto", headers={"X-Key": "1"})
    urls = [f"{known.url}/l120h", "http://made.example/1", "http://www.made.example/2", "https://other.example/"]
    owners = owners_of(urls, None, [known])
    assert [owners[url].name for url in urls] == ["acme", "page-1", "page-1", "page-2"]
    assert [owners[url].render for url in urls] == ["auto", "never", "never", "never"]
    owners = owners_of(urls, "always", [known])
    assert {owner.render for owner in owners.values()} == {"always"}
    assert owners[urls[0]].headers == known.headers

"""A warm command says and does what one in a process of its own does, and nothing of one reaches the next.

These are also the tests that really start each command: what it imports too late, or not at all, is seen here.
"""

from __future__ import annotations

import re
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from demo.running import running
from tests.crawl.crawling import ROOT, environment, rows, scrapy, scrapy_of_its_own
from tests.servers.warm_scrapy import run

COMMANDS = {
    "correct": ["{folder}"],
    "crawl": ["equipment", "-a", "dealer=quarry", "-a", "limit=2"],
    "dealers": ["check", "quarry"],
    "extract": [str(next((ROOT / "tests" / "recorded" / "pages").glob("ridgeline*")) / "page.html.gz")],
    "infer": ["-"],
    "ingest": ["-"],
    "probe": ["{quarry}", "--name", "quarry", "--dry-run"],
    "queue": ["show"],
    "record": ["quarry", "--pages", "1", "--out", "{folder}"],
    "prune": ["--keep", "730d"],
    "rework": ["--infer"],
    "snapshot": ["--dir", "{folder}"],
    "work": [],
}
WANT_A_QUEUE = ("queue", "work")
"""Without one they say so."""
BED = b'{"dealer": "paws", "external_id": "b1", "title": "Dog bed 1", "vertical": "dog"}\n{\n'


@pytest.fixture(scope="module")
def demo():
    with running(machines=60, products=24) as found:
        yield found


def test_each_command_is_really_started_here():
    """A new command wants a line above."""
    there = {file.stem for file in (ROOT / "crawler" / "commands").glob("*.py")} - {"__init__"}
    assert there == COMMANDS.keys()


@pytest.mark.parametrize("command", COMMANDS)
def test_it_says_and_stores_the_same_as_in_a_process_of_its_own(command, demo, tmp_path):
    def by(runner, folder: Path):
        folder.mkdir()
        url = f"sqlite:///{folder / 'yard.sqlite'}"
        words = [word.format(quarry=demo.url("quarry"), folder=folder) for word in COMMANDS[command]]
        (folder / "fields.csv").write_text(
            "dealer,external_id,field,value,reason,by\npaws,b1,title,Round bed,label,eva\n"
        )
        if command in ("correct", "prune", "rework", "snapshot"):  # want a database
            scrapy(environment(url), "ingest", "-", fed=BED)
        status, out, err = runner(environment(url, **demo.env), command, *words, fed=BED)
        stored = rows(url, "listings") if (folder / "yard.sqlite").exists() else []
        said = [re.sub(r"[\d.]+", "#", text.replace(str(folder), "")) for text in (out, err)]
        return status, *said, [(row["dealer"], row["external_id"], row["title"]) for row in stored]

    own = by(scrapy_of_its_own, tmp_path / "own")
    assert by(scrapy, tmp_path / "warm") == own
    assert own[0] in ((2,) if command in WANT_A_QUEUE else (0, 3))
    assert own[1] or own[3] or command in WANT_A_QUEUE
    assert "Traceback" not in own[2]


@pytest.mark.parametrize("arguments", [["crawl"], ["nonsense"], ["infer", "--verticle", "dog"]])
def test_it_ends_the_same_as_in_a_process_of_its_own(arguments):
    env = environment("sqlite://", CONTACT="yard@example.com", COLUMNS="90")
    assert scrapy(env, *arguments) == scrapy_of_its_own(env, *arguments)


def test_a_setting_is_of_one_command_only():
    asked = ("settings", "--get", "USER_AGENT")
    said = [scrapy(environment("sqlite://", **more), *asked) for more in ({"CONTACT": "a@b.example"}, {}, {})]
    assert said == [
        (0, "Yardstick/0.1 (+a@b.example)\n", ""), (0, "Yardstick/0.1\n", ""), (0, "Yardstick/0.1\n", "")
    ]  # fmt: skip
    assert scrapy(environment("sqlite://", LEASE_SECONDS="soon"), *asked)[0] == 2


@pytest.fixture
def shell(sqlite_url):
    """Runs an expression in Scrapy's shell, which is a command too."""

    def go(expression: str, timeout_s: float = 60, **more: str):
        return run(("shell", "-c", expression), environment(sqlite_url) | more, timeout_s=timeout_s)

    return go


def test_what_an_interpreter_reads_at_its_start_is_believed(shell):
    found = shell(
        "(__import__('sys').warnoptions, __import__('time').tzname)",
        PYTHONWARNINGS="error::SyntaxWarning:nowhere",
        TZ="Asia/Tokyo",
    )
    assert found.status == 0
    assert b"error::SyntaxWarning:nowhere" in found.out
    assert b"JST" in found.out


def test_one_that_takes_too_long_is_killed(shell, tmp_path):
    told = f"open({str(tmp_path / 'pid')!r}, 'w').write(str(__import__('os').getpid()))"
    with pytest.raises(subprocess.TimeoutExpired):
        shell(f"({told}, __import__('time').sleep(99))", timeout_s=4)
    deadline = time.monotonic() + 10
    while psutil.pid_exists(int((tmp_path / "pid").read_text())):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_signal_that_ends_it_is_told_as_subprocess_tells_it(shell):
    assert shell("__import__('os').kill(__import__('os').getpid(), 9)").status == -signal.SIGKILL

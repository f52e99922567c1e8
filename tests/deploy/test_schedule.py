"""deploy/schedule.sh: runs are said, a failed one stays visible, and a stop reaches the crawl."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "deploy" / "schedule.sh"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A `scrapy` in the PATH that notes its arguments and does what `crawl-VERTICAL` in its folder says."""
    fake = tmp_path / "bin" / "scrapy"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/calls\n. {tmp_path}/crawl-$2\n')
    fake.chmod(0o755)
    return os.environ | {"PATH": f"{fake.parent}:{os.environ['PATH']}", "CRAWL_STATE": str(tmp_path / "state")}


def start(environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(["sh", SCRIPT], env=environment, stdout=output, stderr=subprocess.STDOUT)


def wait_until(seen: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not seen():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.02)


def check(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", SCRIPT, "check"], env=environment, capture_output=True, text=True, check=False)


def test_both_verticals_are_crawled_and_a_failed_run_shows_in_the_check(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / "crawl-equipment").write_text("echo ridgeline failed >&2; exit 3")
    (tmp_path / "crawl-dog").write_text("exit 0")
    log = tmp_path / "log"
    process = start(environment, log)
    try:
        wait_until(lambda: "next run in" in log.read_text())
        assert (tmp_path / "calls").read_text().splitlines() == ["crawl equipment", "crawl dog"]
        assert "ridgeline failed" in log.read_text()
        assert "equipment ended with exit status 3: some dealers failed" in log.read_text()
        checked = check(environment)
        assert checked.returncode == 1
        assert "equipment: exit status 3" in checked.stdout
        assert "dog" not in checked.stdout
    finally:
        process.terminate()
        assert process.wait(20) == 0


def test_the_check_is_well_before_the_first_run_has_ended_and_after_a_good_one(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    assert check(environment).returncode == 0
    (tmp_path / "crawl-dog").write_text("exit 0")
    log = tmp_path / "log"
    process = start(environment | {"CRAWL_VERTICALS": "dog"}, log)
    try:
        wait_until(lambda: "next run in" in log.read_text())
        assert check(environment).returncode == 0
    finally:
        process.terminate()
        process.wait(20)


def test_runs_repeat_and_a_healthy_one_clears_the_failed_one(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "crawl-dog").write_text(f"[ $(wc -l <{tmp_path}/calls) -ge 2 ] || exit 4")
    settings = environment | {"CRAWL_VERTICALS": "dog", "CRAWL_EVERY": "1s"}
    log = tmp_path / "log"
    process = start(settings, log)
    try:
        wait_until(lambda: "exit status 4" in log.read_text())
        wait_until(lambda: "exit status 0" in log.read_text())
        assert check(settings).returncode == 0
    finally:
        process.terminate()
        process.wait(20)


def test_the_dealers_are_checked_where_the_schedule_says_so(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "crawl-check").write_text("echo acme below_expectation; exit 3")
    (tmp_path / "crawl-dog").write_text("exit 0")
    settings = environment | {"CRAWL_VERTICALS": "check dog"}
    log = tmp_path / "log"
    process = start(settings, log)
    try:
        wait_until(lambda: "next run in" in log.read_text())
        assert (tmp_path / "calls").read_text().splitlines() == ["dealers check --all", "crawl dog"]
        assert "scrapy dealers check --all ended with exit status 3: some dealers failed" in log.read_text()
        assert "check: exit status 3" in check(settings).stdout
    finally:
        process.terminate()
        process.wait(20)


def test_a_stop_reaches_the_crawl_and_waits_for_it(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "crawl-equipment").write_text(
        f"trap 'sleep 0.3; echo closed >>{tmp_path}/closed; exit 0' TERM\necho up >{tmp_path}/up\n"
        "while :; do sleep 0.05; done"
    )
    process = start(environment, tmp_path / "log")
    wait_until((tmp_path / "up").exists)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert (tmp_path / "closed").read_text() == "closed\n"
    assert (tmp_path / "calls").read_text().splitlines() == ["crawl equipment"]


@pytest.mark.parametrize("every", ["soon", "10", "-1h", "1.5h", "0h", "h"])
def test_a_pace_that_cannot_be_read_ends_with_status_2_and_says_what_to_write(
    every: str, environment: dict[str, str]
) -> None:
    settings = environment | {"CRAWL_EVERY": every}
    run = subprocess.run(["sh", SCRIPT], env=settings, capture_output=True, text=True, timeout=20, check=False)
    assert run.returncode == 2
    assert f"CRAWL_EVERY={every}" in run.stderr

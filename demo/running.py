"""The demo dealers for as long as a test needs them: `with running() as demo: demo.url("ridgeline")`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from demo.dealers import DEALERS

DEALERS_DIR: Final = Path(__file__).parent / "dealers"
READY_WITHIN_S: Final = 30.0


class DemoFailed(RuntimeError):
    """The demo process ended or said nothing; the message holds what it wrote."""


@dataclass(frozen=True, slots=True)
class RunningDemo:
    """A demo that is ready. `env` is what a crawler's environment needs to find it (and its dealer files)."""

    urls: dict[str, str]
    env: dict[str, str]
    pid: int

    def url(self, name: str) -> str:
        """The dealer's home, without a slash at the end."""
        return self.urls[name]

    def truth(self, name: str) -> list[dict[str, Any]]:
        """What a perfect crawl stores of this dealer now."""
        found: list[dict[str, Any]] = self._call(name, "/_demo/truth")
        return found

    def requests(self, name: str) -> list[dict[str, Any]]:
        """Requests that the dealer got since its start or since `switch(name, forget=True)`."""
        found: list[dict[str, Any]] = self._call(name, "/_demo/requests")
        return found

    def switch(self, name: str, **command: Any) -> None:
        """Apply a switch, e.g. `price={"id": "RE20105", "to": 1000}`, `fail="429"`, `reset=True`.

        Raises ValueError if it cannot be applied.
        """
        self._call(name, "/_demo", command)

    def _call(self, name: str, path: str, command: dict[str, Any] | None = None) -> Any:
        body = None if command is None else json.dumps(command).encode()
        request = urllib.request.Request(self.urls[name] + path, body, {"content-type": "application/json"})  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise ValueError(error.read().decode()) from None


def _ready(process: subprocess.Popen[bytes], output: Path) -> dict[str, str]:
    """Wait for one line a dealer; returns their URLs by name."""
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until:
        text = output.read_text()
        lines = [line.split() for line in text.splitlines()]
        urls = {words[0]: words[1] for words in lines if len(words) > 1 and words[0] in DEALERS}
        if len(urls) == len(DEALERS) and text.endswith("\n"):
            return urls
        if process.poll() is not None:
            raise DemoFailed(f"the demo ended with status {process.returncode}: {text}")
        time.sleep(0.02)
    raise DemoFailed(f"the demo was not ready within {READY_WITHIN_S} s: {output.read_text()}")


@contextmanager
def running(
    port_base: int = 0,
    seed: int = 1,
    machines: int | None = None,
    products: int | None = None,
    page_kb: int | None = None,
    prepare: bool = False,
) -> Iterator[RunningDemo]:
    """Start `python -m demo` (on free ports with `port_base=0`), wait until it is ready, and stop it at the end."""
    command = [sys.executable, "-m", "demo", f"--port-base={port_base}", f"--seed={seed}"]
    for name, value in (("machines", machines), ("products", products), ("page-kb", page_kb)):
        command += [] if value is None else [f"--{name}={value}"]
    command += ["--prepare"] if prepare else []
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "demo.log"
        with output.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=Path(__file__).parent.parent,
            )
        try:
            urls = _ready(process, output)
            ports = {DEALERS[name].port_variable: url.rpartition(":")[2] for name, url in urls.items()}
            env = {"DEMO_HOST": "127.0.0.1", "DEALERS_DIR": os.fspath(DEALERS_DIR), **ports}
            yield RunningDemo(urls, env, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

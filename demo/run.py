"""`make run`: the six demo dealers, a crawl of each vertical into demo.sqlite, and the API over it, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from types import FrameType

API_PORT = 8000
DATABASE = Path("demo.sqlite")
READY_S = 30.0
GRACE = ("--timeout-graceful-shutdown", "5")


class Ended(Exception):
    """Ctrl-C or SIGTERM."""


def main() -> int:
    """Exit status: 0 ended by the user, 1 something could not start."""
    port_base = int(os.environ.get("DEMO_PORT_BASE", "9100"))
    api_port = int(os.environ.get("API_PORT", str(API_PORT)))
    for number in (api_port, *range(port_base + 1, port_base + 7)):
        if _taken(number):
            print(
                f"port {number} is in use: stop what listens there, or set API_PORT or DEMO_PORT_BASE", file=sys.stderr
            )
            return 1
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)
    children: list[subprocess.Popen[bytes]] = []
    try:
        return _run(children, port_base, api_port)
    except Ended:
        return 0
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _stop(children)


def _run(children: list[subprocess.Popen[bytes]], port_base: int, api_port: int) -> int:
    environment = os.environ | {
        "DEALERS_DIR": "demo/dealers",
        "DATABASE_URL": f"sqlite:///{DATABASE}",
        **{f"DEMO_PORT_{letter}": str(port_base + number) for number, letter in enumerate("ABCDEF", 1)},
    }
    started = time.monotonic()
    dealers = _start(children, ["-m", "demo", "--port-base", str(port_base)], environment)
    for number in range(port_base + 1, port_base + 7):
        _wait(f"http://127.0.0.1:{number}/robots.txt", dealers)
    for vertical in ("equipment", "dog"):
        print(f"Crawling the {vertical} dealers into {DATABASE} …", flush=True)
        crawl = _start(children, ["-m", "scrapy", "crawl", vertical], environment)
        status = crawl.wait()
        if status not in (0, 3):
            print(f"the crawl of {vertical} ended with status {status}", file=sys.stderr)
            return 1
    api = _start(
        children,
        ["-m", "uvicorn", "api.app:app", "--port", str(api_port), "--log-level", "warning", "--no-access-log", *GRACE],
        environment | {"LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING")},
    )
    _wait(f"http://127.0.0.1:{api_port}/ready", api)
    print(_what_to_open(f"http://127.0.0.1:{api_port}", time.monotonic() - started), flush=True)
    return api.wait()


def _what_to_open(api: str, seconds: float) -> str:
    return f"""
Six dealers crawled and served after {seconds:.0f} s. Open

  {api}/                                       what is there
  {api}/docs                                   every endpoint, to try out
  {api}/v1/listings?category=excavators&price__lte=50000&sort=-year
  {api}/v1/listings.csv?vertical=dog           the whole set, for a spreadsheet

Ctrl-C ends all of it. `make test` runs the tests."""


def _start(
    children: list[subprocess.Popen[bytes]], arguments: list[str], environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    # A group of its own: Ctrl-C reaches only us, and we end the others in order.
    child = subprocess.Popen([sys.executable, *arguments], env=environment, start_new_session=True)  # noqa: S603
    children.append(child)
    return child


def _wait(url: str, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise SystemExit(f"what should answer at {url} ended with status {child.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310
                return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit(f"nothing answers at {url} after {READY_S:.0f} s")


def _stop(children: Iterable[subprocess.Popen[bytes]]) -> None:
    going = [child for child in children if child.poll() is None]
    for child in reversed(going):
        child.terminate()
    for child in going:
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise Ended


if __name__ == "__main__":
    sys.exit(main())

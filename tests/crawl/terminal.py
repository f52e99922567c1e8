"""What a person at a terminal sees of a command."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Mapping

from tests.crawl.crawling import ROOT


def scrapy_at_a_terminal(env: Mapping[str, str], *arguments: str) -> tuple[int, str]:
    """Run `scrapy …` with a terminal: its exit status, and all that was shown, without colours."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "scrapy", *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=dict(env), stdout=theirs, stderr=theirs) as running:
        os.close(theirs)
        shown = b""
        while part := _read(ours):
            shown += part
        status = running.wait(30)
    os.close(ours)
    return status, re.sub(r"\x1b\[[\d;?]*\w", "", shown.decode())


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1000)
    except OSError:  # it is closed
        return b""

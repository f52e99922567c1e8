"""The processes of a browser: known from its start, so that one that no longer answers can be ended."""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.async_api import Browser

ANSWER_S: Final = 5.0
"""A browser that takes longer to close something does not answer any more."""


@dataclass(frozen=True, slots=True)
class Processes:
    """Of the browser, and of Playwright's driver, which started it (None where that cannot be known)."""

    browser: int
    driver: int | None

    def kill_browser(self) -> None:
        """End it without asking, and what it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getpgid(self.browser) == self.browser:
                os.killpg(self.browser, signal.SIGKILL)
            else:
                os.kill(self.browser, signal.SIGKILL)

    def kill_driver(self) -> None:
        """End it without asking."""
        if self.driver is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.driver, signal.SIGKILL)


async def processes_of(browser: Browser) -> Processes | None:
    """What the browser says of itself; None where it does not."""
    session = await browser.new_browser_cdp_session()
    said = await session.send("SystemInfo.getProcessInfo")
    await session.detach()
    pid = next((int(entry["id"]) for entry in said["processInfo"] if entry["type"] == "browser"), None)
    return None if pid is None else Processes(pid, _child_that_is_parent_of(pid))


def _child_that_is_parent_of(pid: int) -> int | None:
    """The process between this one and another; only Linux tells by a file."""
    try:
        parent = _parent(pid)
        return parent if _parent(parent) == os.getpid() else None
    except (OSError, ValueError, IndexError):
        return None


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[1])

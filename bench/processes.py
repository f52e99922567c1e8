"""Processor time and memory of a process with all that it started, from Linux's /proc."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK")
_PAGE_MB: Final = os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass(frozen=True, slots=True)
class Used:
    """Processor seconds since the start, those of ended children too; memory held now."""

    cpu_s: float = 0.0
    memory_mb: float = 0.0


def used_by(pid: int | None) -> Used:
    """What a process and its descendants use; nothing where there is none."""
    cpu_s = memory_mb = 0.0
    for one in _family(pid) if pid else ():
        fields = _fields(one)
        if fields:
            cpu_s += sum(int(field) for field in fields[11:15]) / _TICKS_A_SECOND
            memory_mb += int(fields[21]) * _PAGE_MB
    return Used(cpu_s, memory_mb)


def children(pid: int) -> dict[int, str]:
    """A process's children: number → name of the program."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _fields(int(entry.name))) and int(fields[1]) == pid:
            with suppress(OSError):  # it has ended since
                found[int(entry.name)] = (entry / "comm").read_text().strip()
    return found


def _family(pid: int) -> list[int]:
    family = [pid]
    for one in family:
        family.extend(children(one))
    return family


def _fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name: state, parent, …; none where the process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []

"""Commands that go through what is stored batch by batch: what is lost or broken off midway is told, and run again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.exc import OperationalError

from crawler.database_command import DONE, NO_DATABASE, SOME_LEFT
from crawler.reports.progress import LongWork
from inventory.engine import said

TRIES_S: Final = (1.0, 4.0, 10.0)
"""Waits between tries where the database does not answer: a restart takes a few seconds."""


@dataclass
class Ended:
    """With which exit status the batches ended."""

    status: int = DONE


@contextmanager
def broken_off(command: str, progress: LongWork) -> Iterator[Ended]:
    """What was done before the database was lost or a person broke it off is told all the same."""
    ended = Ended()
    try:
        yield ended
    except OperationalError as error:
        progress.note(f"scrapy {command}: DATABASE_URL: the database was lost: {said(error)}; what is told is done")
        ended.status = NO_DATABASE
    except KeyboardInterrupt:
        progress.note(f"scrapy {command}: broken off; run it again to go on")
        ended.status = SOME_LEFT


def tried(progress: LongWork) -> Callable[..., Any]:
    """Calls a function of the database, and again where that does not answer: a batch is whole or nothing."""

    def attempt(call: Callable[..., Any], *arguments: Any) -> Any:
        for wait_s in TRIES_S:
            try:
                return call(*arguments)
            except OperationalError as error:
                progress.note(f"the database did not answer: {said(error)}; again in {wait_s:.0f} s")
                time.sleep(wait_s)
        return call(*arguments)

    return attempt

"""Standard output of the commands: written at once, and quiet where its reader has seen enough (`| head`)."""

from __future__ import annotations

import os
import sys
from typing import Any

import orjson


def put(text: bytes) -> bool:
    """Write on standard output; False where nobody reads it any more: then it goes nowhere, here and from now on.

    Raises `OSError` where it cannot be written (a full disk): what comes later goes nowhere then too.
    """
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()
    except OSError as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        if isinstance(error, BrokenPipeError):
            return False
        raise
    return True


def put_json(value: Any, *, indent: bool = False) -> bool:
    """The same for a line of JSON; with `indent` an object over several lines, for people."""
    option = orjson.OPT_APPEND_NEWLINE | (orjson.OPT_INDENT_2 if indent else 0)
    return put(orjson.dumps(value, default=str, option=option))

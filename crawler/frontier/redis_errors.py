"""What an error of Redis means: whether asking again can help."""

from __future__ import annotations

from typing import Final

from redis.exceptions import AuthenticationError, AuthorizationError, NoPermissionError, ResponseError

_OURS: Final = (
    "user_script", "Error running script", "Error compiling script", "WRONGTYPE", "hash value is not", "value is not",
    "increment or decrement",
)  # fmt: skip
"""How errors of a script itself, or of what it finds, begin."""

_OF_THE_SERVER: Final = ("-OOM", "-READONLY", "-MISCONF", "-LOADING", "-BUSY", "-NOREPLICAS", "-NOPERM", "-MASTERDOWN")
"""Redis 6 wraps what its own state refuses in "Error running script"."""


def is_lasting(error: BaseException) -> bool:
    """Whether Redis knows us and does not let us in: somebody has to change something first."""
    return isinstance(error, NoPermissionError | AuthenticationError | AuthorizationError)


def is_our_bug(error: BaseException) -> bool:
    """Whether a script failed, and would fail again; not where Redis is full, loads, or is somebody's replica."""
    if type(error) is not ResponseError:
        return False
    said = str(error).removeprefix("ERR ")
    return said.startswith(_OURS) and not any(word in said for word in _OF_THE_SERVER)

"""What an error of Redis means: whether asking again can help."""

from __future__ import annotations

from typing import Final

from redis.exceptions import AuthenticationError, AuthorizationError, NoPermissionError, RedisError, ResponseError

_OURS: Final = (
    "user_script", "Error running script", "Error compiling script", "WRONGTYPE", "hash value is not", "value is not",
    "increment or decrement",
)  # fmt: skip
"""How errors of a script itself, or of what it finds, begin."""

_OF_THE_SERVER: Final = ("-OOM", "-READONLY", "-MISCONF", "-LOADING", "-BUSY", "-NOREPLICAS", "-NOPERM", "-MASTERDOWN")
"""Redis 6 wraps what its own state refuses in "Error running script"."""


class QueueGivenUp(RedisError):
    """Redis stayed away for so long that this process ends without it."""


def is_lasting(error: BaseException) -> bool:
    """Whether Redis knows us and does not let us in: somebody has to change something first. Or it is given up."""
    return isinstance(error, NoPermissionError | AuthenticationError | AuthorizationError | QueueGivenUp)


def is_our_bug(error: BaseException) -> bool:
    """Whether a script failed, and would fail again; not where Redis is full, loads, or is somebody's replica."""
    if type(error) is not ResponseError:
        return False
    said = str(error).removeprefix("ERR ")
    return said.startswith(_OURS) and not any(word in said for word in _OF_THE_SERVER)


def told(error: BaseException) -> str:
    """In a line for a person. Texts of redis-py name the address, never the password."""
    does = "does not let us in" if is_lasting(error) else "does not answer"
    return f"REDIS_URL: Redis {does} ({type(error).__name__}: {str(error).rstrip('.')})"

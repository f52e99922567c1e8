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

_NO_RIGHTS: Final = ("-NOPERM", "The user executing the script can't")
"""How Redis says of a script's commands that we may not give them."""

QUEUE_LOCKED: Final = "queue_locked"
"""Why a process ended: Redis knows us and does not let us in, time and again."""

LAST_WORDS_S: Final = 15.0
"""So long a process that ends waits for a Redis that does not answer. What it held goes back as a dead worker's."""


class QueueGivenUp(RedisError):
    """Redis stayed away for so long that this process ends without it."""


def is_lasting(error: BaseException) -> bool:
    """Whether Redis knows us and does not let us in: somebody has to change something first. Or it is given up."""
    if isinstance(error, NoPermissionError | AuthenticationError | AuthorizationError | QueueGivenUp):
        return True
    return isinstance(error, ResponseError) and any(words in str(error) for words in _NO_RIGHTS)


def is_our_bug(error: BaseException) -> bool:
    """Whether a script failed, and would fail again; not where Redis is full, loads, or is somebody's replica."""
    if type(error) is not ResponseError:
        return False
    said = str(error).removeprefix("ERR ")
    return said.startswith(_OURS) and not any(word in said for word in _OF_THE_SERVER)


def told(error: BaseException) -> str:
    """In a line for a person. Texts of redis-py name the address, never the password."""
    does = "does not let us in" if is_lasting(error) else "does not answer"
    if isinstance(error, ResponseError) and not is_lasting(error):
        does = "takes nothing"  # it is full, loads, or is somebody's replica
    return f"REDIS_URL: Redis {does} ({type(error).__name__}: {str(error).rstrip('.')})"

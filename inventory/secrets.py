"""Secrets from the environment, or from the file that `NAME_FILE` names (as Docker and Kubernetes mount them)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


class SecretFileError(ValueError):
    """`NAME_FILE` names a file that cannot be read."""


def read_secret(name: str, environment: Mapping[str, str]) -> str | None:
    """The value of `name`, else the stripped text of the file in `name_FILE`, else None.

    Raises `SecretFileError` where the file cannot be read: a secret that was meant must not be silently absent.
    """
    if environment.get(name):
        return environment[name]
    path = environment.get(f"{name}_FILE")
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SecretFileError(f"{name}_FILE={path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SecretFileError(f"{name}_FILE={path}: is no UTF-8 text") from None

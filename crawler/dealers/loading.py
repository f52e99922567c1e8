"""Reads the folder of dealer files: TOML with `${NAME}` filled from the environment, into validated declarations."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from crawler.dealers.declaration import Dealer
from crawler.dealers.errors import DealerFileError, UnknownDealerName, did_you_mean
from inventory.secrets import SecretFileError, read_secret

_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


def load_dealers(folder: Path, environment: Mapping[str, str]) -> dict[str, Dealer]:
    """All dealers of a folder by name, sorted. Raises `DealerFileError` with every problem of the first bad file."""
    return {file.stem: load_dealer(file, environment) for file in dealer_files(folder)}


def dealer_files(folder: Path) -> list[Path]:
    """The dealer files of a folder, sorted. Raises `DealerFileError` where there is no such folder."""
    if not folder.is_dir():
        raise DealerFileError(folder, [("", "no such folder; set DEALERS_DIR to the folder of your dealer files")])
    return sorted(folder.glob("*.toml"))


def load_dealer(file: Path, environment: Mapping[str, str]) -> Dealer:
    """One dealer file. Raises `DealerFileError`, which names file, key and reason."""
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise DealerFileError(file, [("", error.strerror or "cannot be read")]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DealerFileError(file, [("", f"is no TOML: {error}")]) from None
    problems: list[tuple[str, str]] = []
    secrets: list[str] = []
    filled = _fill(said, _Environment(environment, problems, secrets), "")
    if problems:
        raise DealerFileError(file, problems)
    try:
        dealer = Dealer(name=file.stem, **filled)
    except ValidationError as error:
        raise DealerFileError(file, [_problem(entry) for entry in error.errors(include_url=False)]) from None
    except TypeError:
        raise DealerFileError(file, [("name", "is the file's name; leave it out")]) from None
    dealer.keep_secret(secrets)
    return dealer


def choose(dealers: Mapping[str, Dealer], names: Collection[str]) -> dict[str, Dealer]:
    """The dealers of these names. Raises `UnknownDealerName` with the nearest name."""
    for name in names:
        if name not in dealers:
            raise UnknownDealerName(name, dealers)
    return {name: dealer for name, dealer in dealers.items() if name in names}


@dataclass(frozen=True, slots=True)
class _Environment:
    """Where `${NAME}` is looked up; gathers what is wrong and what is secret (all that has no default)."""

    values: Mapping[str, str]
    problems: list[tuple[str, str]]
    secrets: list[str]

    def value(self, key: str, match: re.Match[str]) -> str:
        name, default = match[1], match[2]
        try:
            found = read_secret(name, self.values)
        except SecretFileError as error:
            self.problems.append((key, str(error)))
            return ""
        if default is not None:
            return default if found is None else found
        if found is None:
            self.problems.append((key, f"${{{name}}} is not set in the environment (nor {name}_FILE)"))
        elif key == "url":
            self.problems.append((key, f"${{{name}}}: is shown to everybody; no secret belongs in it"))
        else:
            self.secrets.append(found)
        return found or ""


def _fill(value: Any, environment: _Environment, key: str) -> Any:
    if isinstance(value, dict):
        return {k: _fill(v, environment, f"{key}.{k}" if key else k) for k, v in value.items()}
    if isinstance(value, list):
        return [_fill(entry, environment, key) for entry in value]
    if not isinstance(value, str):
        return value
    return _VARIABLE.sub(partial(environment.value, key), value)


def _problem(entry: Any) -> tuple[str, str]:
    key = ".".join(str(part) for part in entry["loc"] if part != "[key]")
    if entry["type"] == "extra_forbidden":
        part = Dealer.model_fields.get(str(entry["loc"][0]))
        inner = getattr(part.annotation, "model_fields", None) if part else None
        known = list(inner) if inner and len(entry["loc"]) > 1 else [*Dealer.model_fields]
        return key, f"unknown key{did_you_mean(str(entry['loc'][-1]), known)}"
    return key, str(entry["msg"]).removeprefix("Value error, ")
